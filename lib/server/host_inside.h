/* Inside lib/server/host*.c: what is made from the files that a configuration names. */
#ifndef RSPKIT_SERVER_HOST_INSIDE_H
#define RSPKIT_SERVER_HOST_INSIDE_H

#include <pthread.h>

#include "net/http_client.h"
#include "net/http_server.h"
#include "rsp/revocation.h"
#include "server/crl_keeper.h"
#include "server/host.h"

enum { PEERS_MAX = 64 };

/* One peer that does not answer may not hold all workers. */
struct peer {
    char host[256];
    int64_t calls;
};

struct host_parts {
    pthread_mutex_t peers_lock;
    struct peer peers[PEERS_MAX];
    struct http_certificate tls[HOST_TLS_MAX], picked[SERVICE_LISTENERS_MAX][HOST_TLS_MAX];
    struct http_listener listeners[SERVICE_LISTENERS_MAX];
    struct http_client client;
    bool reaches_others;
    struct http_server *http;
    struct admin *admin;
    struct crl_keeper *crls;
};

/* TLS certificates, keys, listeners and the client, read and checked; errors have file, section and key in their
 * place. */
int host_files(struct host *, struct err *);
/* For the lists of the CIs, none of which is loaded; then loads those that are files now. */
int host_revocation(struct host *, struct err *);
int host_lists(struct host *, struct err *);

#endif
