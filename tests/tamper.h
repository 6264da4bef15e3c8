/* What stands between LPA and server, with every key of the world in its hands: messages are opened, changed and, where
 * the change asks for it, signed anew by the card, so that a session goes on as if the card had said so. */
#ifndef RSPKIT_TESTS_TAMPER_H
#define RSPKIT_TESTS_TAMPER_H

#include "world.h"

bool tamper_is(const struct rsp_request *, enum rsp_function);
/* The fields of an answer that is a success. */
void tamper_answer(enum rsp_function, const struct rsp_request *, struct rsp_response *, void (*change)(void *out));

/* A copy with one bit turned round. */
struct bytes tamper_flip(struct bytes, size_t at);
/* One element, constructed, with other content: more elements at its end; the element of a tag inside it replaced by
 * others (none: taken out).  `elements` is hex. */
struct bytes tamper_append(struct bytes element, const char *elements);
struct bytes tamper_replace(struct bytes element, uint32_t tag, const char *elements);

/* One change of a function's requests. */
struct tamper {
    const char *name;
    enum rsp_function function;
    /* What `change` is given: the fields of the request; the card's message in them, decoded; the same, signed by the
     * card after the change.  Of a message that is changed, `raw` is to be set or cleared down to where it is changed.
     */
    enum { TAMPER_FIELDS, TAMPER_MESSAGE, TAMPER_SIGNED } level;
    /* For messages:  InitiateAuthentication rsp_EUICCInfo1,  AuthenticateClient rsp_AuthenticateResponseOk,
     * GetBoundProfilePackage rsp_PrepareDownloadResponseOk,  CancelSession rsp_CancelSessionResponseOk,
     * HandleNotification rsp_PendingNotification. */
    void (*change)(void *);
};

/* From now on (until tamper_end) requests are changed so; several changes may be in force at once. */
void tamper_with(struct world *, const struct tamper *);
/* The chain that the card shows in AuthenticateClient and in notifications; absent: its own. */
void tamper_certificates(struct world *, struct bytes eum, struct bytes euicc);
void tamper_end(struct world *);
/* The two hooks that do it, set by the functions above. */
void tamper_request(struct world *, struct rsp_request *);
void tamper_response(struct world *, const struct rsp_request *, struct rsp_response *);

/* Changes that more than one test uses, by name, or NULL. */
const struct tamper *tamper_find(const char *name);

#endif
