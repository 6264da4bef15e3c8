/* SPDX-License-Identifier: Apache-2.0 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/cli.h"
#include "base/file.h"
#include "base/frame.h"
#include "lpa/explain.h"
#include "lpa/lpa.h"
#include "net/http_client.h"
#include "rsp/ids.h"

static const char PROGRAM[] = "rsp-lpa";

static const char HELP[] =
    "usage: rsp-lpa --card SOCKET [--ca FILE] COMMAND ..\n"
    "\n"
    "  info                      EID, versions, addresses, memory\n"
    "  list                      the profiles\n"
    "  download CODE             install a profile; \"-\" reads the activation code from standard input\n"
    "  enable | disable | delete ICCID\n"
    "  nickname ICCID TEXT\n"
    "  notifications             list those that wait\n"
    "  notifications send        send them\n"
    "\n"
    "  --card SOCKET             local socket of rsp-euicc run\n"
    "  --ca FILE                 CI certificates (PEM) that servers must chain to\n"
    "  --connect NAME=HOST:PORT  where a server name is found (laboratory)\n"
    "  --yes                     consent by option; --confirmation-code CODE likewise\n"
    "  --refresh                 enable and disable with REFRESH\n"
    "  --block N                 octets in an APDU, 1 to 255\n"
    "  --explain                 show every message, decoded\n"
    "\n"
    "Exit codes: 0 done, 1 failed, 2 wrong usage, 3 refused by the server, 4 server out of reach or not\n"
    "trusted, 5 refused by the card, 6 refused by the user, 7 card out of reach.  See rsp-lpa(1).\n";

struct program {
    struct arena *arena;
    struct lpa lpa;
    struct http_client http;
    int fd;
    const char *socket, *code;
    bool yes, refresh, explain;
    const char *last_step;
};

/* -------------------------------------------------------------------- the LPA's outside */

static int transmit(void *context, struct arena *a, struct bytes command, struct bytes *response, struct err *e)
{
    struct program *p = context;
    if (frame_send(p->fd, command, e) != 0)
        return -1;
    int got = frame_receive(p->fd, a, response, e);
    return got == 0 ? 0 : got == 1 ? err_set(e, ERR_IO, NULL, "the card has gone; next: power it up again") : -1;
}

static int post(void *context, struct arena *a, struct bytes host, const struct rsp_request *q, struct rsp_response *r,
                struct err *e)
{
    struct program *p = context;
    struct http_answer answer;
    if (!p->http.ca)
        return err_set(e, ERR_USAGE, NULL, "no CI certificate; next: give one with --ca FILE");
    if (http_post(&p->http, a, host, q->path, q->content_type, q->admin_protocol, q->body, &answer, e) != 0)
        return -1;
    *r = (struct rsp_response){ .status = answer.status, .body = answer.body };
    return 0;
}

static bool answered_yes(const char *question)
{
    char line[16] = "";
    printf("%s [y/N] ", question);
    fflush(stdout);
    return fgets(line, sizeof line, stdin) && (line[0] == 'y' || line[0] == 'Y');
}

static enum lpa_answer ask_code(struct program *p, struct arena *a, struct bytes *code)
{
    char line[128] = "";
    if (!p->code) {
        printf("Confirmation code from your operator: ");
        fflush(stdout);
        if (!fgets(line, sizeof line, stdin))
            return LPA_NO;
        line[strcspn(line, "\r\n")] = '\0';
    }
    *code = arena_copy(a, bytes_text(p->code ? p->code : line));
    return LPA_YES;
}

static enum lpa_answer ask(void *context, const struct lpa_question *q, struct arena *a, struct bytes *code)
{
    struct program *p = context;
    if (q->kind == LPA_ASK_CODE)
        return ask_code(p, a, code);
    const struct rsp_StoreMetadataRequest *m = q->metadata;
    printf("profile   %.*s, %.*s, ICCID %s\n", (int)m->profileName.n, (const char *)m->profileName.p,
           (int)m->serviceProviderName.n, (const char *)m->serviceProviderName.p, iccid_text(a, m->iccid));
    if (q->strong)
        printf("          its operator forbids disabling or deleting it\n");
    if (p->yes)
        printf("consent   given by option\n");
    else if (!answered_yes("Install it?") || (q->strong && !answered_yes("Install it although it cannot be removed?")))
        return LPA_NO;
    return LPA_YES;
}

/* A bar on a terminal, a line a step elsewhere. */
static void progress(void *context, const char *step, size_t done, size_t total)
{
    struct program *p = context;
    bool terminal = isatty(STDERR_FILENO);
    if (terminal && total)
        fprintf(stderr, "\r%-24s %3zu %%%s", step, done * 100 / total, done == total ? "\n" : "");
    else if (!p->last_step || strcmp(p->last_step, step) != 0)
        fprintf(stderr, "%s ...\n", step);
    p->last_step = step;
}

