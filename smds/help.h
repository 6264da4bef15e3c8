/* What rsp-smds says of itself; for main.c alone. */
#ifndef RSPKIT_SMDS_HELP_H
#define RSPKIT_SMDS_HELP_H

static const char HELP[] =
    "usage: rsp-smds COMMAND ..          rsp-smds COMMAND --help tells the options of one\n"
    "\n"
    "  init DIR --certs PKI --address NAME    a folder with a configuration, from rsp-pki's files\n"
    "  serve FILE                        the server with that configuration; ends with Ctrl-C\n"
    "  check-config FILE                 would it start?  Otherwise where, why, and what to do\n"
    "  sample-config                     every key there is\n"
    "\n"
    "Of a running server, named by its data folder (--data DIR, else RSP_SMDS_DATA):\n"
    "  events EID; statistics            the events of a card; how many there are\n"
    "  outbox; retry DESTINATION         deletions that the root could not be told\n"
    "  lists [--reload]                  revocation lists that are held; looks for newer ones\n"
    "  verify-audit; export-audit        the trail of all changes\n"
    "--json: answers as JSON, an object a line.\n"
    "Exit codes: 0 done, 1 refused, 2 wrong usage.  See rsp-smds(1).\n";

static const char INIT_HELP[] =
    "usage: rsp-smds init DIR --certs PKI .. --address NAME [--root NAME] [--listen HOST:PORT]\n"
    "Makes DIR/smds.conf, and checks it.\n"
    "  --certs PKI          a folder made by rsp-pki init; given again, a further set (other CI or curve)\n"
    "  --address NAME       host name that LPAs ask for, and of the TLS certificate\n"
    "  --root NAME          an alternative SM-DS, with this root; otherwise a root\n"
    "  --listen HOST:PORT   default 127.0.0.1:0, any free port\n";

static const char SERVE_HELP[] =
    "usage: rsp-smds serve FILE\n"
    "Prints \"ready NAME=HOST:PORT LISTENER\" for each listener once requests are answered; what could not be done\n"
    "later, such as a root that is not reached, goes to standard error.  Ends with Ctrl-C or SIGTERM.\n";

static const char CHECK_HELP[] =
    "usage: rsp-smds check-config FILE\n"
    "Reads the configuration and every file it names, changes nothing, listens nowhere.\n";

static const char EVENTS_HELP[] =
    "usage: rsp-smds events EID       rsp-smds statistics\n"
    "events: what the card with this EID is told, in this order, and who registered it.\n";

static const char OUTBOX_HELP[] =
    "usage: rsp-smds outbox [DESTINATION]       rsp-smds retry DESTINATION [--dead]\n"
    "outbox: the root with what waits for it; of one destination, each message and why it was not delivered.\n"
    "retry: tries now, also what was refused; --dead: also what was given up.\n";

static const char LISTS_HELP[] =
    "usage: rsp-smds lists [--reload]\n"
    "The revocation lists of the CIs: from where, whether one is held, and when the next one is due.\n"
    "  --reload             look now, since a CI has told that there is a new one\n";

static const char AUDIT_HELP[] =
    "usage: rsp-smds verify-audit       rsp-smds export-audit [--after NUMBER]\n"
    "verify-audit follows the chain and tells its last value: kept elsewhere, it shows later that none is missing.\n"
    "export-audit prints a JSON object a record; docs/smdp.md says how its \"chain\" is computed.\n";

#endif
