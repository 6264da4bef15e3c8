/* What an administrator may ask of a running SM-DP+ (server/admin.h): the server's side of the commands of rsp-smdp. */
#ifndef RSPKIT_SMDP_COMMANDS_H
#define RSPKIT_SMDP_COMMANDS_H

#include "server/admin.h"

/* Context: the host of a struct server.  The option "json": the answer is JSON, an object a line. */
extern const struct admin_command smdp_commands[];

/* Those that only look (commands_look.c). */
typedef int command_run(void *context, struct admin_session *, struct err *);
command_run command_show, command_list, command_statistics, command_operators, command_types,
    command_verify_audit;

struct server;
/* A profile, an operator, a type as they are now: the answer of what changes them. */
int answer_profile(struct server *, struct admin_session *, struct bytes iccid, struct err *);
int answer_operator(struct server *, struct admin_session *, const char *name, struct err *);
int answer_type(struct server *, struct admin_session *, const char *name, struct err *);

/* The ICCID that is the command's first word. */
int command_iccid(const struct admin_session *, struct bytes *, struct err *);
/* An option's number, `otherwise` if it is not given. */

#endif
