/* Inside the server of smdp/server.h: what is made from the files that its configuration names. */
#ifndef RSPKIT_SMDP_SERVER_INSIDE_H
#define RSPKIT_SMDP_SERVER_INSIDE_H

#include <pthread.h>

#include "net/http_client.h"
#include "net/http_server.h"
#include "rsp/revocation.h"
#include "server/admin.h"
#include "server/crl_keeper.h"
#include "smdp/server.h"

enum { PEERS_MAX = 64 };

/* One peer that does not answer may not hold all workers. */
struct peer {
    char host[256];
    int64_t calls;
};

struct server_parts {
    pthread_mutex_t peers_lock;
    struct peer peers[PEERS_MAX];
    struct http_certificate tls[SETTINGS_TLS_MAX], picked[SERVICE_LISTENERS_MAX][SETTINGS_TLS_MAX];
    struct http_listener listeners[SERVICE_LISTENERS_MAX];
    struct http_client client;
    bool reaches_others;
    struct http_server *http;
    struct admin *admin;
    struct crl_keeper *crls;
};

/* Certificates, keys, listeners and the client, read and checked; errors have file, section and key in their place.
 * Settings and the clock are there already. */
int server_files(struct server *, struct err *);
/* For the lists of the CIs, none of which is loaded. */
int server_revocation(struct server *, struct err *);
/* Loads the lists that are files now. */
int server_lists(struct server *, struct err *);

#endif
