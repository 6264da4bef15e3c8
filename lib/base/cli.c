/* SPDX-License-Identifier: Apache-2.0 */
#include "base/cli.h"

#include <stdarg.h>
#include <stdio.h>

int cli_failed(const char *program, const struct err *e, const char *next)
{
    char text[512];
    fprintf(stderr, "%s: %s\n", program, err_text(e, text, sizeof text));
    if (next)
        fprintf(stderr, "  next: %s\n", next);
    return e->code == ERR_USAGE ? EXIT_USAGE : EXIT_REFUSED;
}

int cli_usage(const char *program, const char *format, ...)
{
    va_list ap;
    fprintf(stderr, "%s: ", program);
    va_start(ap, format);
    vfprintf(stderr, format, ap);
    va_end(ap);
    fprintf(stderr, "\n  next: %s --help\n", program);
    return EXIT_USAGE;
}
