/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"
#include "config_example.h"
#include "fuzz.h"

static bool is_text(const char *text)
{
    return text && *text && utf8_valid(bytes_text(text));
}

static const char *listener_fault(const struct example *s, const struct example_listener *l)
{
    bool names_one = false;
    for (size_t i = 0; i < s->n_certificates; i++)
        names_one = names_one || l->certificates == &s->certificates[i];
    return !is_text(l->name) || !is_text(l->listen.host)                        ? "a listener without a place"
           : l->listen.port < 0 || l->listen.port > 65535                       ? "a port out of range"
           : l->n_interfaces < 1 || l->n_interfaces > INTERFACES_MAX            ? "interfaces out of range"
           : l->certificates && (l->plain || !names_one)                        ? "a reference to nothing"
                                                                                : NULL;
}

static const char *settings_fault(const struct example *s)
{
    if (!is_text(s->server.data) || s->server.data[0] != '/')
        return "a path that is not in the folder";
    if (s->server.workers < 1 || s->server.workers > 64 || s->server.session < 60 || s->server.session > 86400 ||
        s->server.log < 0 || s->server.log > 2 || s->limits.attempts < 0)
        return "a number out of its bounds";
    if (s->server.n_addresses < 1 || s->server.n_addresses > HOSTS_MAX || s->server.n_labels > HOSTS_MAX ||
        s->n_listeners < 1 || s->n_listeners > LISTENERS_MAX || s->n_certificates > CERTIFICATES_MAX)
        return "a count out of its bounds";
    for (size_t i = 0; i < s->n_certificates; i++)
        if (!is_text(s->certificates[i].name) || !is_text(s->certificates[i].folder))
            return "certificates without a name";
    const char *fault = listener_fault(s, &s->listeners[0]);
    return fault || s->n_listeners < 2 ? fault : listener_fault(s, &s->listeners[1]);
}

/* What is read is within its bounds; what is not has a line that the file has. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new(1 << 20);
    struct example s = { 0 };
    struct err e = { 0 };
    size_t lines = 1, line = 0;
    for (size_t i = 0; i < size; i++)
        lines += data[i] == '\n';
    if (config_read(a, "/etc/rsp.conf", bytes_make(data, size), &example_table, &s, &e) == 0)
        fuzz_demand(settings_fault(&s));
    else if (sscanf(e.where, "/etc/rsp.conf:%zu", &line) != 1 || line < 1 || line > lines)
        fuzz_demand("a mistake without its line");
    else if (!e.what[0] || e.code == ERR_INTERNAL)
        fuzz_demand("a mistake that is ours");
    arena_free(a);
    return 0;
}
