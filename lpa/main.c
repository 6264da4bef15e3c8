/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <unistd.h>

#include "asn1/tlv.h"
#include "base/cli.h"
#include "base/file.h"
#include "base/frame.h"
#include "base/text.h"
#include "lpa/explain.h"
#include "lpa/lpa.h"
#include "lpa/pcsc.h"
#include "net/http_client.h"
#include "rsp/ids.h"

static const char PROGRAM[] = "rsp-lpa";

static const char HELP[] =
    "usage: rsp-lpa [--reader NAME | --card SOCKET] [--ca FILE] COMMAND ..\n"
    "\n"
    "  readers                   the PC/SC readers and what is in them\n"
    "  info                      EID, versions, addresses, memory\n"
    "  list                      the profiles\n"
    "  discover                  profiles that wait for the card, found by its SM-DS (rsp-lpa discover --help)\n"
    "  download CODE             install a profile; \"-\" reads the activation code from standard input\n"
    "  enable | disable | delete ICCID\n"
    "  nickname ICCID TEXT\n"
    "  notifications [send]      list those that wait; send them\n"
    "\n"
    "  --reader NAME             PC/SC reader with the card, or a part of its name that no other has\n"
    "                            (not given: the one reader that has an eUICC)\n"
    "  --card SOCKET             local socket of rsp-euicc run, instead of a reader\n"
    "  --ca FILE                 CI certificates (PEM) that servers must chain to\n"
    "  --connect NAME=HOST:PORT  where a server name is found (laboratory)\n"
    "  --yes                     consent by option; --confirmation-code CODE likewise\n"
    "  --refresh                 enable and disable with REFRESH\n"
    "  --block N                 octets in an APDU, 1 to 255\n"
    "  --asn1                    speak ES9+ and ES11 in ASN.1, not in JSON\n"
    "  --explain                 show every message, decoded\n"
    "\n"
    "Exit codes: 0 done, 1 failed, 2 wrong usage, 3 refused by the server, 4 server out of reach or not\n"
    "trusted, 5 refused by the card, 6 refused by the user, 7 card out of reach.  See rsp-lpa(1).\n";

static const char DISCOVER_HELP[] =
    "usage: rsp-lpa discover [--list] [--smds ADDRESS] [--power-on] ..\n"
    "\n"
    "Asks the card's default SM-DP+ for a profile; if there is none, the card's SM-DS for events, and follows\n"
    "each of them, by way of further SM-DSs, to an SM-DP+.  Each profile is installed with the user's consent.\n"
    "\n"
    "  --list                    only show the events of the SM-DS\n"
    "  --smds ADDRESS            this SM-DS instead of the card's\n"
    "  --power-on                only if the card has no operational profile\n"
    "\n"
    "Card, servers and consent as for download: rsp-lpa --help.  Exit code: of the first that failed.\n";

struct program {
    struct lpa lpa;
    struct http_client http;
    int fd;
    struct pcsc pcsc;
    const char *socket, *reader, *code, *smds;
    bool yes, refresh, explain, list, power_on;
    const char *last_step;
};

/* -------------------------------------------------------------------- the LPA's outside */

static int transmit(void *context, struct arena *a, struct bytes command, struct bytes *response, struct err *e)
{
    struct program *p = context;
    if (!p->socket)
        return pcsc_transmit(&p->pcsc, a, command, response, e);
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
    printf("EID             %s\nSGP.22          %s\nprofile format  %s\nfirmware        %s\n", eid_text(a, i.eid),
           version_text(a, i.info2.svn), version_text(a, i.info2.profileVersion),
           version_text(a, i.info2.euiccFirmwareVer));
    struct cursor memory = cursor_over(tlv_find(i.info2.extCardResource, 0x82).value);
    printf("memory free     %lu octets\n", (unsigned long)cursor_u32(&memory));
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
    if (end == LPA_DONE && !d.told)
        printf("the server could not be told; next: rsp-lpa notifications send\n");
    return end;
}

