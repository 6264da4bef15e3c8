/* What the mains of server programs have in common. */
#ifndef RSPKIT_SERVER_HOST_PROGRAM_H
#define RSPKIT_SERVER_HOST_PROGRAM_H

#include "server/host.h"

/* Serves with a configuration, leaving no core file, since it would hold keys, and no file that others can read. */
int host_main_serve(struct host *, struct arena *, const char *config, struct err *);
/* Checks it, and tells "FILE can be used: 1 listener, 1 certificate set". */
int host_main_check(struct host *, struct arena *, const char *config, struct err *);
/* The commented sample of a configuration; EXIT_REFUSED if it cannot be written. */
int host_print_sample(struct arena *, const struct config_table *, struct err *);

/* The folders of `init --certs`, as whole paths in the arena. */
int host_certs_find(struct arena *, const char **certs, size_t n, struct err *);

/* A folder that init makes, with the configuration at `path`: ERR_EXISTS if that is there.  Undone, nothing is left of
 * what was not there before. */
struct host_first_folder {
    const char *folder, *path;
    bool made;
};
int host_folder_begin(struct host_first_folder *, const char *folder, const char *path, struct err *);
void host_folder_undo(const struct host_first_folder *);

#endif
