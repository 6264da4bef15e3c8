/* What rsp-smdp says of itself; for main.c alone. */
#ifndef RSPKIT_SMDP_HELP_H
#define RSPKIT_SMDP_HELP_H

static const char HELP[] =
    "usage: rsp-smdp COMMAND ..          rsp-smdp COMMAND --help tells the options of one\n"
    "\n"
    "  init DIR --certs PKI --address NAME    a folder with a configuration, from rsp-pki's files\n"
    "  serve FILE                        the server with that configuration; ends with Ctrl-C\n"
    "  check-config FILE                 would it start?  Otherwise where, why, and what to do\n"
    "  sample-config; order-graph        every key there is; the states of an order\n"
    "\n"
    "Of a running server, named by its data folder (--data DIR, else RSP_SMDP_DATA):\n"
    "  add-operator, change-operator NAME; operators    who may call ES2+, and is told; shows them\n"
    "  add-type NAME PACKAGE; types      templates of profiles; shows them, and how many profiles they have\n"
    "  import TYPE LIST.csv              profiles with the keys of a list\n"
    "  generate TYPE COUNT               profiles with new keys, and their list\n"
    "  show ICCID; list; statistics      profiles and their orders\n"
    "  order; release, cancel ICCID      orders for tests, by the rules of ES2+\n"
    "  expire, rearm ICCID               when an order ends; counters anew, Error taken back\n"
    "  outbox; retry DESTINATION         what could not be told to operators and SM-DS\n"
    "  lists [--reload]                  revocation lists that are held; looks for newer ones\n"
    "  verify-audit; export-audit        the trail of all changes\n"
    "--json: answers as JSON, an object a line.\n"
    "Exit codes: 0 done, 1 refused, 2 wrong usage.  See rsp-smdp(1).\n";

#define LIMITS_HELP \
    "  --codes N            wrong confirmation codes after which an order ends\n" \
    "  --downloads N        downloads of one profile that may be begun\n" \
    "  --lifetime TIME      from release until an order expires: 90s, 15m, 12h, 7d\n"

static const char INIT_HELP[] =
    "usage: rsp-smdp init DIR --certs PKI .. --address NAME [--listen HOST:PORT]\n"
    "Makes DIR/smdp.conf, and checks it.\n"
    "  --certs PKI          a folder made by rsp-pki init; given again, a further set (other CI or curve)\n"
    "  --address NAME       host name in activation codes, and of the TLS certificate\n"
    "  --listen HOST:PORT   default 127.0.0.1:0, any free port\n";

static const char SERVE_HELP[] =
    "usage: rsp-smdp serve FILE\n"
    "Prints \"ready NAME=HOST:PORT LISTENER\" for each listener once requests are answered; what could not be done\n"
    "later, such as an operator that is not reached, goes to standard error.  Ends with Ctrl-C or SIGTERM.\n";

static const char CHECK_HELP[] =
    "usage: rsp-smdp check-config FILE\n"
    "Reads the configuration and every file it names, changes nothing, listens nowhere.\n";

static const char OPERATOR_HELP[] =
    "usage: rsp-smdp add-operator NAME --cert FILE ..         rsp-smdp change-operator NAME ..\n"
    "An operator calls ES2+ with its TLS client certificate.  change-operator leaves what is not given.\n"
    "  --cert FILE          its certificate, PEM or DER: this one and no other, whoever issued it\n"
    "  --by-names           instead any certificate with the issuer and subject of --cert, under a trusted CI\n"
    "  --url URL            https://HOST[/PATH] that is told the progress of downloads; \"\": nobody\n"
    "  --points 1,3         whose success is told: 1 found and eligible, 2 code, 3 bound, 4 installed;\n"
    "                       failures always are\n"
    LIMITS_HELP
    "                       0, as when not given: the server's\n";

