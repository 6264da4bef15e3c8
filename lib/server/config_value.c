/* SPDX-License-Identifier: Apache-2.0 */
#include "server/config_value.h"

#include <arpa/inet.h>

#include "base/text.h"
#include "rsp/ids.h"

enum { PORT_MAX = 65535 };

static void *place(const struct config_value *v)
{
    return (uint8_t *)v->item + v->key->at;
}

static bool within(const struct config_key *key, uint64_t n)
{
    return n >= (uint64_t)key->min && (!key->max || n <= (uint64_t)key->max);
}

static int refuse(const struct config_value *v, struct bytes text, struct err *e)
{
    struct buf expected = buf_in(v->arena);
    config_value_expected(v->key, &expected);
    const char *what = buf_str(&expected);
    return err_set(e, ERR_VALUE, NULL, "%s cannot be \"%.*s\"; write %s", v->key->name, config_shown(text), text.p,
                   what ? what : "another value");
}

static int no_memory(const struct config_value *v, struct err *e)
{
    return err_set(e, ERR_MEMORY, NULL, "no memory for the value of %s", v->key->name);
}

static int keep(const struct config_value *v, struct bytes text, const char **slot, struct err *e)
{
    *slot = arena_text(v->arena, text);
    return *slot ? 0 : no_memory(v, e);
}

/* ------------------------------------------------------------------------------------- one value */

static int take_text(const struct config_value *v, struct err *e)
{
    return within(v->key, utf8_length(v->text)) ? keep(v, v->text, place(v), e) : refuse(v, v->text, e);
}

static int take_host(const struct config_value *v, struct err *e)
{
    return fqdn_valid(v->text, false) ? keep(v, v->text, place(v), e) : refuse(v, v->text, e);
}

static int take_path(const struct config_value *v, struct err *e)
{
    const char *slash = strrchr(v->path, '/');
    int folder = slash && v->text.p[0] != '/' ? (int)(slash + 1 - v->path) : 0;
    const char **slot = place(v);
    *slot = arena_printf(v->arena, "%.*s%.*s", folder, v->path, (int)v->text.n, v->text.p);
    return *slot ? 0 : no_memory(v, e);
}

static int take_place(const struct config_value *v, struct err *e)
{
    return memmem(v->text.p, v->text.n, "://", 3) ? keep(v, v->text, place(v), e) : take_path(v, e);
}

static int take_number(const struct config_value *v, struct err *e)
{
    uint64_t n;
    if (decimal_decode(v->text, INT64_MAX, &n, NULL) != 0 || !within(v->key, n))
        return refuse(v, v->text, e);
    *(int64_t *)place(v) = (int64_t)n;
    return 0;
}

static int take_duration(const struct config_value *v, struct err *e)
{
    uint64_t n;
    if (duration_decode(v->text, INT64_MAX, &n, NULL) != 0 || !within(v->key, n))
        return refuse(v, v->text, e);
    *(int64_t *)place(v) = (int64_t)n;
    return 0;
}

static int take_yes_no(const struct config_value *v, struct err *e)
{
    bool yes = bytes_equal(v->text, BYTES_LIT("yes"));
    if (!yes && !bytes_equal(v->text, BYTES_LIT("no")))
        return refuse(v, v->text, e);
    *(bool *)place(v) = yes;
    return 0;
}

/* The host without the brackets of an IPv6 address; absent if it is none. */
static struct bytes host_read(struct bytes host)
{
    char text[CONFIG_LINE_MAX + 1] = "";
    uint8_t address[sizeof(struct in6_addr)];
    bool bracketed = host.n > 2 && host.p[0] == '[' && host.p[host.n - 1] == ']';
    struct bytes inner = bracketed ? bytes_slice(host, 1, host.n - 2) : host;
    if (!inner.n || inner.n >= sizeof text)
        return BYTES_NONE;
    memcpy(text, inner.p, inner.n);
    bool numeric = strspn(text, "0123456789.") == inner.n;
    bool valid = bracketed || numeric ? inet_pton(bracketed ? AF_INET6 : AF_INET, text, address) == 1
                                      : fqdn_valid(inner, false) || strcmp(text, "localhost") == 0;
    return valid ? inner : BYTES_NONE;
}

