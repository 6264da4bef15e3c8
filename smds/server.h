/* A running SM-DS: everything that smds.h wants given, made from a configuration file (server/host.h). */
#ifndef RSPKIT_SMDS_SERVER_H
#define RSPKIT_SMDS_SERVER_H

#include "server/host.h"
#include "smds/settings.h"

struct server {
    struct host host;
    struct settings settings;
    struct smds smds;
    struct server_sets sets;
    struct sweeper *sweeper; /* of stale events */
};

/* The program's one server; its arena is to be given. */
struct host *server_host(void);
/* The server around a host, which is what commands are given. */
struct server *server_of(void *host);

/* What an administrator may ask (commands.c).  Context: the host of a struct server. */
extern const struct admin_command smds_commands[];

#endif
