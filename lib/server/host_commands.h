/* Commands of the administration that every server program has (server/admin.h).  Context: struct host.  The option
 * "json": the answer is JSON, an object a line. */
#ifndef RSPKIT_SERVER_HOST_COMMANDS_H
#define RSPKIT_SERVER_HOST_COMMANDS_H

#include "server/host.h"

typedef int host_command(void *host, struct admin_session *, struct err *);
host_command host_command_outbox, host_command_retry, host_command_lists;
/* The audit trail, always as JSON; option "after": what is newer than that number. */
host_command host_command_export_audit;

/* An option that is a whole number; `otherwise` where it is not given. */
int host_number(const struct admin_session *, const char *name, int64_t otherwise, int64_t *, struct err *);

/* A list may be long: an arena for a page, and only that is in memory. */
enum { HOST_PAGE_ROWS = 200 };

/* One page; 1: there is more behind `*after`. */
typedef int host_page(void *of, struct admin_session *, int64_t *after, void *context, struct err *);
/* Page after page, from behind `after`. */
int host_pages(void *of, struct admin_session *, host_page *, int64_t after, void *context, struct err *);

#endif
