/* What an administrator may ask of a running SM-DP+ (server/admin.h): the server's side of the commands of rsp-smdp. */
#ifndef RSPKIT_SMDP_COMMANDS_H
#define RSPKIT_SMDP_COMMANDS_H

#include "server/admin.h"

/* Context: struct server.  Words are the command's own, then options as NAME=VALUE; "json=yes": the answer is JSON, an
 * object a line. */
extern const struct admin_command smdp_commands[];

#endif
