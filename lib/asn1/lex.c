/* SPDX-License-Identifier: Apache-2.0 */
#include "asn1/lex.h"

static int peek(const struct lexer *l, size_t ahead)
{
    return l->at + ahead < l->text.n ? l->text.p[l->at + ahead] : -1;
}

static bool is_letter(int c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(int c)
{
    return c >= '0' && c <= '9';
}

static bool is_space(int c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

int lex_place(const struct lexer *l, struct err *e)
{
    size_t line = 1, column = 1;
    for (size_t i = 0; i < l->start && i < l->text.n; i++) {
        column++;
        if (l->text.p[i] == '\n') {
            line++;
            column = 1;
        }
    }
    return err_at(e, "line %zu, column %zu", line, column);
}

static int bad(struct lexer *l, struct err *e, const char *what)
{
    err_set(e, ERR_SYNTAX, "X.680 12", "%s", what);
    return lex_place(l, e);
}

/* "--" to the end of the line or the next "--" (X.680 12.6.3). */
static void skip_line_comment(struct lexer *l)
{
    for (l->at += 2; peek(l, 0) >= 0 && peek(l, 0) != '\n'; l->at++)
        if (peek(l, 0) == '-' && peek(l, 1) == '-') {
            l->at += 2;
            return;
        }
}

static int skip_block_comment(struct lexer *l, struct err *e)
{
    l->start = l->at;
    int depth = 0;
    do {
        if (peek(l, 0) == '/' && peek(l, 1) == '*') {
            depth++;
            l->at += 2;
        } else if (peek(l, 0) == '*' && peek(l, 1) == '/') {
            depth--;
            l->at += 2;
        } else if (peek(l, 0) < 0) {
            return bad(l, e, "a comment is not closed");
        } else {
            l->at++;
        }
    } while (depth);
    return 0;
}

static int skip_blank(struct lexer *l, struct err *e)
{
    for (;;) {
        if (is_space(peek(l, 0)))
            l->at++;
        else if (peek(l, 0) == '-' && peek(l, 1) == '-')
            skip_line_comment(l);
        else if (peek(l, 0) == '/' && peek(l, 1) == '*') {
            if (skip_block_comment(l, e) != 0)
                return -1;
        } else
            return 0;
    }
}

static void take(struct lexer *l, enum word_kind kind, size_t n)
{
    l->word = (struct word){ kind, bytes_slice(l->text, l->at, n) };
    l->at += n;
}

static void take_name(struct lexer *l)
{
    size_t n = 1;
    for (int c; (c = peek(l, n)) >= 0; n++)
        if (!is_letter(c) && !is_digit(c) && !(c == '-' && (is_letter(peek(l, n + 1)) || is_digit(peek(l, n + 1)))))
            break;
    take(l, WORD_NAME, n);
}

static void take_number(struct lexer *l)
{
    size_t n = 1;
    while (is_digit(peek(l, n)))
        n++;
    take(l, WORD_NUMBER, n);
}

/* "text" with "" for a quote inside; the word keeps the doubled form. */
static int take_string(struct lexer *l, struct err *e)
{
    size_t n = 1;
    for (; peek(l, n) >= 0; n++)
        if (peek(l, n) == '"') {
            if (peek(l, n + 1) != '"')
                break;
            n++;
        }
    if (peek(l, n) < 0)
        return bad(l, e, "a string is not closed");
    l->word = (struct word){ WORD_STRING, bytes_slice(l->text, l->at + 1, n - 1) };
    l->at += n + 1;
    return 0;
}

/* '..'H or '..'B */
static int take_quoted(struct lexer *l, struct err *e)
{
    size_t n = 1;
    while (peek(l, n) >= 0 && peek(l, n) != '\'')
        n++;
    int form = peek(l, n + 1);
    if (peek(l, n) < 0)
        return bad(l, e, "a quoted value is not closed");
    if (form != 'H' && form != 'B')
        return bad(l, e, "a quoted value ends in neither 'H nor 'B");
    l->word = (struct word){ form == 'H' ? WORD_HEX : WORD_BINARY, bytes_slice(l->text, l->at + 1, n - 1) };
    l->at += n + 2;
    return 0;
}

int lex_next(struct lexer *l, struct err *e)
{
    if (skip_blank(l, e) != 0)
        return -1;
    l->start = l->at;
    int c = peek(l, 0);
    if (c < 0)
        l->word = (struct word){ WORD_END, BYTES_LIT("the end") };
    else if (is_letter(c))
        take_name(l);
    else if (is_digit(c) || (c == '-' && is_digit(peek(l, 1))))
        take_number(l);
    else if (c == '"')
        return take_string(l, e);
    else if (c == '\'')
        return take_quoted(l, e);
    else if (c == ':' && peek(l, 1) == ':' && peek(l, 2) == '=')
        take(l, WORD_SIGN, 3);
    else if (strchr("{},:", c) && c)
        take(l, WORD_SIGN, 1);
    else
        return bad(l, e, "a character that begins no word");
    return 0;
}

bool word_is(const struct lexer *l, const char *sign)
{
    return l->word.kind == WORD_SIGN && bytes_equal(l->word.text, bytes_text(sign));
}
