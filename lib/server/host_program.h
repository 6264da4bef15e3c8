/* What the mains of server programs have in common. */
#ifndef RSPKIT_SERVER_HOST_PROGRAM_H
#define RSPKIT_SERVER_HOST_PROGRAM_H

#include "server/host.h"

/* No core file, since it would hold keys; and files for their owner alone. */
void host_keep_to_oneself(void);

/* "FILE can be used: 1 listener, 1 certificate set" */
void host_tell_checked(const struct host *);
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
