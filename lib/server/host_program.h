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

/* The commands that every server has (server/host_commands.h), for a main with SIMPLE(function, name, word), which
 * defines a function that asks the running server: those functions, and their rows of the table. */
#define HOST_ASKING_FUNCTIONS                                         \
    SIMPLE(outbox, "outbox", words[0]) /* NULL behind the last word */ \
    SIMPLE(retry, "retry", words[0])                                  \
    SIMPLE(lists, "lists", NULL)                                      \
    SIMPLE(verify_audit, "verify-audit", NULL)                        \
    SIMPLE(export_audit, "export-audit", NULL)
#define HOST_ASKING_COMMANDS(options)                                                       \
    { "outbox", "perhaps a destination", 0, 1, outbox, options, OUTBOX_HELP },              \
        { "retry", "a destination", 1, 1, retry, options " dead", OUTBOX_HELP },            \
        { "lists", "", 0, 0, lists, options " reload", LISTS_HELP },                        \
        { "verify-audit", "", 0, 0, verify_audit, options, AUDIT_HELP },                    \
        { "export-audit", "", 0, 0, export_audit, options " after", AUDIT_HELP }

#endif
