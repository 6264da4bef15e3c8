/* Why an RSP function is refused: one table from our code to the subject and
 * reason codes of SGP.22 5.2.6, and to a sentence for a person.
 *
 * Handlers say `return refuse(e, RSP_ORDER_EXPIRED, "SGP.22 5.6.3", "...")`; the
 * bindings turn err.code into what the wire wants.
 */
#ifndef RSPKIT_RSP_REFUSAL_H
#define RSPKIT_RSP_REFUSAL_H

#include "base/bytes.h"
#include "base/err.h"

/* X(code, subject, reason, what happened, what to do next) */
#define RSP_REFUSALS(X)                                                                                     \
    X(RSP_BAD_FORMAT, "1.3.1", "2.1", "the request is malformed", "correct the request")                    \
    X(RSP_FIELD_MISSING, "1.3.1", "2.2", "a mandatory field is missing", "add the field")                   \
    X(RSP_REQUESTER_NOT_ALLOWED, "1.1", "1.2", "the caller may not use this function",                      \
      "use the client certificate that is registered")                                                      \
    X(RSP_INTERNAL, "1.6", "4.2", "the server could not carry it out", "try again later")                   \
    X(RSP_EUICC_SIGNATURE, "8.1", "6.1", "the signature of the eUICC is wrong",                             \
      "start the download again; if it stays so, the card or the LPA is at fault")                          \
    X(RSP_CARD_MEMORY, "8.1", "4.8", "the eUICC lacks memory for the profile",                              \
      "delete a profile from the card and try again")                                                       \
    X(RSP_EID_MISSING, "8.1.1", "2.2", "the order needs an EID", "give the EID of the card")                \
    X(RSP_EID_OTHER, "8.1.1", "3.8", "the order belongs to another EID",                                    \
      "use the card that the profile was ordered for")                                                      \
    X(RSP_EID_CHANGED, "8.1.1", "3.10", "the EID differs from the one given before",                        \
      "give the EID of the order, or cancel it")                                                            \
    X(RSP_EUM_INVALID, "8.1.2", "6.1", "the EUM certificate is not valid", "use a card of a trusted maker") \
    X(RSP_EUM_EXPIRED, "8.1.2", "6.3", "the EUM certificate has expired", "use a newer card")               \
    X(RSP_EUICC_INVALID, "8.1.3", "6.1", "the eUICC certificate is not valid",                              \
      "use a card of a trusted maker")                                                                      \
    X(RSP_EUICC_EXPIRED, "8.1.3", "6.3", "the eUICC certificate has expired", "use a newer card")           \
    X(RSP_BPP_FAILED, "8.2.10", "4.2", "the card could not install the profile",                            \
      "look at the result that the card gave")                                                              \
    X(RSP_NOT_RELEASED, "8.2", "1.2", "the profile is not released yet", "ask the operator to release it")  \
    X(RSP_REBINDING, "8.2", "3.7", "the profile is bound already and may not be bound again",               \
      "ask the operator for a new profile")                                                                 \
    X(RSP_PROFILE_UNKNOWN, "8.2.1", "3.9", "no profile has this ICCID", "check the ICCID")                  \
    X(RSP_PROFILE_NOT_YOURS, "8.2.1", "1.2", "the profile belongs to another operator",                     \
      "check the ICCID")                                                                                    \
    X(RSP_PROFILE_IN_USE, "8.2.1", "3.3", "the profile is in use", "cancel the order first")                \
    X(RSP_PROFILE_STATE, "8.2.1", "3.5", "the state of the profile does not allow it",                      \
      "look at the state of the order")                                                                     \
    X(RSP_PROFILE_EID, "8.2.1", "3.10", "the EID is not the one of the order", "give the EID of the order") \
    X(RSP_TYPE_UNKNOWN, "8.2.5", "3.9", "no such profile type", "check the profile type")                   \
    X(RSP_TYPE_NOT_YOURS, "8.2.5", "1.2", "the profile type belongs to another operator",                   \
      "check the profile type")                                                                             \
    X(RSP_TYPE_EMPTY, "8.2.5", "3.7", "no profile of this type is left", "import more profiles")            \
    X(RSP_TYPE_OTHER, "8.2.5", "3.8", "the profile is of another type", "give one of the two only")         \
    X(RSP_NOT_ELIGIBLE, "8.2.5", "4.3", "the card or device does not suit the profile",                     \
      "use another card or another profile type")                                                           \
    X(RSP_EVENT_ID_EMPTY, "8.2.6", "2.1", "an order with an SM-DS needs a matching ID, its event ID",       \
      "give a matching ID, or none, so that one is made")                                                   \
    X(RSP_MATCHING_ID_USED, "8.2.6", "3.3", "the matching ID is used by another order",                     \
      "choose another matching ID")                                                                         \
    X(RSP_MATCHING_ID, "8.2.6", "3.8", "no order has this matching ID",                                     \
      "check the activation code; it may have been used or cut")                                            \
    X(RSP_MATCHING_ID_OTHER, "8.2.6", "3.10", "the matching ID is not the one of the order",                \
      "give the matching ID of the order")                                                                  \
    X(RSP_CC_MISSING, "8.2.7", "2.2", "the confirmation code is missing",                                   \
      "enter the confirmation code from your operator")                                                     \
    X(RSP_CC_WRONG, "8.2.7", "3.8", "the confirmation code is wrong", "enter it again")                     \
    X(RSP_CC_EXHAUSTED, "8.2.7", "6.4", "the confirmation code was wrong too often",                        \
      "ask the operator for a new activation code")                                                         \
    X(RSP_CALLER_OID, "8.8", "3.10", "the signed OID is not the one of this SM-DP+",                        \
      "start the download again")                                                                           \
    X(RSP_ADDRESS, "8.8.1", "3.8", "this server does not have the address that was asked for",              \
      "check the address in the activation code")                                                           \
    X(RSP_CI_NOT_SUPPORTED, "8.8.2", "3.1", "no CI that the card signs under is trusted here",              \
      "use a card of a CI that the server trusts")                                                          \
    X(RSP_SVN_NOT_SUPPORTED, "8.8.3", "3.1", "the card has a version of SGP.22 that is not supported",      \
      "use a card with SGP.22 v2")                                                                          \
    X(RSP_NO_CERTIFICATE, "8.8.4", "3.7", "the server has no certificate under a CI that the card knows",   \
      "use a server with a certificate of the card's CI")                                                   \
    X(RSP_ORDER_EXPIRED, "8.8.5", "4.10", "the order has expired", "ask the operator for a new one")        \
    X(RSP_ATTEMPTS_EXHAUSTED, "8.8.5", "6.4", "the profile was downloaded too often",                       \
      "ask the operator for a new activation code")                                                         \
    X(RSP_SMDS_UNREACHABLE, "8.9", "5.1", "the SM-DS cannot be reached", "check its address; try again")    \
    X(RSP_SMDS_FAILED, "8.9", "4.2", "the SM-DS answered with an error", "try again later")                 \
    X(RSP_SMDS_ADDRESS, "8.9.1", "3.8", "this SM-DS does not have the address that was asked for",          \
      "check the SM-DS address of the card, or the one given")                                              \
    X(RSP_SMDS_CI_NOT_SUPPORTED, "8.9.2", "3.1", "no CI that the card signs under is trusted by the SM-DS", \
      "use a card of a CI that the SM-DS trusts")                                                           \
    X(RSP_SMDS_SVN_NOT_SUPPORTED, "8.9.3", "3.1",                                                           \
      "the card has a version of SGP.22 that the SM-DS does not support", "use a card with SGP.22 v2")      \
    X(RSP_SMDS_NO_CERTIFICATE, "8.9.4", "3.7",                                                              \
      "the SM-DS has no certificate under a CI that the card knows",                                        \
      "use an SM-DS with a certificate of the card's CI")                                                   \
    X(RSP_EVENTS_FULL, "8.9.5", "4.8", "there are as many events for this EID as may be",                   \
      "delete events that are over")                                                                        \
    X(RSP_EVENT_EXISTS, "8.9.5", "3.3", "the event is registered already", "use another event ID")          \
    X(RSP_EVENT_UNKNOWN, "8.9.5", "3.9", "no such event", "check the event ID")                             \
    X(RSP_TRANSACTION, "8.10.1", "3.9", "the transaction is not known (any more)",                          \
      "start the download again")                                                                           \
    X(RSP_CI_UNKNOWN, "8.11.1", "3.9", "the card's CI is not trusted here",                                 \
      "use a card of a CI that the server trusts")