static const char TYPE_HELP[] =
    "usage: rsp-smdp add-type NAME PACKAGE --operator NAME ..\n"
    "PACKAGE is a template in DER or value notation; each profile has its own ICCID, IMSI and keys.\n"
    "  --spn TEXT           service provider, shown to the user (default \"Rspkit Mobile\")\n"
    "  --profile-name TEXT  default \"Sample\"\n"
    "  --icon FILE          PNG or JPEG, up to 1024 octets\n"
    "  --class WORD         test, provisioning or operational (default)\n"
    "  --owner MCCMNC [--gid1 HEX] [--gid2 HEX]\n"
    "  --ppr 1,2            policy rules: 1 forbids disabling, 2 deleting; they need --owner\n"
    "  --notify [EVENTS=]NAME   host that the card notifies of install,enable,disable,delete; given again, more\n"
    "  --ppk                bound with profile protection keys\n"
    "  --bind-once          a second binding with another one-time key is refused (8.2/3.7)\n"
    "  --no-field-test      not for field-test cards\n"
    LIMITS_HELP
    "                       0, as when not given: the operator's\n";

static const char IMPORT_HELP[] =
    "usage: rsp-smdp import TYPE LIST.csv\n"
    "LIST.csv (\"-\": standard input) has a line of names, then a line a profile:\n"
    "  iccid,imsi,k,opc[,pin1,puk1,pin2,puk2,adm1]\n"
    "Profiles are committed some hundreds at a time.  After an error, or an end in the middle, give the list again:\n"
    "what is there stays as it is, and none comes twice.\n";

static const char GENERATE_HELP[] =
    "usage: rsp-smdp generate TYPE COUNT --iccid FIRST --imsi FIRST [-o FILE]\n"
    "Makes COUNT subscribers with random K and OPc, numbers counted up, ICCIDs with their check digit; writes them to\n"
    "FILE (mode 0600; default profiles-FIRST.csv) for the operator's HLR, and imports them.  Nobody else has these\n"
    "keys.  Given again, what is in FILE and in the server stays, and the rest is done.\n";

static const char ORDER_HELP[] =
    "usage: rsp-smdp order --type NAME | --iccid ICCID [--release] ..\n"
    "       rsp-smdp release ICCID           rsp-smdp cancel ICCID [--unavailable]\n"
    "What the operator would do by ES2+: DownloadOrder and ConfirmOrder, ReleaseProfile, CancelOrder.\n"
    "  --eid EID            for this card only\n"
    "  --matching-id ID     default: one is made; \"\": none (with --eid: default SM-DP+, or SM-DS)\n"
    "  --code CODE          a confirmation code that the user has to enter\n"
    "  --smds HOST          the SM-DS that tells the card\n"
    "  --release            may be downloaded now\n"
    "  --unavailable        the profile does not come back to the pool\n";

static const char EXPIRE_HELP[] =
    "usage: rsp-smdp expire ICCID [--in TIME | --never]       rsp-smdp rearm ICCID\n"
    "expire: from then on the order cannot be downloaded (8.8.5/4.10), without --in from now on.\n"
    "rearm: downloads, wrong codes and the order's time are counted anew; an order in Error is Released again.\n";

static const char LOOK_HELP[] =
    "usage: rsp-smdp show ICCID      rsp-smdp list [--state STATE]      rsp-smdp statistics\n"
    "States: Available, Allocated, Linked, Confirmed, Released, Downloaded, Installed, Error, Unavailable.\n";

static const char OUTBOX_HELP[] =
    "usage: rsp-smdp outbox [DESTINATION]       rsp-smdp retry DESTINATION [--dead]\n"
    "outbox: destinations with what waits for them; of one destination, each message and why it was not delivered.\n"
    "retry: tries now, also what was refused; --dead: also what was given up.\n";

static const char LISTS_HELP[] =
    "usage: rsp-smdp lists [--reload]\n"
    "The revocation lists of the CIs: from where, whether one is held, and when the next one is due.\n"
    "  --reload             look now, since a CI has told that there is a new one\n";

static const char AUDIT_HELP[] =
    "usage: rsp-smdp verify-audit       rsp-smdp export-audit [--after NUMBER]\n"
    "verify-audit follows the chain and tells its last value: kept elsewhere, it shows later that none is missing.\n"
    "export-audit prints a JSON object a record; docs/smdp.md says how its \"chain\" is computed.\n";

#endif
