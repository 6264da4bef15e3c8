/* SPDX-License-Identifier: Apache-2.0 */
#include "base/cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/text.h"

/* An argument that begins with "-", taken apart. */
struct given {
    const char *text;
    size_t n;          /* of "--name" or "-x" */
    const char *value; /* behind "--name=" or "-x", or NULL */
};

static struct given given_read(const char *text)
{
    bool is_long = text[1] == '-';
    size_t n = is_long ? strcspn(text, "=") : 2;
    return (struct given){ text, n, text[n] ? text + n + is_long : NULL };
}

static bool given_is(const struct given *g, const struct cli_option *o)
{
    if (g->text[1] != '-')
        return o->letter == g->text[1];
    return strlen(o->name) == g->n - 2 && memcmp(o->name, g->text + 2, g->n - 2) == 0;
}

/* The row without name if there is none. */
static const struct cli_option *option_find(const struct cli_option *o, const struct given *g)
{
    while (o->name && !given_is(g, o))
        o++;
    return o;
}

static int set(const struct cli_option *o, void *context, const char *value, struct err *e)
{
    if (o->flag)
        *o->flag = true;
    if (o->text)
        *o->text = value;
    if (o->list && *o->n == o->most)
        return err_set(e, ERR_USAGE, NULL, "--%s can be given %zu times at most", o->name, o->most);
    if (o->list)
        o->list[(*o->n)++] = value;
    return o->take && o->take(context, value, e) != 0 ? err_within(e, "--%s", o->name) : 0;
}

/* One option at argv[0], its value perhaps at argv[1]: how many arguments it is, or -1. */
static int read_one(const struct cli_option *o, void *context, int argc, char **argv, struct err *e)
{
    struct given g = given_read(argv[0]);
    o = option_find(o, &g);
    if (!o->name)
        return err_set(e, ERR_USAGE, NULL, "the option %.*s is not known", (int)g.n, g.text);
    if (o->flag && g.value)
        return err_set(e, ERR_USAGE, NULL, "%.*s takes no value", (int)g.n, g.text);
    bool value_follows = !o->flag && !g.value;
    if (value_follows && argc < 2)
        return err_set(e, ERR_USAGE, NULL, "%.*s needs a value", (int)g.n, g.text);
    return set(o, context, value_follows ? argv[1] : g.value, e) == 0 ? 1 + value_follows : -1;
}

/* Moves the argument behind `n` words before them. */
static void move_before(char **words, int n)
{
    char *option = words[n];
    memmove(words + 1, words, (size_t)n * sizeof *words);
    words[0] = option;
}

int cli_options(const struct cli_option *options, void *context, int argc, char **argv, int *n_words, char ***words,
                struct err *e)
{
    int n = 0, at = 1; /* the words so far are the `n` arguments before argv[at] */
    bool ended = false, help = false;
    while (at < argc) {
        if (ended || argv[at][0] != '-' || argv[at][1] == '\0') {
            n++;
            at++;
            continue;
        }
        help = strcmp(argv[at], "--help") == 0 || strcmp(argv[at], "-h") == 0;
        if (help)
            break;
        ended = strcmp(argv[at], "--") == 0;
        int used = ended ? 1 : read_one(options, context, argc - at, argv + at, e);
        if (used < 0)
            return -1;
        for (; used > 0; used--, at++)
            move_before(argv + at - n, n);
    }
    *n_words = n;
    *words = argv + at - n;
    return help ? CLI_HELP : 0;
}

/* ": a, b" of all commands; nothing if they are more than fit into a sentence. */
static const char *names(const char *before, const struct cli_command *c, char *out, size_t size)
{
    size_t n = 0;
    for (; c->name && n < size; c++, before = ", ")
        n += (size_t)snprintf(out + n, size - n, "%s%s", before, c->name);
    return n < size ? out : "";
}

/* NULL: there is none. */
static const struct cli_command *command_named(const struct cli_command *c, int n_words, char **words)
{
    while (n_words && c->name && strcmp(c->name, words[0]) != 0)
        c++;
    return n_words && c->name ? c : NULL;
}

