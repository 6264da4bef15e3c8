/* SPDX-License-Identifier: Apache-2.0 */
#include "server/host_settings.h"

#include <sys/socket.h>
#include <sys/un.h>

#include "rsp/ids.h"

const struct config_key host_crl_keys[] = {
    { "required", CONFIG_YES_NO_AT(struct host_settings, crl.required), .fallback = "yes",
      .help = "no: cards of a CI whose list (crl) could not be had since the start are accepted." },
    { "grace", CONFIG_DURATION_AT(struct host_settings, crl.grace), .fallback = "12h",
      .help = "How long a list counts after its nextUpdate; then cards are refused." },
    { "refresh", CONFIG_DURATION_AT(struct host_settings, crl.refresh), .fallback = "1h", .min = 1,
      .help = "How often is looked for a newer list, in a URL only when nextUpdate has passed or none is there." },
    { .name = NULL },
}, host_outbox_keys[] = {
    { "first-pause", CONFIG_DURATION_AT(struct host_settings, outbox.first_pause), .fallback = "5s", .min = 1,
      .help = "Until what could not be delivered is tried again; doubled each time." },
    { "longest-pause", CONFIG_DURATION_AT(struct host_settings, outbox.longest_pause), .fallback = "1h", .min = 1 },
    { "give-up", CONFIG_DURATION_AT(struct host_settings, outbox.give_up), .fallback = "30d",
      .help = "Age after which a message is put aside for the administrator; 0: never." },
    { "threads", CONFIG_NUMBER_AT(struct host_settings, outbox.threads), .fallback = "4", .min = 1, .max = 16,
      .help = "Destinations that are called at the same time." },
    { .name = NULL },
};

/* ------------------------------------------------------------------------------- checking */

static int no_section(const char *what, const char *name, struct err *e)
{
    return err_set(e, ERR_NOT_FOUND, NULL,
                   "%s names [%s %s], which is not there; next: write that section, or another name",
                   what, what, name);
}

static bool has_tls(const struct host_settings *s, const char *name)
{
    for (size_t i = 0; i < s->n_tls; i++)
        if (strcmp(s->tls[i].name, name) == 0)
            return true;
    return false;
}

static bool has_set(const struct set_settings *const *sets, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(sets[i]->name, name) == 0)
            return true;
    return false;
}

static int names_check(const struct host_settings *s, const struct set_settings *const *sets, size_t n_sets,
                       const struct listener_settings *l, struct err *e)
{
    for (size_t i = 0; i < l->n_tls; i++)
        if (!has_tls(s, l->tls[i]))
            return no_section("tls", l->tls[i], e);
    for (size_t i = 0; i < l->n_certificates; i++)
        if (!has_set(sets, n_sets, l->certificates[i]))
            return no_section("certificates", l->certificates[i], e);
    return 0;
}

/* A port of 0 is any free one. */
static int port_check(const struct host_settings *s, const struct listener_settings *l, struct err *e)
{
    for (const struct listener_settings *other = s->listeners; other < l; other++)
        if (l->listen.port && l->listen.port == other->listen.port && strcmp(l->listen.host, other->listen.host) == 0)
            return err_set(e, ERR_EXISTS, NULL, "[listener %s] has %s:%d already; next: write another port",
                           other->name, l->listen.host, l->listen.port);
    return 0;
}

static int listeners_check(const struct host_settings *s, const struct set_settings *const *sets, size_t n_sets,
                           const char *path, struct err *e)
{
    for (size_t i = 0; i < s->n_listeners; i++)
        if (names_check(s, sets, n_sets, &s->listeners[i], e) != 0 || port_check(s, &s->listeners[i], e) != 0)
            return err_at(e, "%s: [listener %s]", path, s->listeners[i].name);
    return 0;
}

static int outgoing_check(const struct host_settings *s, const char *path, struct err *e)
{
    if (!s->outgoing.certificate == !s->outgoing.key)
        return 0;
    err_set(e, ERR_VALUE, NULL, "certificate and key need each other; next: write both, or none");
    return err_at(e, "%s: [outgoing]", path);
}

/* The socket's name must fit into its address (unix(7)). */
static int data_check(const struct host_settings *s, const char *path, struct err *e)
{
    size_t most = sizeof((struct sockaddr_un *)0)->sun_path - sizeof "/admin.sock";
    if (strlen(s->server.data) <= most)
        return 0;
    err_set(e, ERR_LIMIT, NULL, "the path of data is longer than %zu characters; next: write a shorter one", most);
    return err_at(e, "%s: [server]", path);
}

static int blocked_check(const struct host_settings *s, const char *path, struct err *e)
{
    for (size_t i = 0; i < s->server.n_blocked; i++) {
        size_t n = strspn(s->server.blocked[i], "0123456789");
        if (s->server.blocked[i][n] == '\0' && n <= EID_DIGITS)
            continue;
        err_set(e, ERR_VALUE, "SGP.22 4.3", "blocked has \"%.40s\"; next: write an EID of %d digits, or its beginning",
                s->server.blocked[i], EID_DIGITS);
        return err_at(e, "%s: [server]", path);
    }
    return 0;
}

int host_settings_check(const struct host_settings *s, const struct set_settings *const *sets, size_t n_sets,
                        const char *path, struct err *e)
{
    return data_check(s, path, e) != 0 || blocked_check(s, path, e) != 0 ||
                   listeners_check(s, sets, n_sets, path, e) != 0 || outgoing_check(s, path, e) != 0
               ? -1
               : 0;
}
