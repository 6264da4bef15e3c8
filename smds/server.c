/* SPDX-License-Identifier: Apache-2.0 */
#include "smds/server.h"

#include <stdio.h>

#include "smds/records.h"
#include "smds/sweeper.h"

static int start(struct host *host, struct err *e)
{
    struct server *s = server_of(host);
    return sweeper_open(&s->smds, &s->sweeper, e);
}

static const struct host_program program = {
    .name = "rsp-smds",
    .mutual = "es12",
    .lpa = "es11",
    .database = "smds.db",
    .schema = &smds_schema,
    .outbox = SMDS_OUTBOX,
    .send = smds_send,
    .commands = smds_commands,
    .start = start,
    .subject = "eid",
};

struct server *server_of(void *host)
{
    return (struct server *)(void *)((char *)host - offsetof(struct server, host));
}

static int read_set(struct server *s, const struct set_settings *c, struct err *e)
{
    const struct {
        const char *key, *path;
    } files[] = { { "ci", c->ci }, { "dsauth", c->auth }, { "dsauth-key", c->auth_key } };
    enum { FILES = sizeof files / sizeof *files };
    struct bytes f[FILES];
    for (int i = 0; i < FILES; i++)
        if (host_read(&s->host, files[i].path, &f[i], e) != 0)
            return host_in_section(&s->host, "certificates", c->name, files[i].key, e);
    const struct server_set_files set = { .ci = f[0], .auth = f[1], .auth_key = f[2],
                                          .test_mode = s->settings.host.server.test_mode,
                                          .now = s->smds.service.now(NULL) };
    return sets_add(&s->sets, &set, CERT_DSAUTH, e) == 0
               ? 0
               : host_in_section(&s->host, "certificates", c->name, "", e);
}

static int check(struct server *s, const char *config, struct err *e)
{
    struct settings *set = &s->settings;
    if (settings_load(s->host.arena, config, set, e) != 0)
        return -1;
    s->smds = (struct smds){ .service = { .role = &smds_role, .sets = &s->sets }, .root = set->role.root,
                             .limits = set->limits, .laboratory = set->host.server.test_mode };
    s->host = (struct host){ .program = &program, .arena = s->host.arena, .config = config, .settings = &set->host,
                             .service = &s->smds.service, .role = &s->smds };
    for (size_t i = 0; i < set->n_certificates; i++)
        s->host.sets[s->host.n_sets++] = &set->certificates[i];
    if (host_begin(&s->host, e) != 0)
        return -1;
    for (size_t i = 0; i < set->n_certificates; i++)
        if (read_set(s, &set->certificates[i], e) != 0)
            return -1;
    return host_files(&s->host, e);
}

int server_check_all(struct server *s, const char *config, struct err *e)
{
    return check(s, config, e) != 0 || host_revocation(&s->host, e) != 0 || host_lists(&s->host, e) != 0 ? -1 : 0;
}

/* Registrations that the last server left in the middle. */
static int recover(struct server *s, struct err *e)
{
    size_t n;
    if (smds_recover(&s->smds, s->host.arena, &n, e) != 0)
        return -1;
    if (n)
        printf("%zu events were on their way to the root when the server ended; they are taken back\n", n);
    return 0;
}

int server_run(struct server *s, const char *config, struct err *e)
{
    return check(s, config, e) != 0 || host_folder(&s->host, e) != 0 || host_store(&s->host, e) != 0 ||
                   host_crls(&s->host, e) != 0 || recover(s, e) != 0
               ? -1
               : host_serve(&s->host, e);
}

void server_end(struct server *s)
{
    sweeper_close(s->sweeper);
    host_end(&s->host);
    sets_end(&s->sets);
}
