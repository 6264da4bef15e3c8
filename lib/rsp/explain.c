/* SPDX-License-Identifier: Apache-2.0 */
#include "rsp/explain.h"

#include "crypto/cert.h"
#include "rsp/binding.h"
#include "rsp/json.h"
#include "schema/rsp.h"

static const struct lesson {
    const char *function, *request, *answer;
} lessons[] = {
    { "ES2+.DownloadOrder", "mutual TLS: only the operator who owns the profiles may order one",
      "this ICCID has left the pool: no profile is given to two customers" },
    { "ES2+.ConfirmOrder", "nothing can be downloaded before the operator says so (releaseFlag)",
      "a matching ID that nobody guesses: who has it may download the profile, once" },
    { "ES2+.ReleaseProfile", "the operator's network knows the subscriber before the first attach",
      "from now on the activation code works" },
    { "ES2+.CancelOrder", "an activation code that was lost can be made worthless",
      "the code does not work any more, whoever holds it" },
    { "ES2+.HandleDownloadProgressInfo", "the operator sees each step, also those that fail",
      "taken over: it need not be sent again" },
    { "ES8+.InitialiseSecureChannel", "signed by the server: nobody else can open a channel into the card", NULL },
    { "ES8+.ConfigureISDP", "a place of its own for the profile, apart from all others on the card", NULL },
    { "ES8+.StoreMetadata", "what the user was shown is what the card installs, under a MAC", NULL },
    { "ES8+.ReplaceSessionKeys", "keys of the profile: it is encrypted once and still bound to one card", NULL },
    { "ES8+.LoadProfileElements", "keys and files in clear inside the card alone: neither LPA nor network sees them",
      NULL },
    { "ES9+.InitiateAuthentication", "the server has to sign a number that the card chose just now",
      "a rogue server has no key that a CI certified, and cannot use an old signature" },
    { "ES9+.AuthenticateClient", "chain and signature of the card: software that only pretends has no such key",
      "the matching ID is right and the order released: what is about to come, signed" },
    { "ES9+.GetBoundProfilePackage", "the card's one-time key, signed: nobody slips another one in",
      "encrypted from server to chip and bound to one EID: of no use to any other card" },
    { "ES9+.HandleNotification", "signed by the card and numbered: neither forged nor repeated with effect",
      "taken over: now the card may forget it" },
    { "ES9+.CancelSession", "signed by the card: nobody else can end an order", "the order knows why it ended" },
    { "ES11.InitiateAuthentication", "the SM-DS has to sign a number that the card chose just now",
      "a rogue SM-DS has no key that a CI certified: it learns nothing of the card" },
    { "ES11.AuthenticateClient", "signed by the card: an SM-DS tells events to the card they are for alone",
      "places to ask only: whoever is there must still prove itself, and the user is asked" },
    { "ES10a.GetEuiccConfiguredAddresses", "the servers that the card's maker set: no stranger chooses them",
      "addresses only: whoever is there must still prove itself" },
    { "ES10b.GetEUICCChallenge", "the card begins: what it asks cannot be known beforehand",
      "a fresh number: an old answer of a server cannot be replayed" },
    { "ES10b.GetEUICCInfo", "both sides must share a certificate issuer before anything is signed",
      "the issuers that the card trusts, by the hash of their keys" },
    { "ES10b.AuthenticateServer", "the card checks chain, role and signature before it signs or shows anything",
      "the card's identity goes only to a server that has proved its own" },
    { "ES10b.GetRAT", "which operators may forbid disabling or deleting: no profile takes a card hostage",
      "rules of the card's maker: neither LPA nor server can widen them" },
    { "ES10b.PrepareDownload", "the second certificate must belong to the same server as the first",
      "one-time keys: what is recorded today cannot be opened with keys stolen tomorrow" },
    { "ES10b.LoadBoundProfilePackage", "the LPA carries what it cannot read, and what it alters is refused",
      "signed by the card: the operator knows what was installed, and where" },
    { "ES10b.CancelSession", "the card ends what it began: no half-open session stays",
      "signed by the card: the server believes no one else" },
    { "ES10b.ListNotification", "what the servers have not been told yet is kept by the card",
      "numbered without gaps: one that is held back is noticed" },
    { "ES10b.RetrieveNotificationsList", "they wait in the card until a server has taken them",
      "signed with the chain: also a server that never met the card can check them" },
    { "ES10b.RemoveNotificationFromList", "only after the server took it: no result is lost",
      "gone for good: it is not sent twice" },
    { "ES10c.GetEID", "a server is told the card's number only after it has proved itself",
      "the EID is in the card's certificate as well: it cannot be claimed by another" },
    { "ES10c.GetProfilesInfo", "names and states only: keys are never read", "nothing here lets anybody attach" },
    { "ES10c.EnableProfile", "one profile at a time, and only if the rules of the enabled one allow it",
      "done as a whole or not at all, also if the power fails" },
    { "ES10c.DisableProfile", "an operator that subsidised a device may forbid it (PPR1)",
      "done as a whole or not at all, also if the power fails" },
    { "ES10c.DeleteProfile", "an enabled profile cannot be deleted, nor one whose operator forbids it (PPR2)",
      "keys are gone with it; the server is told by a signed notification" },
    { "ES10c.SetNickname", "a name for the user's eyes: it decides nothing", "stored" },
    { "USIM.AUTHENTICATE", "AUTN: the network proves that it knows the key, and that the challenge is new",
      "RES: the card proves its key without telling it; CK and IK then protect the radio" },
};

