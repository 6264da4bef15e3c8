/* A matrix of certificates, read from a file of tests/vectors: what comes of each (a row) in each place that takes one
 * (a slot).  Blank lines and those with '#' are left out; "=WORD TEXT" has a word stand for a long answer. */
#ifndef RSPKIT_TESTS_MATRIX_H
#define RSPKIT_TESTS_MATRIX_H

#include "harness.h"

enum { MATRIX_ROWS = 64, MATRIX_SLOTS = 9, MATRIX_CURVES = 2 };

struct matrix_row {
    const char *name, *cells[MATRIX_SLOTS];
    const char *got[MATRIX_CURVES][MATRIX_SLOTS]; /* what the test found */
};

struct matrix {
    struct matrix_row rows[MATRIX_ROWS]; /* the first one has the names of the slots */
    size_t n_rows, n_words;
    struct {
        const char *word, *said;
    } words[MATRIX_ROWS];
};

/* Texts in the test's arena; false: nothing is there. */
bool matrix_read(struct matrix *, const char *path, size_t slots);
/* The word for an answer that has its text in it, otherwise the answer. */
const char *matrix_word(const struct matrix *, const char *answer);
/* Each role and each fault there is has a row; a test row for each. */
void matrix_check_names(const struct matrix *);

#endif
