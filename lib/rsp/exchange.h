/* One HTTP exchange of ES2+, ES9+, ES11 or ES12, as plain data: what a core is given
 * and gives back, whether a socket stands between or not.  SGP.22 6. */
#ifndef RSPKIT_RSP_EXCHANGE_H
#define RSPKIT_RSP_EXCHANGE_H

#include "base/bytes.h"

#define RSP_ADMIN_PROTOCOL "gsma/rsp/v2.5.0" /* X-Admin-Protocol of ours */
#define RSP_USER_AGENT "gsma-rsp-lpad"
#define RSP_TYPE_JSON "application/json"
#define RSP_TYPE_ASN1 "application/x-gsma-rsp-asn1"
#define RSP_PATH_ASN1 "/gsma/rsp2/asn1"

struct rsp_request {
    struct bytes path;           /* "/gsma/rsp2/es9plus/..." */
    struct bytes content_type;   /* absent if there was none */
    struct bytes admin_protocol; /* X-Admin-Protocol, absent if there was none */
    struct bytes body;
    struct bytes client_cert; /* DER of the TLS client certificate, absent without one */
    bool client_verified;     /* its chain ends at a CI of the listener */
    struct bytes peer;        /* address of the caller as text, for logs and limits */
    unsigned listener;        /* of the server's, which one it came through */
};

struct rsp_response {
    int status;               /* HTTP status */
    const char *content_type; /* NULL: empty body */
    struct bytes body;
    unsigned retry_after; /* seconds, with 503 */
};

#endif
