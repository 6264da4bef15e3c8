/* SPDX-License-Identifier: Apache-2.0 */
#include "saip/fault.h"

#include <stdio.h>

#include "base/text.h"

enum saip_status saip_result_status(const struct saip_result *r)
{
    return r->aborted && r->n ? r->faults[r->n - 1].status : SAIP_OK;
}

void saip_result_end(struct saip_result *r, enum saip_status status)
{
    *r = (struct saip_result){ .n = 1, .aborted = true };
    r->faults[0] = (struct saip_fault){ .status = status,
                                        .identification = -1,
                                        .clause = SAIP_CLAUSE("8.10"),
                                        .expected = "a profile package",
                                        .found = "something else" };
}

const char *saip_status_name(int64_t status)
{
    const struct asn1_type *t = saip_PEStatus_type.fields[0].type;
    for (size_t i = 0; i < t->n_names; i++)
        if (t->names[i].value == status)
            return t->names[i].name;
    return "proprietary";
}

const char *saip_fault_place(const struct saip_fault *f, char *out, size_t size)
{
    char number[32] = "";
    if (f->identification >= 0)
        snprintf(number, sizeof number, ", identification %d", (int)f->identification);
    if (f->element)
        snprintf(out, size, "element %zu (%s%s)%s%s", f->element, f->kind, number, f->member ? ", " : "",
                 f->member ? f->member : "");
    else
        snprintf(out, size, "the package");
    return out;
}

int saip_fault_err(const struct saip_fault *f, struct err *e)
{
    char place[SAIP_PLACE_TEXT];
    if (!f->element)
        return err_set(e, ERR_VALUE, f->clause, "%s expected, %s found", f->expected, f->found);
    return err_set(e, ERR_VALUE, f->clause, "%s: %s expected, %s found", saip_fault_place(f, place, sizeof place),
                   f->expected, f->found);
}

static struct saip_PEStatus status_of(const struct saip_fault *f)
{
    return (struct saip_PEStatus){ .status = f->status,
                                   .has_identification = f->identification >= 0,
                                   .identification = f->identification,
                                   .has_additional_information = f->additional != 0,
                                   .additional_information = f->additional,
                                   .has_offset = f->element != 0,
                                   .offset = (int64_t)f->offset };
}

/* 2 to 64 octets: the place, and as much of what was found as there is room for. */
static struct bytes message_of(struct arena *a, const struct saip_fault *f)
{
    enum { MESSAGE_MAX = 64 };
    const char *text = f->element ? arena_printf(a, "PE %zu %s%s%s: %s", f->element, f->kind, f->member ? " " : "",
                                                 f->member ? f->member : "", f->found)
                                  : f->found;
    struct bytes message = text ? bytes_text(text) : BYTES_NONE;
    message = bytes_slice(message, 0, message.n < MESSAGE_MAX ? message.n : MESSAGE_MAX);
    return message.n >= 2 && utf8_valid(message) ? message : BYTES_NONE;
}

int saip_response(struct arena *a, const struct saip_result *r, struct bytes *der, struct err *e)
{
    struct saip_PEStatus items[SAIP_FAULTS_MAX + 1] = { 0 };
    for (size_t i = 0; i < r->n; i++)
        items[i] = status_of(&r->faults[i]);
    items[r->n] = (struct saip_PEStatus){ .status = SAIP_OK };
    struct saip_EUICCResponse response = {
        .peStatus = { .n = r->n + !r->aborted, .items = items },
        .profileInstallationAborted = r->aborted,
        .statusMessage = r->aborted && r->n ? message_of(a, &r->faults[r->n - 1]) : BYTES_NONE,
    };
    return asn1_encode(a, &saip_EUICCResponse_type, &response, der, e);
}
