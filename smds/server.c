/* SPDX-License-Identifier: Apache-2.0 */
#include "smds/server.h"

#include <stdio.h>

#include "server/shown.h"
#include "smds/records.h"
#include "smds/sweeper.h"

struct server *server_of(void *host)
{
    return (struct server *)(void *)((char *)host - offsetof(struct server, host));
}

static int load(struct host *host, struct err *e)
{
    struct server *s = server_of(host);
    struct settings *set = &s->settings;
    if (settings_load(host->arena, host->config, set, e) != 0)
        return -1;
    s->smds = (struct smds){ .service = { .role = &smds_role, .sets = &s->sets }, .root = set->role.root,
                             .limits = set->limits, .laboratory = set->host.server.test_mode };
    host->role = &s->smds;
    host->service = &s->smds.service;
    host->settings = &set->host;
    while (host->n_sets < set->n_certificates) {
        host->sets[host->n_sets] = &set->certificates[host->n_sets];
        host->n_sets++;
    }
    return 0;
}

static int read_set(struct host *host, size_t at, struct err *e)
{
    struct server *s = server_of(host);
    const struct set_settings *c = host->sets[at];
    struct server_set_files set = { .test_mode = host->settings->server.test_mode, .now = host->service->now(NULL) };
    const struct {
        const char *key, *path;
        struct bytes *to;
    } files[] = { { "ci", c->ci, &set.ci }, { "dsauth", c->auth, &set.auth },
                  { "dsauth-key", c->auth_key, &set.auth_key } };
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        if (host_read(host, files[i].path, files[i].to, e) != 0)
            return host_in_section(host, "certificates", c->name, files[i].key, e);
    return sets_add(&s->sets, &set, CERT_DSAUTH, e) == 0 ? 0 : host_in_section(host, "certificates", c->name, "", e);
}

/* With the registrations that the last server left in the middle. */
static int open_all(struct host *host, struct err *e)
{
    struct server *s = server_of(host);
    size_t n;
    if (host_store(host, e) != 0 || smds_recover(&s->smds, host->arena, &n, e) != 0)
        return -1;
    if (n)
        printf("%zu events were on their way to the root when the server ended; they are taken back\n", n);
    return 0;
}

static int start(struct host *host, struct err *e)
{
    struct server *s = server_of(host);
    return sweeper_open(&s->smds, &s->sweeper, e);
}

static void stop(struct host *host)
{
    sweeper_close(server_of(host)->sweeper);
}

static void end(struct host *host)
{
    sets_end(&server_of(host)->sets);
}

static const char *audited(struct arena *a, struct bytes subject, const char **text)
{
    *text = shown_text(a, subject);
    return "eid";
}

struct host *server_host(void)
{
    static const struct host_program program = {
        .name = "rsp-smds",
        .lpa = "es11",
        .mutual = "es12",
        .schema = &smds_schema,
        .database = "smds.db",
        .outbox = SMDS_OUTBOX,
        .send = smds_send,
        .subject = "eid",
        .audited = audited,
        .commands = smds_commands,
        .load = load,
        .read_set = read_set,
        .open = open_all,
        .start = start,
        .stop = stop,
        .end = end,
    };
    static struct server server = { .host = { .program = &program } };
    return &server.host;
}