const char *explain_lesson(const char *function, bool answer)
{
    for (size_t i = 0; i < sizeof lessons / sizeof *lessons; i++)
        if (strcmp(lessons[i].function, function) == 0)
            return answer ? lessons[i].answer : lessons[i].request;
    return NULL;
}

/* `text` behind a mark, further lines with the mark's width before them. */
static void comment(struct buf *out, const char *mark, const char *text, size_t width)
{
    size_t used = strlen(mark), indent = used;
    buf_text(out, mark);
    for (const char *word = text; *word;) {
        size_t n = strcspn(word, " ");
        if (used > indent && used + 1 + n > width) {
            buf_printf(out, "\n--%*s", (int)indent - 2, "");
            used = indent;
        }
        buf_printf(out, "%s%.*s", used > indent ? " " : "", (int)n, word);
        used += n + (used > indent);
        word += n + (word[n] == ' ');
    }
    buf_u8(out, '\n');
}

void explain_head(struct buf *out, const char *from, const char *to, const char *function, bool answer, size_t width)
{
    const char *lesson = explain_lesson(function, answer);
    buf_printf(out, "== %s -> %s  %s\n", from, to, function);
    if (lesson)
        comment(out, "-- protects: ", lesson, width);
}

/* ------------------------------------------------------------------------------- values */

/* The certificates among a message's elements are named by what they say. */
static const char *certificate_note(struct arena *a, struct bytes value)
{
    struct cert c;
    struct err e;
    if (cert_parse(a, value, &c, &e) != 0)
        return NULL;
    const char *role = "certificate";
    for (int i = 0; i < CERT_ROLES; i++)
        if (cert_check_role(&c, (enum cert_role)i, &e) == 0)
            role = cert_role_name((enum cert_role)i);
    return arena_printf(a, "%s of %s, %s%s%s", role, text_plain(a, c.common_name), ec_curve_name(c.curve),
                        bytes_present(c.serial_number) ? ", EID " : "", text_plain(a, c.serial_number));
}

void explain_value(struct buf *out, const struct asn1_type *type, const void *value, size_t width)
{
    const struct asn1_style style = { .hide_secrets = true, .width = width, .note = certificate_note };
    asn1_print(out, type, value, &style, 0);
    buf_u8(out, '\n');
}

void explain_der(struct buf *out, const struct asn1_type *type, struct bytes der, size_t width)
{
    static const struct asn1_type octets = { .name = "octets", .kind = ASN1_OCTETS, .size = sizeof(struct bytes) };
    void *value = arena_alloc(out->arena, type->size);
    if (value && asn1_decode(out->arena, type, der, ASN1_WIRE, value, NULL) == 0)
        explain_value(out, type, value, width);
    else
        explain_value(out, &octets, &der, width);
}

/* --------------------------------------------------------------------------------- JSON */

static void json_show(struct buf *out, const char *name, json_object *v, int indent)
{
    const char *comma = "";
    switch (json_object_get_type(v)) {
    case json_type_object:
        buf_text(out, "{");
        json_object_object_foreach(v, key, member)
        {
            buf_printf(out, "%s\n%*s%s ", comma, 2 * indent + 2, "", text_plain(out->arena, bytes_text(key)));
            json_show(out, key, member, indent + 1);
            comma = ",";
        }
        buf_printf(out, "\n%*s}", 2 * indent, "");
        return;
    case json_type_string:
        if (strcmp(name, "confirmationCode") == 0)
            buf_text(out, "-- not shown --");
        else
            buf_printf(out, "\"%s\"", text_plain(out->arena, bytes_text(json_object_get_string(v))));
        return;
    case json_type_boolean:
        buf_text(out, json_object_get_boolean(v) ? "TRUE" : "FALSE");
        return;
    default:
        buf_text(out, text_plain(out->arena, bytes_text(json_object_to_json_string(v))));
    }
}

/* The same message in the ASN.1 binding; -1 if it has none, or is a refusal. */
static int as_asn1(struct arena *a, enum rsp_function f, bool answer, struct bytes body, struct bytes *der)
{
    const struct rsp_function_info *info = &rsp_functions[f];
    struct rsp_status status;
    void *value = arena_alloc(a, (answer ? info->response_size : info->request_size) + 1);
    if (!value)
        return -1;
    if (!answer)
        return rsp_read_request(a, f, body, NULL, value, NULL) == 0 ? rsp_asn1_write_request(a, f, value, der, NULL)
                                                                    : -1;
    if (rsp_read_response(a, f, body, &status, value, NULL) != 0 || status.executed > RSP_WITH_WARNING)
        return -1;
    return rsp_asn1_write_response(a, f, NULL, value, der, NULL);
}

void explain_json(struct buf *out, enum rsp_function f, bool answer, struct bytes body, size_t width)
{
    struct bytes der;
    json_object *tree;
    if (as_asn1(out->arena, f, answer, body, &der) == 0) {
        explain_der(out, answer ? &rsp_RemoteProfileProvisioningResponse_type
                                : &rsp_RemoteProfileProvisioningRequest_type, der, width);
    } else if (json_parse(body, &tree, NULL) == 0) {
        json_show(out, "", tree, 0);
        json_object_put(tree);
        buf_u8(out, '\n');
    } else {
        buf_printf(out, "%s\n", text_plain(out->arena, body));
    }
}
