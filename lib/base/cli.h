/* What every program does in the same way: its options and commands are tables.  Exit codes: 0 done, 1 refused,
 * 2 wrong usage; a program's man page lists further ones. */
#ifndef RSPKIT_BASE_CLI_H
#define RSPKIT_BASE_CLI_H

#include "base/arena.h"
#include "base/err.h"

enum { EXIT_DONE = 0, EXIT_REFUSED = 1, EXIT_USAGE = 2 };

/* A row says by what it has set where the option goes.  A row with `flag` takes no value, any other one takes one.
 * The last row has no name. */
struct cli_option {
    const char *name;   /* "out" for --out VALUE and --out=VALUE; not to be shortened */
    char letter;        /* 'o' for -o VALUE and -oVALUE, or 0 */
    bool *flag;         /* becomes true */
    const char **text;  /* the value; given twice, the last one */
    const char **list;  /* the values, in the order given */
    size_t *n, most;    /* how many there are in `list`, how many may be */
    int (*take)(void *context, const char *value, struct err *); /* 0 or -1; the option's name is put in front */
};

enum { CLI_HELP = 1 };

/* Reads the options among argv[1] .. argv[argc - 1] in their order; a lone "-" is a word, "--" ends the options.
 * `words` are the *n_words other arguments; they stand at the end of `argv`, which is put in order for that, and end
 * as it does.  Returns 0, CLI_HELP at --help or -h (with the words before it), -1 with ERR_USAGE or what `take` said.
 * Values are not told. */
int cli_options(const struct cli_option *, void *context, int argc, char **argv, int *n_words, char ***words,
                struct err *);

/* The last row has no name. */
struct cli_command {
    const char *name;
    const char *usage; /* "an ICCID", told when the number of words after the name is not in min .. max */
    int min, max;
    /* 0 done; -1 with the error; otherwise an exit code, the error being told already. */
    int (*run)(void *context, struct arena *, char **words, struct err *);
    const char *options; /* names of the program's options that it has, blanks between them; NULL: all of them */
    const char *help;    /* of `PROGRAM NAME --help`; NULL: the program's */
};

/* The command that words[0] names; NULL with ERR_USAGE. */
const struct cli_command *cli_command_find(const struct cli_command *, int n_words, char **words, struct err *);

struct cli_program {
    const char *name, *help;
    const struct cli_option *options;
    const struct cli_command *commands;
    size_t memory; /* the limit of the arena that a command gets */
    /* If given, is called in place of a command's `run`, and calls it: for what goes around all of them. */
    int (*around)(void *context, const struct cli_command *, struct arena *, char **words, struct err *);
};

/* Options, then the command; tells the error.  Returns the exit code. */
int cli_main(const struct cli_program *, void *context, int argc, char **argv);

/* "PROGRAM: where: what [clause]" and, if `next` is given, "  next: ..." to standard error.
 * Returns EXIT_REFUSED, or EXIT_USAGE for ERR_USAGE. */
int cli_failed(const char *program, const struct err *, const char *next);

/* For an option's `take`: NAME=VALUE and nothing else. */
int cli_take_pair(void *context, const char *value, struct err *);

/* Columns that a line of output may have: COLUMNS of the environment (20 or more), else the terminal's, else 100. */
size_t cli_columns(void);

#endif