static int discover(void *context, struct arena *a, char **words, struct err *e)
{
    struct program *p = context;
    struct lpa_discovery d = { .smds = p->smds ? bytes_text(p->smds) : BYTES_NONE, .list = p->list,
                               .power_on = p->power_on };
    (void)words;
    enum lpa_end end = lpa_discover(&p->lpa, &d, e);
    printf("%s", lpa_discovery_text(a, &d));
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

static int readers(void *context, struct arena *a, char **words, struct err *e);

static const struct cli_command commands[] = {
    { "readers", "", 0, 0, readers },
    { "info", "", 0, 0, info },
    { "list", "", 0, 0, list },
    { "discover", "", 0, 0, discover, .help = DISCOVER_HELP },
    { "download", "an activation code", 1, 1, download },
    { "enable", "an ICCID", 1, 1, enable },
    { "disable", "an ICCID", 1, 1, disable },
    { "delete", "an ICCID", 1, 1, delete },
    { "nickname", "an ICCID and a text", 2, 2, nickname },
    { "notifications", "nothing or \"send\"", 0, 1, notifications },
    { .name = NULL },
};

/* --------------------------------------------------------------------------- the card */

static enum lpa_end with_socket(struct program *p, struct err *e)
{
    if (frame_connect(p->socket, &p->fd, e) != 0)
        return LPA_READER;
    return lpa_open(&p->lpa, e);
}

static enum lpa_end try_reader(struct program *p, const char *name, struct err *e)
{
    if (pcsc_connect(&p->pcsc, name, e) != 0)
        return LPA_READER;
    enum lpa_end end = lpa_open(&p->lpa, e);
    if (end != LPA_DONE)
        pcsc_disconnect(&p->pcsc, false);
    return end;
}

static void leave_reader(struct program *p)
{
    lpa_close(&p->lpa);
    pcsc_disconnect(&p->pcsc, false);
}

struct readers {
    struct pcsc_reader at[PCSC_READERS_MAX];
    size_t n;
};

/* Whole names count more than parts: one may begin with another. */
static const char *reader_named(const struct readers *r, const char *name, struct err *e)
{
    const char *found = NULL;
    size_t n = 0;
    for (size_t i = 0; i < r->n; i++) {
        if (strcmp(r->at[i].name, name) == 0)
            return r->at[i].name;
        if (strstr(r->at[i].name, name)) {
            found = r->at[i].name;
            n++;
        }
    }
    if (n == 1)
        return found;
    err_set(e, ERR_IO, NULL, "%s; next: rsp-lpa readers",
            n ? "more than one reader has that in its name" : "no reader has that in its name");
    err_at(e, "%s", name);
    return NULL;
}

/* The one reader whose card is an eUICC; two are too many. */
static const char *reader_with_euicc(struct program *p, const struct readers *r, struct err *e)
{
    const char *found = NULL;
    size_t cards = 0;
    struct err why = { 0 };
    for (size_t i = 0; i < r->n; i++) {
        if (!r->at[i].card)
            continue;
        cards++;
        if (try_reader(p, r->at[i].name, &why) != LPA_DONE)
            continue;
        leave_reader(p);
        if (found) {
            err_set(e, ERR_IO, NULL, "there is an eUICC in \"%s\" and in \"%s\"; next: choose with --reader NAME",
                    found, r->at[i].name);
            return NULL;
        }
        found = r->at[i].name;
    }
    if (!found && cards == 1)
        *e = why;
    else if (!found)
        err_set(e, ERR_IO, NULL, "%s; next: rsp-lpa readers",
                cards ? "no reader has an eUICC" : "no reader has a card");
    return found;
}

static enum lpa_end with_reader(struct program *p, struct arena *a, struct err *e)
{
    struct readers readers;
    if (pcsc_start(&p->pcsc, e) != 0 || pcsc_list(&p->pcsc, a, readers.at, &readers.n, e) != 0)
        return LPA_READER;
    const char *name = p->reader ? reader_named(&readers, p->reader, e) : reader_with_euicc(p, &readers, e);
    return name ? try_reader(p, name, e) : LPA_READER;
}

static enum lpa_end with_card(struct program *p, const struct cli_command *command, struct arena *a, char **words,
                              struct err *e)
{
    enum lpa_end end = p->socket ? with_socket(p, e) : with_reader(p, a, e);
    if (end == LPA_DONE)
        end = (enum lpa_end)command->run(p, p->lpa.arena, words, e);
    lpa_close(&p->lpa);
    /* after a change without REFRESH the device begins anew (SGP.22 3.2.1) */
    pcsc_disconnect(&p->pcsc, command->run == enable || command->run == disable);
    pcsc_end(&p->pcsc);
    if (p->fd >= 0)
        close(p->fd);
    return end;
}

static const char *what_is_in(struct program *p, struct arena *a, const struct pcsc_reader *r)
{
    struct lpa_info i;
    struct err e = { 0 };
    if (!r->card)
        return "no card";
    enum lpa_end end = try_reader(p, r->name, &e);
    if (end != LPA_DONE)
        return end == LPA_CARD ? "a card, no eUICC" : arena_printf(a, "%s", e.what);
    end = lpa_info(&p->lpa, &i, &e);
    leave_reader(p);
    return end == LPA_DONE ? arena_printf(a, "eUICC, EID %s", eid_text(a, i.eid))
                           : "an eUICC that does not tell its EID";
}

static int readers(void *context, struct arena *a, char **words, struct err *e)
{
    struct program *p = context;
    struct readers r;
    (void)words;
    enum lpa_end end = LPA_DONE;
    if (pcsc_start(&p->pcsc, e) != 0 || pcsc_list(&p->pcsc, a, r.at, &r.n, e) != 0)
        end = LPA_READER;
    for (size_t i = 0; end == LPA_DONE && i < r.n; i++)
        printf("%s: %s\n", r.at[i].name, what_is_in(p, a, &r.at[i]));
    pcsc_end(&p->pcsc);
    return end;
}

/* Exit codes are those of the LPA. */
static int around(void *context, const struct cli_command *command, struct arena *a, char **words, struct err *e)
{
    struct program *p = context;
    if (p->socket && p->reader)
        return err_set(e, ERR_USAGE, NULL, "--card and --reader exclude each other");
    p->lpa.arena = a;
    p->lpa.env = (struct lpa_env){ .transmit = transmit, .post = post, .ask = ask, .progress = progress,
                                   .trace = p->explain ? trace : NULL, .context = p };
    enum lpa_end end = command->run == readers ? (enum lpa_end)readers(p, a, words, e)
                                               : with_card(p, command, a, words, e);
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
        { "reader", .text = &p.reader },
        { "ca", .text = &p.http.ca },
        { "connect", .list = p.http.connect, .n = &p.http.n_connect, .most = HTTP_CONNECTS_MAX,
          .take = cli_take_pair },
        { "yes", 'y', .flag = &p.yes },
        { "confirmation-code", .text = &p.code },
        { "list", .flag = &p.list },
        { "smds", .text = &p.smds },
        { "power-on", .flag = &p.power_on },
        { "refresh", .flag = &p.refresh },
        { "block", .take = take_block },
        { "asn1", .flag = &p.lpa.asn1 },
        { "explain", .flag = &p.explain },
        { .name = NULL },
    };
    const struct cli_program program = { PROGRAM, HELP, options, commands, .memory = 256 << 20, .around = around };
    return cli_main(&program, &p, argc, argv);
}
