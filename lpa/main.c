/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <unistd.h>

#include "base/cli.h"
#include "base/file.h"
#include "base/frame.h"
#include "base/text.h"
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
    "  --asn1                    speak ES9+ in ASN.1, not in JSON\n"
    "  --explain                 show every message, decoded\n"
    "\n"
    "Exit codes: 0 done, 1 failed, 2 wrong usage, 3 refused by the server, 4 server out of reach or not\n"
    "trusted, 5 refused by the card, 6 refused by the user, 7 card out of reach.  See rsp-lpa(1).\n";

struct program {
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

/* One line of standard input without its end; false where there is none. */
static bool line_read(char *line, size_t size)
{
    if (!fgets(line, (int)size, stdin))
        return false;
    size_t n = strcspn(line, "\n");
    for (int c = line[n]; c != '\n' && c != EOF;) /* the rest of a longer one */
        c = getchar();
    line[n] = '\0';
    return true;
}

/* Asks until the answer is yes or no; nobody there to answer puts it off, since a no is for good. */
static enum lpa_answer yes_or_no(const char *question)
{
    char line[16];
    for (;;) {
        printf("%s [y/n] ", question);
        fflush(stdout);
        if (!line_read(line, sizeof line))
            return LPA_LATER;
        if (strcasecmp(line, "y") == 0 || strcasecmp(line, "yes") == 0)
            return LPA_YES;
        if (strcasecmp(line, "n") == 0 || strcasecmp(line, "no") == 0)
            return LPA_NO;
    }
}

static enum lpa_answer ask_code(struct program *p, struct arena *a, struct bytes *code)
{
    char line[128] = "";
    if (!p->code) {
        printf("Confirmation code from your operator: ");
        fflush(stdout);
        if (!line_read(line, sizeof line))
            return LPA_LATER;
        line[strcspn(line, "\r")] = '\0';
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
    printf("profile   %s, %s, ICCID %s\n", text_plain(a, m->profileName), text_plain(a, m->serviceProviderName),
           iccid_text(a, m->iccid));
    if (q->strong)
        printf("          its operator forbids disabling or deleting it\n");
    if (p->yes) {
        printf("consent   given by option\n");
        return LPA_YES;
    }
    enum lpa_answer answer = yes_or_no("Install it?");
    return answer == LPA_YES && q->strong ? yes_or_no("Install it although it cannot be removed?") : answer;
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
    lpa_explain(m, cli_columns());
}

/* ------------------------------------------------------------------------------ commands */

static int info(void *context, struct arena *a, char **words, struct err *e)
{
    struct program *p = context;
    struct lpa_info i;
    enum lpa_end end = lpa_info(&p->lpa, &i, e);
    (void)words;
    if (end != LPA_DONE)
        return end;
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
    printf("default SM-DP+  %s\nroot SM-DS      %s\n", text_plain(a, i.addresses.defaultDpAddress),
           text_plain(a, i.addresses.rootDsAddress));
    return LPA_DONE;
}

static int list(void *context, struct arena *a, char **words, struct err *e)
{
    struct program *p = context;
    struct rsp_ProfileInfoListResponse r;
    enum lpa_end end = lpa_list(&p->lpa, &r, e);
    (void)words;
    for (size_t i = 0; end == LPA_DONE && i < r.profileInfoListOk.n; i++) {
        const struct rsp_ProfileInfo *x = &r.profileInfoListOk.items[i];
        struct bytes name = x->profileNickname.n ? x->profileNickname : x->profileName;
        printf("%-20s  %-8s  %s (%s)\n", iccid_text(a, x->iccid), x->profileState ? "enabled" : "disabled",
               text_plain(a, name), text_plain(a, x->serviceProviderName));
    }
    if (end == LPA_DONE && r.profileInfoListOk.n == 0)
        printf("the card has no profile\n");
    return end;
}

static int download(void *context, struct arena *a, char **words, struct err *e)
{
    struct program *p = context;
    struct lpa_download d = { 0 };
    struct bytes text = bytes_text(words[0]);
    if (strcmp(words[0], "-") == 0) {
        if (file_read(a, "-", 4096, &text, e) != 0)
            return LPA_FAILED;
        while (text.n && strchr(" \t\r\n", text.p[text.n - 1]))
            text.n--;
    }
    if (activation_code_parse(text, false, &d.code, e) != 0)
        return LPA_USAGE;
    enum lpa_end end = lpa_download(&p->lpa, &d, e);
    if (end == LPA_DONE)
        printf("installed %s\n", iccid_text(a, d.iccid));
    return end;
}

static enum lpa_end with_iccid(struct arena *a, char **words, struct bytes *iccid, struct err *e)
{
    return iccid_from_text(a, bytes_text(words[0]), iccid, e) == 0 ? LPA_DONE : LPA_USAGE;
}

static int enable(void *context, struct arena *a, char **words, struct err *e)
{
    struct program *p = context;
    struct bytes iccid;
    enum lpa_end end = with_iccid(a, words, &iccid, e);
    return end == LPA_DONE ? lpa_enable(&p->lpa, iccid, p->refresh, e) : end;
}

static int disable(void *context, struct arena *a, char **words, struct err *e)
{
    struct program *p = context;
    struct bytes iccid;
    enum lpa_end end = with_iccid(a, words, &iccid, e);
    return end == LPA_DONE ? lpa_disable(&p->lpa, iccid, p->refresh, e) : end;
}

static int delete(void *context, struct arena *a, char **words, struct err *e)
{
    struct program *p = context;
    struct bytes iccid;
    enum lpa_end end = with_iccid(a, words, &iccid, e);
    if (end == LPA_DONE && !p->yes && yes_or_no("Delete the profile for good?") != LPA_YES)
        return err_set(e, ERR_PEER, NULL, "the user said no"), LPA_USER;
    return end == LPA_DONE ? lpa_delete(&p->lpa, iccid, e) : end;
}

static int nickname(void *context, struct arena *a, char **words, struct err *e)
{
    struct program *p = context;
    struct bytes iccid;
    enum lpa_end end = with_iccid(a, words, &iccid, e);
    return end == LPA_DONE ? lpa_nickname(&p->lpa, iccid, bytes_text(words[1]), e) : end;
}

static int notifications(void *context, struct arena *a, char **words, struct err *e)
{
    struct program *p = context;
    static const char *const events[] = { "installed", "enabled", "disabled", "deleted" };
    struct rsp_ListNotificationResponse r;
    size_t sent;
    if (words[0] && strcmp(words[0], "send") != 0)
        return err_set(e, ERR_USAGE, NULL, "notifications takes nothing or \"send\""), LPA_USAGE;
    if (words[0]) {
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
        printf("%lld  %-9s  %s  %s\n", (long long)m->seqNumber, events[event], text_plain(a, m->notificationAddress),
               m->iccid.p ? iccid_text(a, m->iccid) : "-");
    }
    return end;
}

static const struct cli_command commands[] = {
    { "info", "", 0, 0, info },
    { "list", "", 0, 0, list },
    { "download", "an activation code", 1, 1, download },
    { "enable", "an ICCID", 1, 1, enable },
    { "disable", "an ICCID", 1, 1, disable },
    { "delete", "an ICCID", 1, 1, delete },
    { "nickname", "an ICCID and a text", 2, 2, nickname },
    { "notifications", "nothing or \"send\"", 0, 1, notifications },
    { .name = NULL },
};

static enum lpa_end with_card(struct program *p, const struct cli_command *command, char **words, struct err *e)
{
    if (frame_connect(p->socket, &p->fd, e) != 0)
        return LPA_READER;
    enum lpa_end end = lpa_open(&p->lpa, e);
    if (end == LPA_DONE)
        end = (enum lpa_end)command->run(p, p->lpa.arena, words, e);
    lpa_close(&p->lpa);
    close(p->fd);
    return end;
}

/* Exit codes are those of the LPA. */
static int around(void *context, const struct cli_command *command, struct arena *a, char **words, struct err *e)
{
    struct program *p = context;
    if (!p->socket)
        return err_set(e, ERR_USAGE, NULL, "--card SOCKET is needed");
    p->lpa.arena = a;
    p->lpa.env = (struct lpa_env){ .transmit = transmit, .post = post, .ask = ask, .progress = progress,
                                   .trace = p->explain ? trace : NULL, .context = p };
    enum lpa_end end = with_card(p, command, words, e);
    if (end != LPA_DONE)
        cli_failed(PROGRAM, e, NULL);
    return (int)end;
}

static int take_block(void *context, const char *value, struct err *e)
{
    struct program *p = context;
    uint64_t n;
    if (decimal_decode(bytes_text(value), 255, &n, NULL) != 0 || n == 0)
        return err_set(e, ERR_USAGE, NULL, "1 to 255 is expected");
    p->lpa.block = (size_t)n;
    return 0;
}

int main(int argc, char **argv)
{
    struct program p = { .fd = -1, .http.user_agent = RSP_USER_AGENT };
    const struct cli_option options[] = {
        { "card", .text = &p.socket },
        { "ca", .text = &p.http.ca },
        { "connect", .list = p.http.connect, .n = &p.http.n_connect, .most = HTTP_CONNECTS_MAX },
        { "yes", 'y', .flag = &p.yes },
        { "confirmation-code", .text = &p.code },
        { "refresh", .flag = &p.refresh },
        { "block", .take = take_block },
        { "asn1", .flag = &p.lpa.asn1 },
        { "explain", .flag = &p.explain },
        { .name = NULL },
    };
    const struct cli_program program = { PROGRAM, HELP, options, commands, .memory = 256 << 20, .around = around };
    return cli_main(&program, &p, argc, argv);
}