static int take_address(const struct config_value *v, struct err *e)
{
    struct config_address *to = place(v);
    const uint8_t *colon = memrchr(v->text.p, ':', v->text.n);
    size_t at = colon ? (size_t)(colon - v->text.p) : v->text.n;
    struct bytes host = host_read(bytes_slice(v->text, 0, at));
    uint64_t port;
    if (!host.p || decimal_decode(bytes_slice(v->text, at + 1, v->text.n), PORT_MAX, &port, NULL) != 0)
        return refuse(v, v->text, e);
    to->port = (int)port;
    return keep(v, host, &to->host, e);
}

static int choice(const struct config_key *key, struct bytes text)
{
    for (int i = 0; key->choices[i]; i++)
        if (bytes_equal(text, bytes_text(key->choices[i])))
            return i;
    return -1;
}

static int take_choice(const struct config_value *v, struct err *e)
{
    int i = choice(v->key, v->text);
    if (i < 0)
        return refuse(v, v->text, e);
    *(int *)place(v) = i;
    return 0;
}

static int take_reference(const struct config_value *v, struct err *e)
{
    return config_name_valid(v->text) ? 0 : refuse(v, v->text, e);
}

/* --------------------------------------------------------------------------------------- lists */

static bool word_valid(const struct config_key *key, struct bytes word)
{
    if (key->kind == CONFIG_HOSTS)
        return fqdn_valid(word, false);
    for (size_t i = 0; i < word.n; i++)
        if (word.p[i] == ' ' || word.p[i] == '\t')
            return false;
    return word.n > 0 && (!key->choices || choice(key, word) >= 0);
}

static int list_add(const struct config_value *v, struct bytes word, struct err *e)
{
    const char **words = place(v);
    size_t *n = (size_t *)(void *)((uint8_t *)v->item + v->key->n_at);
    if (!word_valid(v->key, word))
        return refuse(v, word, e);
    for (size_t i = 0; i < *n; i++)
        if (bytes_equal_nocase(bytes_text(words[i]), word))
            return err_set(e, ERR_EXISTS, NULL, "%s has \"%s\" twice; take one out", v->key->name, words[i]);
    if (*n == v->key->most)
        return err_set(e, ERR_LIMIT, NULL, "%s has more than %zu entries; take some out", v->key->name, v->key->most);
    return keep(v, word, &words[(*n)++], e);
}

static int take_list(const struct config_value *v, struct err *e)
{
    for (size_t from = 0; from <= v->text.n;) {
        struct bytes left = bytes_slice(v->text, from, v->text.n);
        const uint8_t *comma = memchr(left.p, ',', left.n);
        size_t n = comma ? (size_t)(comma - left.p) : left.n;
        if (list_add(v, config_trim(bytes_slice(left, 0, n)), e) != 0)
            return -1;
        from += n + 1;
    }
    return 0;
}

/* ------------------------------------------------------------------------- what may be written */

static void expected_plain(const struct config_key *key, struct buf *out)
{
    static const char *const texts[] = {
        [CONFIG_HOST] = "a host name such as smdp.example.com",
        [CONFIG_PATH] = "a path; a relative one begins at this file's folder",
        [CONFIG_PLACE] = "a path, which begins at this file's folder if it is relative, or a URL",
        [CONFIG_YES_NO] = "yes or no",
        [CONFIG_ADDRESS] = "HOST:PORT such as 127.0.0.1:8443 or [::1]:8443",
    };
    buf_text(out, texts[key->kind]);
}

static void expected_text(const struct config_key *key, struct buf *out)
{
    buf_text(out, "a text");
    if (key->min)
        buf_printf(out, " of at least %lld%s", (long long)key->min, key->max ? "" : " characters");
    if (key->max)
        buf_printf(out, " %s at most %lld characters", key->min ? "and" : "of", (long long)key->max);
}

static void expected_number(const struct config_key *key, struct buf *out)
{
    buf_text(out, "a whole number");
    if (key->max)
        buf_printf(out, " from %lld to %lld", (long long)key->min, (long long)key->max);
    else if (key->min)
        buf_printf(out, " of at least %lld", (long long)key->min);
}

static void bound(struct buf *out, const char *before, int64_t seconds)
{
    const char *text = duration_encode(out->arena, (uint64_t)seconds);
    if (seconds && text)
        buf_printf(out, "%s%s", before, text);
}

