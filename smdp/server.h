/* A running SM-DP+: everything that smdp.h wants given, made from a configuration file. */
#ifndef RSPKIT_SMDP_SERVER_H
#define RSPKIT_SMDP_SERVER_H

#include "server/audit.h"
#include "server/host.h"
#include "smdp/manage.h"
#include "smdp/settings.h"

struct server {
    struct host host; /* its arena is given */
    struct settings settings;
    struct smdp smdp;
    struct smdp_keys keys;
};

/* The server around a host, which is what commands are given. */
struct server *server_of(void *host);

/* Reads and checks the configuration with every file that it names, also with what a start would not insist on: the
 * revocation lists that are files.  Opens nothing, changes nothing. */
int server_check_all(struct server *, const char *config, struct err *);
/* Opens all of it, prints "ready ADDRESS=HOST:PORT LISTENER" for each listener, serves until SIGINT or SIGTERM. */
int server_run(struct server *, const char *config, struct err *);
void server_end(struct server *);

#endif
