/* The ASN.1 binding of ES9+ and ES11 (SGP.22 6.6): every function at one URL, told by a tag.  It carries the same TLVs
 * that the JSON binding carries as base64, so nothing is decoded and written anew here.
 */
#ifndef RSPKIT_RSP_BINDING_H
#define RSPKIT_RSP_BINDING_H

#include "rsp/function.h"

/* RemoteProfileProvisioningRequest -> function and its struct (in the arena), of ES9+ where ES11 has the same request.
 * ERR_SYNTAX if it is none. */
int rsp_asn1_read_request(struct arena *, struct bytes body, enum rsp_function *, void **in, struct err *);
int rsp_asn1_write_request(struct arena *, enum rsp_function, const void *in, struct bytes *body, struct err *);

/* RemoteProfileProvisioningResponse.  `refusal`: NULL, or what was refused: the function's own error number says it,
 * undefinedError where it has none (InitiateAuthentication: ERR_UNSUPPORTED where no number fits). */
int rsp_asn1_write_response(struct arena *, enum rsp_function, const struct err *refusal, const void *out,
                            struct bytes *body, struct err *);
/* `status` gets the subject and reason of the JSON binding for an error number. */
int rsp_asn1_read_response(struct arena *, enum rsp_function, struct bytes body, struct rsp_status *status, void *out,
                           struct err *);

#endif