static void expected_duration(const struct config_key *key, struct buf *out)
{
    buf_text(out, "a duration such as 90s, 15m, 12h or 7d");
    bound(out, ", at least ", key->min);
    bound(out, ", at most ", key->max);
}

static void expected_choice(const struct config_key *key, struct buf *out)
{
    for (size_t i = 0; key->choices[i]; i++)
        buf_printf(out, "%s%s", i == 0 ? "" : key->choices[i + 1] ? ", " : " or ", key->choices[i]);
}

static void expected_list(const struct config_key *key, struct buf *out)
{
    buf_printf(out, "%s, at most %zu, with commas between them",
               key->kind == CONFIG_HOSTS ? "host names such as smdp.example.com" : "words", key->most);
    if (!key->choices)
        return;
    buf_text(out, ": ");
    expected_choice(key, out);
}

static void expected_reference(const struct config_key *key, struct buf *out)
{
    buf_printf(out, "NAME of a section [%s NAME]", key->choices[0]);
}

static const struct {
    int (*take)(const struct config_value *, struct err *);
    void (*expected)(const struct config_key *, struct buf *);
    size_t size;
} kinds[] = {
    [CONFIG_TEXT] = { take_text, expected_text, sizeof(const char *) },
    [CONFIG_HOST] = { take_host, expected_plain, sizeof(const char *) },
    [CONFIG_PATH] = { take_path, expected_plain, sizeof(const char *) },
    [CONFIG_PLACE] = { take_place, expected_plain, sizeof(const char *) },
    [CONFIG_NUMBER] = { take_number, expected_number, sizeof(int64_t) },
    [CONFIG_YES_NO] = { take_yes_no, expected_plain, sizeof(bool) },
    [CONFIG_DURATION] = { take_duration, expected_duration, sizeof(int64_t) },
    [CONFIG_ADDRESS] = { take_address, expected_plain, sizeof(struct config_address) },
    [CONFIG_CHOICE] = { take_choice, expected_choice, sizeof(int) },
    [CONFIG_WORDS] = { take_list, expected_list, sizeof(const char *) },
    [CONFIG_HOSTS] = { take_list, expected_list, sizeof(const char *) },
    [CONFIG_REFERENCE] = { take_reference, expected_reference, sizeof(const void *) },
};

/* A row written for another structure would have its value put anywhere. */
static bool fits(const struct config_value *v)
{
    size_t of_one = kinds[v->key->kind].size, n_end = v->key->n_at + sizeof(size_t);
    bool list = config_value_is_list(v->key);
    return v->key->at + of_one * (list ? v->key->most : 1) <= v->size && (!list || n_end <= v->size);
}

int config_value_take(const struct config_value *v, struct err *e)
{
    if (!fits(v))
        return err_set(e, ERR_INTERNAL, NULL, "the table puts %s outside of its section's structure", v->key->name);
    if (!v->text.n)
        return err_set(e, ERR_SYNTAX, NULL, "%s has no value; write one behind the '=' or take the line out",
                       v->key->name);
    return kinds[v->key->kind].take(v, e);
}

void config_value_expected(const struct config_key *key, struct buf *out)
{
    kinds[key->kind].expected(key, out);
}

bool config_value_is_list(const struct config_key *key)
{
    return kinds[key->kind].take == take_list;
}

bool config_name_valid(struct bytes name)
{
    static const char others[] = "-_.";
    for (size_t i = 0; i < name.n; i++) {
        uint8_t c = name.p[i];
        bool word = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
        if (!word && !memchr(others, c, sizeof others - 1))
            return false;
    }
    return name.n > 0 && name.n <= CONFIG_NAME_MAX;
}

int config_shown(struct bytes text)
{
    enum { MOST = 48 };
    size_t n = text.n;
    if (n > MOST)
        for (n = MOST; n > 0 && (text.p[n] & 0xC0) == 0x80;)
            n--;
    return (int)n;
}

struct bytes config_trim(struct bytes text)
{
    static const char blanks[] = " \t\r";
    while (text.n && memchr(blanks, text.p[0], sizeof blanks - 1))
        text = bytes_slice(text, 1, text.n);
    while (text.n && memchr(blanks, text.p[text.n - 1], sizeof blanks - 1))
        text.n--;
    return text;
}