static void trace(void *context, const struct lpa_message *m)
{
    (void)context;
    lpa_explain(m);
}

/* ------------------------------------------------------------------------------ commands */

static enum lpa_end info(struct program *p, char **argv, struct err *e)
{
    struct lpa_info i;
    enum lpa_end end = lpa_info(&p->lpa, &i, e);
    (void)argv;
    if (end != LPA_DONE)
        return end;
    struct arena *a = p->arena;
    struct bytes resource = i.info2.extCardResource;
    printf("EID             %s\nSGP.22          %s\nprofile format  %s\nfirmware        %s\n", eid_text(a, i.eid),
           version_text(a, i.info2.svn), version_text(a, i.info2.profileVersion),
           version_text(a, i.info2.euiccFirmwareVer));
    uint64_t memory = 0;
    for (size_t k = 0; k + 5 < resource.n; k++)
        if (resource.p[k] == 0x82 && resource.p[k + 1] == 4) {
            for (int b = 0; b < 4; b++)
                memory = memory << 8 | resource.p[k + 2 + (size_t)b];
            break;
        }
    printf("memory free     %llu octets\n", (unsigned long long)memory);
    printf("default SM-DP+  %.*s\nroot SM-DS      %.*s\n", (int)i.addresses.defaultDpAddress.n,
           (const char *)i.addresses.defaultDpAddress.p, (int)i.addresses.rootDsAddress.n,
           (const char *)i.addresses.rootDsAddress.p);
    return LPA_DONE;
}

static enum lpa_end list(struct program *p, char **argv, struct err *e)
{
    struct rsp_ProfileInfoListResponse r;
    enum lpa_end end = lpa_list(&p->lpa, &r, e);
    (void)argv;
    for (size_t i = 0; end == LPA_DONE && i < r.profileInfoListOk.n; i++) {
        const struct rsp_ProfileInfo *x = &r.profileInfoListOk.items[i];
        struct bytes name = x->profileNickname.n ? x->profileNickname : x->profileName;
        printf("%-20s  %-8s  %.*s (%.*s)\n", iccid_text(p->arena, x->iccid), x->profileState ? "enabled" : "disabled",
               (int)name.n, (const char *)name.p, (int)x->serviceProviderName.n,
               (const char *)x->serviceProviderName.p);
    }
    if (end == LPA_DONE && r.profileInfoListOk.n == 0)
        printf("the card has no profile\n");
    return end;
}

static enum lpa_end download(struct program *p, char **argv, struct err *e)
{
    struct lpa_download d = { 0 };
    struct bytes text = bytes_text(argv[0]);
    if (strcmp(argv[0], "-") == 0) {
        if (file_read(p->arena, "-", 4096, &text, e) != 0)
            return LPA_FAILED;
        while (text.n && strchr(" \t\r\n", text.p[text.n - 1]))
            text.n--;
    }
    if (activation_code_parse(text, false, &d.code, e) != 0)
        return LPA_USAGE;
    enum lpa_end end = lpa_download(&p->lpa, &d, e);
    if (end == LPA_DONE)
        printf("installed %s\n", iccid_text(p->arena, d.iccid));
    return end;
}

static enum lpa_end with_iccid(struct program *p, char **argv, struct bytes *iccid, struct err *e)
{
    return iccid_from_text(p->arena, bytes_text(argv[0]), iccid, e) == 0 ? LPA_DONE : LPA_USAGE;
}

static enum lpa_end enable(struct program *p, char **argv, struct err *e)
{
    struct bytes iccid;
    enum lpa_end end = with_iccid(p, argv, &iccid, e);
    return end == LPA_DONE ? lpa_enable(&p->lpa, iccid, p->refresh, e) : end;
}

static enum lpa_end disable(struct program *p, char **argv, struct err *e)
{
    struct bytes iccid;
    enum lpa_end end = with_iccid(p, argv, &iccid, e);
    return end == LPA_DONE ? lpa_disable(&p->lpa, iccid, p->refresh, e) : end;
}

static enum lpa_end delete(struct program *p, char **argv, struct err *e)
{
    struct bytes iccid;
    enum lpa_end end = with_iccid(p, argv, &iccid, e);
    if (end == LPA_DONE && !p->yes && !answered_yes("Delete the profile for good?"))
        return err_set(e, ERR_PEER, NULL, "the user said no"), LPA_USER;
    return end == LPA_DONE ? lpa_delete(&p->lpa, iccid, e) : end;
}

static enum lpa_end nickname(struct program *p, char **argv, struct err *e)
{
    struct bytes iccid;
    enum lpa_end end = with_iccid(p, argv, &iccid, e);
    return end == LPA_DONE ? lpa_nickname(&p->lpa, iccid, bytes_text(argv[1]), e) : end;
}