const struct cli_command *cli_command_find(const struct cli_command *all, int n_words, char **words, struct err *e)
{
    char text[160];
    const struct cli_command *c = command_named(all, n_words, words);
    if (n_words == 0)
        return err_set(e, ERR_USAGE, NULL, "a command is expected%s", names(": ", all, text, sizeof text)), NULL;
    if (!c)
        return err_set(e, ERR_USAGE, NULL, "there is no command \"%.40s\"%s", words[0],
                       names(", only ", all, text, sizeof text)), NULL;
    if (n_words - 1 < c->min || n_words - 1 > c->max)
        return err_set(e, ERR_USAGE, NULL, "%s takes %s", c->name, *c->usage ? c->usage : "no words"), NULL;
    return c;
}

/* Are those at argv[1] .. argv[n - 1] options of the command? */
static int options_belong(const struct cli_option *options, const struct cli_command *c, int n, char **argv,
                          struct err *e)
{
    for (int at = 1; c->options && at < n;) {
        struct given g = given_read(argv[at]);
        const struct cli_option *o = option_find(options, &g);
        if (o->name && !text_is_among(c->options, bytes_text(o->name)))
            return err_set(e, ERR_USAGE, NULL, "--%s is no option of %s", o->name, c->name);
        at += o->name && !o->flag && !g.value ? 2 : 1;
    }
    return 0;
}

/* *named: the command that the words name, or NULL. */
static int run(const struct cli_program *p, void *context, int argc, char **argv, struct arena *a,
               const struct cli_command **named, struct err *e)
{
    int n;
    char **words;
    int got = cli_options(p->options, context, argc, argv, &n, &words, e);
    if (got < 0)
        return -1;
    *named = command_named(p->commands, n, words);
    if (got == CLI_HELP)
        return fputs(*named && (*named)->help ? (*named)->help : p->help, stdout) < 0 ? EXIT_REFUSED : EXIT_DONE;
    const struct cli_command *c = cli_command_find(p->commands, n, words, e);
    if (!c || options_belong(p->options, c, argc - n, argv, e) != 0)
        return -1;
    return p->around ? p->around(context, c, a, words + 1, e) : c->run(context, a, words + 1, e);
}

int cli_main(const struct cli_program *p, void *context, int argc, char **argv)
{
    struct err e = { .code = ERR_MEMORY, .what = "no memory" };
    const struct cli_command *c = NULL;
    char next[120];
    struct arena *a = arena_new(p->memory);
    int code = a ? run(p, context, argc, argv, a, &c, &e) : -1;
    bool own = c && c->help;
    snprintf(next, sizeof next, "%s%s%s --help", p->name, own ? " " : "", own ? c->name : "");
    if (code < 0)
        code = cli_failed(p->name, &e, e.code == ERR_USAGE ? next : NULL); /* its clause may be in the arena */
    arena_free(a);
    return code;
}

int cli_failed(const char *program, const struct err *e, const char *next)
{
    char text[sizeof e->where + sizeof e->what + 64];
    fprintf(stderr, "%s: %s\n", program, err_text(e, text, sizeof text));
    if (next)
        fprintf(stderr, "  next: %s\n", next);
    return e->code == ERR_USAGE ? EXIT_USAGE : EXIT_REFUSED;
}

int cli_take_pair(void *context, const char *value, struct err *e)
{
    const char *equals = strchr(value, '=');
    (void)context;
    return equals && equals != value && equals[1] ? 0 : err_set(e, ERR_USAGE, NULL, "NAME=VALUE is expected");
}

size_t cli_columns(void)
{
    enum { LEAST = 20, MOST = 1000, USUAL = 100 };
    const char *given = getenv("COLUMNS");
    struct winsize terminal;
    uint64_t n;
    if (given && decimal_decode(bytes_text(given), MOST, &n, NULL) == 0 && n >= LEAST)
        return (size_t)n;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &terminal) == 0 && terminal.ws_col >= LEAST)
        return terminal.ws_col;
    return USUAL;
}
