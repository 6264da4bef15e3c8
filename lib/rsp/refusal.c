/* SPDX-License-Identifier: Apache-2.0 */
#include "rsp/refusal.h"

static const struct rsp_refusal refusals[] = {
#define X(code, subject, reason, what, next) { code, #code, subject, reason, what, next },
    RSP_REFUSALS(X)
#undef X
};

enum { N_REFUSALS = sizeof refusals / sizeof *refusals };

const struct rsp_refusal *rsp_refusal_of(int code)
{
    return &refusals[(rsp_is_refusal(code) ? code : RSP_INTERNAL) - RSP_REFUSAL_FIRST - 1];
}

const struct rsp_refusal *rsp_refusal_find(struct bytes subject, struct bytes reason)
{
    for (size_t i = 0; i < N_REFUSALS; i++)
        if (bytes_equal(bytes_text(refusals[i].subject), subject) &&
            bytes_equal(bytes_text(refusals[i].reason), reason))
            return &refusals[i];
    return NULL;
}

int rsp_refuse(struct err *e, int code, const char *clause)
{
    return err_set(e, code, clause, "%s", rsp_refusal_of(code)->what);
}

/* SGP.22 5.2.6.1 and 5.2.6.2, in our words. */
static const struct {
    const char *code, *name;
} subjects[] = {
    { "1", "generic" },
    { "1.1", "function requester" },
    { "1.2", "function provider" },
    { "1.3", "protocol" },
    { "1.3.1", "message format" },
    { "1.3.2", "protocol version" },
    { "1.6", "function" },
    { "8", "remote SIM provisioning" },
    { "8.1", "eUICC" },
    { "8.1.1", "EID" },
    { "8.1.2", "EUM certificate" },
    { "8.1.3", "eUICC certificate" },
    { "8.2", "profile" },
    { "8.2.1", "profile ICCID" },
    { "8.2.5", "profile type" },
    { "8.2.6", "matching ID" },
    { "8.2.7", "confirmation code" },
    { "8.2.8", "profile policy rules" },
    { "8.2.9", "profile metadata" },
    { "8.2.10", "bound profile package" },
    { "8.8", "SM-DP+" },
    { "8.8.1", "SM-DP+ address" },
    { "8.8.2", "security configuration of the SM-DP+" },
    { "8.8.3", "SGP.22 version of the SM-DP+" },
    { "8.8.4", "SM-DP+ certificate" },
    { "8.8.5", "download order" },
    { "8.9", "SM-DS" },
    { "8.9.1", "SM-DS address" },
    { "8.9.2", "security configuration of the SM-DS" },
    { "8.9.3", "SGP.22 version of the SM-DS" },
    { "8.9.4", "SM-DS certificate" },
    { "8.9.5", "event record" },
    { "8.10", "RSP operation" },
    { "8.10.1", "transaction ID" },
    { "8.11", "certificate issuer" },
    { "8.11.1", "CI public key" },
}, reasons[] = {
    { "1.1", "unknown" },
    { "1.2", "not allowed" },
    { "2.1", "invalid" },
    { "2.2", "mandatory element missing" },
    { "2.3", "conditional element missing" },
    { "3.1", "unsupported" },
    { "3.3", "already in use" },
    { "3.5", "invalid state" },
    { "3.7", "unavailable" },
    { "3.8", "refused" },
    { "3.9", "unknown" },
    { "3.10", "invalid association" },
    { "3.11", "value has changed" },
    { "4.2", "execution error" },
    { "4.3", "stopped on warning" },
    { "4.8", "insufficient memory" },
    { "4.10", "time to live expired" },
    { "5.1", "inaccessible" },
    { "6.1", "verification failed" },
    { "6.3", "expired" },
    { "6.4", "maximum number of tries exceeded" },
};

const char *rsp_subject_name(struct bytes subject)
{
    for (size_t i = 0; i < sizeof subjects / sizeof *subjects; i++)
        if (bytes_equal(bytes_text(subjects[i].code), subject))
            return subjects[i].name;
    return "subject unknown to SGP.22 v2.5";
}

const char *rsp_reason_name(struct bytes reason)
{
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
        if (bytes_equal(bytes_text(reasons[i].code), reason))
            return reasons[i].name;
    return "reason unknown to SGP.22 v2.5";
}
