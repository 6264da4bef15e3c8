/* A running SM-DP+: everything that smdp.h wants given, made from a configuration file (server/host.h). */
#ifndef RSPKIT_SMDP_SERVER_H
#define RSPKIT_SMDP_SERVER_H

#include "server/audit.h"
#include "server/host.h"
#include "smdp/manage.h"
#include "smdp/settings.h"

struct server {
    struct host host;
    struct settings settings;
    struct smdp smdp;
    struct smdp_keys keys;
};

/* The program's one server; its arena is to be given. */
struct host *server_host(void);
/* The server around a host, which is what commands are given. */
struct server *server_of(void *host);

#endif