enum rsp_refusal_code {
    RSP_REFUSAL_FIRST = ERR_RSP - 1,
#define X(code, subject, reason, what, next) code,
    RSP_REFUSALS(X)
#undef X
    RSP_REFUSAL_END
};

struct rsp_refusal {
    int code;
    const char *name;             /* RSP_... */
    const char *subject, *reason; /* SGP.22 5.2.6.1, 5.2.6.2 */
    const char *what, *next;      /* a sentence each, no full stop */
};

/* The row of a code; of RSP_INTERNAL for a code that is not a refusal. */
const struct rsp_refusal *rsp_refusal_of(int code);

/* The row of a subject and reason pair that a server sent, or NULL. */
const struct rsp_refusal *rsp_refusal_find(struct bytes subject, struct bytes reason);

static inline bool rsp_is_refusal(int code)
{
    return code > RSP_REFUSAL_FIRST && code < RSP_REFUSAL_END;
}

/* Sets the error with the table's sentence. */
int rsp_refuse(struct err *e, int code, const char *clause);

/* A sentence for any pair of the standard's code lists (SGP.22 5.2.6), also those
 * that we never send: "confirmation code: refused".  Never NULL. */
const char *rsp_subject_name(struct bytes subject);
const char *rsp_reason_name(struct bytes reason);

#endif