static enum lpa_end notifications(struct program *p, char **argv, struct err *e)
{
    static const char *const events[] = { "installed", "enabled", "disabled", "deleted" };
    struct rsp_ListNotificationResponse r;
    size_t sent;
    if (argv[0]) {
        enum lpa_end end = lpa_notifications_send(&p->lpa, &sent, e);
        printf("sent %zu notifications\n", sent);
        return end;
    }
    enum lpa_end end = lpa_notifications_list(&p->lpa, &r, e);
    for (size_t i = 0; end == LPA_DONE && i < r.notificationMetadataList.n; i++) {
        const struct rsp_NotificationMetadata *m = &r.notificationMetadataList.items[i];
        size_t event = 0;
        while (event < 3 && !asn1_bit(m->profileManagementOperation, event))
            event++;
        printf("%lld  %-9s  %.*s  %s\n", (long long)m->seqNumber, events[event], (int)m->notificationAddress.n,
               (const char *)m->notificationAddress.p, m->iccid.p ? iccid_text(p->arena, m->iccid) : "-");
    }
    return end;
}

static const struct {
    const char *name;
    int least, most; /* arguments */
    enum lpa_end (*run)(struct program *, char **, struct err *);
} commands[] = {
    { "info", 0, 0, info },       { "list", 0, 0, list },         { "download", 1, 1, download },
    { "enable", 1, 1, enable },   { "disable", 1, 1, disable },   { "delete", 1, 1, delete },
    { "nickname", 2, 2, nickname }, { "notifications", 0, 1, notifications },
};

static enum lpa_end run(struct program *p, int argc, char **argv, struct err *e)
{
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        if (strcmp(commands[i].name, argv[0]) != 0)
            continue;
        if (argc - 1 < commands[i].least || argc - 1 > commands[i].most)
            return err_set(e, ERR_USAGE, NULL, "%s takes %d arguments", argv[0], commands[i].most), LPA_USAGE;
        if (!p->socket)
            return err_set(e, ERR_USAGE, NULL, "--card SOCKET is needed"), LPA_USAGE;
        if (frame_connect(p->socket, &p->fd, e) != 0)
            return LPA_READER;
        enum lpa_end end = lpa_open(&p->lpa, e);
        if (end == LPA_DONE)
            end = commands[i].run(p, argv + 1, e);
        lpa_close(&p->lpa);
        close(p->fd);
        return end;
    }
    return err_set(e, ERR_USAGE, NULL, "there is no command \"%s\"", argv[0]), LPA_USAGE;
}

static int options(struct program *p, int argc, char **argv)
{
    static const struct option names[] = {
        { "help", no_argument, NULL, 'h' },     { "card", required_argument, NULL, 'c' },
        { "ca", required_argument, NULL, 'a' }, { "connect", required_argument, NULL, 'm' },
        { "yes", no_argument, NULL, 'y' },      { "confirmation-code", required_argument, NULL, 'k' },
        { "refresh", no_argument, NULL, 'r' },  { "block", required_argument, NULL, 'b' },
        { "explain", no_argument, NULL, 'x' },  { NULL, 0, NULL, 0 }
    };
    for (int c; (c = getopt_long(argc, argv, "hy", names, NULL)) != -1;)
        switch (c) {
        case 'h':
            exit(fputs(HELP, stdout) < 0);
        case 'c':
            p->socket = optarg;
            break;
        case 'a':
            p->http.ca = optarg;
            break;
        case 'm':
            if (p->http.n_connect < HTTP_CONNECTS_MAX)
                p->http.connect[p->http.n_connect++] = optarg;
            break;
        case 'y':
            p->yes = true;
            break;
        case 'k':
            p->code = optarg;
            break;
        case 'r':
            p->refresh = true;
            break;
        case 'b':
            p->lpa.block = (size_t)atoi(optarg);
            if (p->lpa.block < 1 || p->lpa.block > 255)
                return cli_usage(PROGRAM, "--block takes 1 to 255");
            break;
        case 'x':
            p->explain = true;
            break;
        default:
            return cli_usage(PROGRAM, "that option is not known");
        }
    return optind < argc ? 0 : cli_usage(PROGRAM, "a command is expected");
}

int main(int argc, char **argv)
{
    struct program p = { .fd = -1, .http.user_agent = RSP_USER_AGENT };
    struct err e = { .code = ERR_MEMORY, .what = "no memory" };
    int usage = options(&p, argc, argv);
    if (usage)
        return usage;
    p.arena = p.lpa.arena = arena_new(256 << 20);
    p.lpa.env = (struct lpa_env){ .transmit = transmit, .post = post, .ask = ask, .progress = progress,
                                  .trace = p.explain ? trace : NULL, .context = &p };
    enum lpa_end end = p.arena ? run(&p, argc - optind, argv + optind, &e) : LPA_FAILED;
    if (end != LPA_DONE)
        cli_failed(PROGRAM, &e, NULL);
    arena_free(p.arena);
    return (int)end;
}
