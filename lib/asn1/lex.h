/* Words of value notation, with their places. */
#ifndef RSPKIT_ASN1_LEX_H
#define RSPKIT_ASN1_LEX_H

#include "asn1/asn1.h"

enum word_kind { WORD_END, WORD_NAME, WORD_NUMBER, WORD_STRING, WORD_HEX, WORD_BINARY, WORD_SIGN };

struct word {
    enum word_kind kind;
    struct bytes text; /* without quotes; of a sign: "{", "}", ",", ":", "::=" */
};

struct lexer {
    struct bytes text;
    size_t at;    /* behind the current word */
    size_t start; /* of the current word */
    struct word word;
};

/* Moves to the next word; ERR_SYNTAX for what is none. */
int lex_next(struct lexer *, struct err *);

/* Sets the place of an error: the line and column of the current word. */
int lex_place(const struct lexer *, struct err *);

bool word_is(const struct lexer *, const char *sign);

#endif
