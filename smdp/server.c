/* SPDX-License-Identifier: Apache-2.0 */
#include "smdp/server.h"

#include <stdio.h>
#include <sys/stat.h>

#include "base/file.h"
#include "crypto/crypto.h"
#include "rsp/ids.h"
#include "server/shown.h"
#include "smdp/commands.h"
#include "smdp/records.h"

static const char DATABASE[] = "smdp.db";

/* -------------------------------------------------------------------------------- checking */

static int load(struct host *host, struct err *e)
{
    struct server *s = server_of(host);
    struct settings *set = &s->settings;
    if (settings_load(host->arena, host->config, set, e) != 0)
        return -1;
    s->smdp = (struct smdp){ .service = { .role = &smdp_role, .sets = &s->keys.sets }, .keys = &s->keys,
                             .limits = set->limits };
    host->settings = &set->host;
    host->service = &s->smdp.service;
    host->role = &s->smdp;
    for (size_t i = 0; i < set->n_certificates; i++)
        host->sets[host->n_sets++] = &set->certificates[i].set;
    return 0;
}

static int read_set(struct host *host, size_t at, struct err *e)
{
    struct server *s = server_of(host);
    const struct certificate_settings *c = &s->settings.certificates[at];
    const struct {
        const char *key, *path;
    } files[] = { { "ci", c->set.ci },
                  { "dpauth", c->set.auth },
                  { "dpauth-key", c->set.auth_key },
                  { "dppb", c->dppb },
                  { "dppb-key", c->dppb_key } };
    enum { FILES = sizeof files / sizeof *files };
    struct bytes f[FILES];
    for (int i = 0; i < FILES; i++)
        if (host_read(host, files[i].path, &f[i], e) != 0)
            return host_in_section(host, "certificates", c->set.name, files[i].key, e);
    const struct smdp_set_files set = { .set = { .ci = f[0], .auth = f[1], .auth_key = f[2],
                                                 .test_mode = s->settings.host.server.test_mode,
                                                 .now = s->smdp.service.now(NULL) },
                                        .pb = f[3], .pb_key = f[4] };
    return smdp_keys_add(&s->keys, &set, e) == 0 ? 0 : host_in_section(host, "certificates", c->set.name, "", e);
}

struct server *server_of(void *host)
{
    return (struct server *)(void *)((char *)host - offsetof(struct server, host));
}

/* --------------------------------------------------------------------------------- opening */

static int make_master(struct server *s, const char *path, struct err *e)
{
    struct stat there;
    if (stat(host_path(&s->host, DATABASE), &there) == 0) {
        err_set(e, ERR_NOT_FOUND, NULL,
                "the key that seals the database beside it is gone; next: put it back from your backup (without it the "
                "profiles cannot be read)");
        return err_at(e, "%s", path);
    }
    return crypto_random(s->keys.master, sizeof s->keys.master, e) != 0
               ? -1
               : file_write(path, BYTES_OF(s->keys.master), 0600, e);
}

/* The key that seals data at rest: made once, before the database, readable by its owner alone. */
static int open_master(struct server *s, struct err *e)
{
    const char *path = host_path(&s->host, "master.key");
    struct bytes key;
    struct stat there;
    if (stat(path, &there) != 0)
        return make_master(s, path, e);
    if (file_read(s->host.arena, path, 1024, &key, e) != 0)
        return -1;
    if (key.n != sizeof s->keys.master)
        err_set(e, ERR_VALUE, NULL, "not a key of 32 octets; next: put it back from your backup");
    else if (there.st_mode & 077)
        err_set(e, ERR_VALUE, NULL, "others can read the key; next: chmod 600, and think who may have read it");
    else {
        memcpy(s->keys.master, key.p, key.n);
        return 0;
    }
    return err_at(e, "%s", path);
}

/* Does the key open the first record of a kind? */
static bool opens(struct server *s, enum smdp_kind kind, enum smdp_sealed what, size_t name, size_t sealed, bool *any)
{
    const struct store_query q = { .kind = kind, .limit = 1 };
    struct store_records found;
    struct bytes plain;
    if (store_find(s->smdp.service.store, s->host.arena, &q, &found, NULL) != 0 || found.n == 0)
        return false;
    *any = true;
    return smdp_unseal(&s->keys, s->host.arena, what, found.items[0].v[name].b, found.items[0].v[sealed].b, &plain,
                       NULL) == 0;
}

/* Is the key the one of this database?  One record that it opens is enough: another may be damaged, which is told when
 * it is used. */
static int check_master(struct server *s, struct err *e)
{
    bool any = false;
    if (opens(s, KIND_TYPE, SEALED_PACKAGE, TYPE_NAME, TYPE_UPP, &any) ||
        opens(s, KIND_PROFILE, SEALED_SUBSCRIBER, PROFILE_ICCID, PROFILE_SUBSCRIBER, &any) || !any)
        return 0;
    err_set(e, ERR_VERIFY, NULL, "this is not the key that sealed the database beside it; next: put back the one that "
                                 "belongs to it from your backup");
    return err_at(e, "%s", host_path(&s->host, "master.key"));
}

/* Orders that the last server left in the middle. */
static int recover(struct server *s, struct err *e)
{
    size_t n;
    if (smdp_recover(&s->smdp, s->host.arena, &n, e) != 0)
        return -1;
    if (n)
        printf("%zu orders were registering their events when the server ended; they are settled\n", n);
    return 0;
}

static int open_all(struct host *host, struct err *e)
{
    struct server *s = server_of(host);
    return open_master(s, e) != 0 || host_store(host, e) != 0 || check_master(s, e) != 0 || recover(s, e) != 0 ? -1 : 0;
}

static void end(struct host *host)
{
    smdp_keys_end(&server_of(host)->keys);
}

/* A subject is an ICCID, which is no UTF-8 since it begins with the octet 98, or a name. */
static const char *audited(struct arena *a, struct bytes subject, const char **text)
{
    bool name = utf8_valid(subject);
    *text = name ? shown_text(a, subject) : iccid_text(a, subject);
    return name ? "name" : "iccid";
}

struct host *server_host(void)
{
    static const struct host_program program = {
        .name = "rsp-smdp",
        .mutual = "es2",
        .lpa = "es9",
        .database = DATABASE,
        .schema = &smdp_schema,
        .outbox = KIND_OUTBOX,
        .send = smdp_send,
        .commands = smdp_commands,
        .subject = "iccid",
        .audited = audited,
        .load = load,
        .read_set = read_set,
        .open = open_all,
        .end = end,
    };
    static struct server server = { .host = { .program = &program } };
    return &server.host;
}
