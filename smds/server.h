/* A running SM-DS: everything that smds.h wants given, made from a configuration file. */
#ifndef RSPKIT_SMDS_SERVER_H
#define RSPKIT_SMDS_SERVER_H

#include "server/host.h"
#include "smds/settings.h"

struct server {
    struct host host; /* its arena is given */
    struct settings settings;
    struct smds smds;
    struct server_sets sets;
    struct sweeper *sweeper; /* of stale events */
};

/* Reads and checks the configuration with every file that it names, also with what a start would not insist on: the
 * revocation lists that are files.  Opens nothing, changes nothing. */
int server_check_all(struct server *, const char *config, struct err *);
/* Opens all of it, prints "ready ADDRESS=HOST:PORT LISTENER" for each listener, serves until SIGINT or SIGTERM. */
int server_run(struct server *, const char *config, struct err *);
void server_end(struct server *);

/* The server around a host, which is what commands are given. */
struct server *server_of(void *host);

/* What an administrator may ask (commands.c).  Context: the host of a struct server. */
extern const struct admin_command smds_commands[];

#endif
