/* SPDX-License-Identifier: Apache-2.0 */
#include "lpa/explain.h"

#include <stdio.h>

static const struct {
    const char *function, *why;
} lessons[] = {
    { "GetEUICCChallenge", "a fresh number from the card: an old answer of a server cannot be replayed" },
    { "GetEUICCInfo", "which certificate issuers the card trusts: server and card must share one" },
    { "InitiateAuthentication",
      "the server signs the card's challenge: a rogue server has no key that a CI certified" },
    { "AuthenticateServer", "the card checks chain, role and signature before it signs or shows anything" },
    { "AuthenticateClient",
      "the server checks the card's chain and signature: software that only pretends to be a card has no key" },
    { "GetRAT", "which operators may forbid disabling or deleting: a profile cannot take a card hostage" },
    { "PrepareDownload", "one-time keys: what is recorded today cannot be opened with keys stolen tomorrow" },
    { "GetBoundProfilePackage",
      "the profile is encrypted from server to chip and bound to one EID: of no use to any other card" },
    { "LoadBoundProfilePackage", "the card's signed result: the operator knows what was installed, and where" },
    { "HandleNotification", "signed by the card and numbered: it can be neither forged nor repeated with effect" },
    { "RemoveNotificationFromList", "only after the server took it: no result is lost" },
    { "CancelSession", "signed by the card: nobody else can end an order" },
    { "EnableProfile", "one profile at a time, and only if the rules of the enabled one allow it" },
    { "GetProfilesInfo", "names and states only: keys are never read" },
};

static const struct {
    const char *field;
    const struct asn1_type *type;
} contents[] = {
    { "euiccInfo1", &rsp_EUICCInfo1_type },
    { "serverSigned1", &rsp_ServerSigned1_type },
    { "authenticateServerResponse", &rsp_AuthenticateServerResponse_type },
    { "profileMetadata", &rsp_StoreMetadataRequest_type },
    { "smdpSigned2", &rsp_SmdpSigned2_type },
    { "prepareDownloadResponse", &rsp_PrepareDownloadResponse_type },
    { "boundProfilePackage", &rsp_BoundProfilePackage_type },
    { "pendingNotification", &rsp_PendingNotification_type },
    { "cancelSessionResponse", &rsp_CancelSessionResponse_type },
};

/* A decoded value, or hex where it does not decode. */
static void value_show(struct arena *a, struct buf *out, const struct asn1_type *type, struct bytes der)
{
    void *value = type ? arena_alloc(a, type->size) : NULL;
    if (value && asn1_decode(a, type, der, ASN1_WIRE, value, NULL) == 0) {
        asn1_print(out, type, value, NULL, 1);
        return;
    }
    buf_u8(out, '\'');
    hex_append(out, der);
    buf_text(out, "'H");
}

static const struct asn1_type *type_of(const char *field)
{
    for (size_t i = 0; i < sizeof contents / sizeof *contents; i++)
        if (strcmp(contents[i].field, field) == 0)
            return contents[i].type;
    return NULL;
}

static void fields_show(struct arena *a, struct buf *out, const struct rsp_field *fields, const uint8_t *values)
{
    for (const struct rsp_field *f = fields; f->name; f++) {
        struct bytes v = *(const struct bytes *)(values + f->offset);
        if (f->kind > RSP_ICCID || !bytes_present(v))
            continue;
        buf_printf(out, "  %s ", f->name);
        if (f->kind == RSP_TEXT)
            buf_printf(out, "\"%.*s\"", (int)v.n, v.p);
        else
            value_show(a, out, type_of(f->name), v);
        buf_u8(out, '\n');
    }
}

/* JSON of ES9+: its fields, each decoded. */
static void json_show(struct arena *a, struct buf *out, const struct lpa_message *m)
{
    for (int i = ES9_INITIATE_AUTHENTICATION; i <= ES9_CANCEL_SESSION; i++) {
        const struct rsp_function_info *info = &rsp_functions[i];
        if (strcmp(strchr(info->name, '.') + 1, m->function) != 0)
            continue;
        void *values = arena_alloc(a, m->to_server ? info->request_size : info->response_size + 1);
        struct rsp_status status;
        int bad = !values || (m->to_server
                                  ? rsp_read_request(a, (enum rsp_function)i, m->text, NULL, values, NULL)
                                  : rsp_read_response(a, (enum rsp_function)i, m->text, &status, values, NULL));
        if (!bad && !m->to_server && status.executed > RSP_WITH_WARNING)
            buf_printf(out, "  Failed %.*s/%.*s\n", (int)status.subject.n, status.subject.p, (int)status.reason.n,
                       status.reason.p);
        else if (!bad)
            fields_show(a, out, m->to_server ? info->request : info->response, values);
        return;
    }
}

static const char *direction(const struct lpa_message *m)
{
    return m->to_card     ? "LPA -> eUICC"
           : m->from_card ? "eUICC -> LPA"
           : m->to_server ? "LPA -> SM-DP+"
                          : "SM-DP+ -> LPA";
}

void lpa_explain(const struct lpa_message *m)
{
    struct arena *a = arena_new(64 << 20);
    if (!a)
        return;
    struct buf out = buf_in(a);
    buf_printf(&out, "== %s  %s.%s\n", direction(m), m->interface, m->function);
    if (m->to_card || m->to_server || strcmp(m->function, "LoadBoundProfilePackage") == 0)
        for (size_t i = 0; i < sizeof lessons / sizeof *lessons; i++)
            if (strcmp(lessons[i].function, m->function) == 0)
                buf_printf(&out, "-- protects: %s\n", lessons[i].why);
    if (m->type) {
        value_show(a, &out, m->type, m->der);
        buf_u8(&out, '\n');
    } else {
        json_show(a, &out, m);
    }
    const char *text = buf_str(&out);
    if (text)
        fputs(text, stdout);
    arena_free(a);
}
