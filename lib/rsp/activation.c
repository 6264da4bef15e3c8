/* SPDX-License-Identifier: Apache-2.0 */
#include "rsp/activation.h"

#include "asn1/asn1.h"
#include "base/buf.h"
#include "rsp/ids.h"

static const char CLAUSE[] = "SGP.22 4.1";

enum { FORMAT, ADDRESS, MATCHING_ID, OID, CONFIRMATION, N_FIELDS };

/* Splits at '$'; absent fields stay absent.  Fields beyond those known are ignored. */
static size_t split(struct bytes text, struct bytes fields[N_FIELDS])
{
    size_t n = 0;
    for (size_t i = 0; i <= text.n; n++) {
        size_t end = i;
        while (end < text.n && text.p[end] != '$')
            end++;
        if (n < N_FIELDS)
            fields[n] = bytes_make(text.p + i, end - i);
        i = end + 1;
    }
    return n;
}

static int bad(struct err *e, const char *field, const char *why)
{
    err_set(e, ERR_SYNTAX, CLAUSE, "%s", why);
    return err_at(e, "activation code, %s", field);
}

static bool matching_id_valid(struct bytes id)
{
    for (size_t i = 0; i < id.n; i++)
        if (id.p[i] <= ' ' || id.p[i] > '~')
            return false;
    return true;
}

static bool oid_valid(struct bytes oid)
{
    struct arena *scratch = arena_new(1024);
    struct bytes out;
    bool valid = scratch && asn1_oid_parse(scratch, oid, &out, NULL) == 0;
    arena_free(scratch);
    return valid;
}

int activation_code_parse(struct bytes text, bool port, struct activation_code *out, struct err *e)
{
    struct bytes f[N_FIELDS] = { { NULL, 0 } };
    *out = (struct activation_code){ 0 };
    if (bytes_equal_nocase(bytes_slice(text, 0, 4), BYTES_LIT("LPA:")))
        text = bytes_slice(text, 4, text.n);
    if (text.n > ACTIVATION_CODE_MAX)
        return bad(e, "length", "it has more than 255 characters");
    size_t n = split(text, f);
    if (!bytes_equal(f[FORMAT], BYTES_LIT("1")))
        return bad(e, "format", "it does not begin with \"1$\"; put the code in single quotes if a shell has cut it");
    if (n < 3)
        return bad(e, "matching ID", "the \"$\" before it is missing; put the code in single quotes if a shell "
                                     "has cut it");
    if (!fqdn_valid(f[ADDRESS], port))
        return bad(e, "SM-DP+ address", "it is not a host name with at least one dot");
    if (!matching_id_valid(f[MATCHING_ID]))
        return bad(e, "matching ID", "it holds a character that is not printable");
    if (f[OID].n && !oid_valid(f[OID]))
        return bad(e, "SM-DP+ OID", "it is not an object identifier such as 1.3.6.1.4.1.31746");
    if (f[CONFIRMATION].n && !bytes_equal(f[CONFIRMATION], BYTES_LIT("1")))
        return bad(e, "confirmation code flag", "it is neither empty nor \"1\"");
    out->address = f[ADDRESS];
    out->matching_id = f[MATCHING_ID];
    out->oid = f[OID].n ? f[OID] : BYTES_NONE;
    out->confirmation_code = f[CONFIRMATION].n;
    return 0;
}

const char *activation_code_text(struct arena *a, const struct activation_code *c, bool qr)
{
    struct buf out = buf_in(a);
    buf_text(&out, qr ? "LPA:1$" : "1$");
    buf_add(&out, c->address);
    buf_u8(&out, '$');
    buf_add(&out, c->matching_id);
    if (bytes_present(c->oid) || c->confirmation_code)
        buf_u8(&out, '$');
    buf_add(&out, c->oid);
    if (c->confirmation_code)
        buf_text(&out, "$1");
    return buf_str(&out);
}
