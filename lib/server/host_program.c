/* SPDX-License-Identifier: Apache-2.0 */
#include "server/host_program.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cli.h"

static void keep_to_oneself(void)
{
    setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 });
    umask(077);
}

int host_main_serve(struct host *s, struct arena *a, const char *config, struct err *e)
{
    keep_to_oneself();
    s->arena = a;
    int result = host_run(s, config, e);
    host_end(s);
    return result;
}

static const char *plural(size_t n)
{
    return n == 1 ? "" : "s";
}

int host_main_check(struct host *s, struct arena *a, const char *config, struct err *e)
{
    s->arena = a;
    int result = host_check(s, config, e);
    if (result == 0)
        printf("%s can be used: %zu listener%s, %zu certificate set%s\n", config, s->settings->n_listeners,
               plural(s->settings->n_listeners), s->n_sets, plural(s->n_sets));
    host_end(s);
    return result;
}

int host_print_sample(struct arena *a, const struct config_table *table, struct err *e)
{
    struct buf out = buf_in(a);
    config_sample(table, &out);
    const char *text = buf_str(&out);
    if (!text)
        return err_set(e, ERR_MEMORY, NULL, "no memory for a sample");
    return fputs(text, stdout) < 0 ? EXIT_REFUSED : 0;
}

/* ------------------------------------------------------------------------ a first folder */

int host_certs_find(struct arena *a, const char **certs, size_t n, struct err *e)
{
    for (size_t i = 0; i < n; i++) {
        char *whole = realpath(certs[i], NULL);
        if (!whole) {
            err_set(e, ERR_IO, NULL, "the folder is not there; next: make it with rsp-pki init");
            return err_at(e, "%s", certs[i]);
        }
        certs[i] = arena_text(a, bytes_text(whole));
        free(whole);
        if (!certs[i])
            return err_set(e, ERR_MEMORY, NULL, "no memory for a configuration");
    }
    return 0;
}

int host_folder_begin(struct host_first_folder *f, const char *folder, const char *path, struct err *e)
{
    struct stat there;
    *f = (struct host_first_folder){ .folder = folder, .path = path };
    if (stat(path, &there) == 0)
        return err_set(e, ERR_EXISTS, NULL, "%s is there already; next: edit it, or name another folder", path);
    f->made = mkdir(folder, 0700) == 0;
    return 0;
}

void host_folder_undo(const struct host_first_folder *f)
{
    unlink(f->path);
    if (f->made)
        rmdir(f->folder);
}
