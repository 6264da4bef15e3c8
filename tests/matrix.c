/* SPDX-License-Identifier: Apache-2.0 */
#include "matrix.h"

#include "crypto/pki.h"

enum { LINE_OCTETS = 200 };

static const char *kept(const char *text)
{
    return arena_text(test_arena(), bytes_text(text));
}

static void row_take(struct matrix *m, char *line, size_t slots)
{
    char *save;
    struct matrix_row *r = &m->rows[m->n_rows++];
    *r = (struct matrix_row){ .name = kept(strtok_r(line, " ", &save)) };
    for (size_t i = 0; i < slots; i++) {
        const char *cell = strtok_r(NULL, " ", &save);
        if (CHECK(cell != NULL))
            r->cells[i] = kept(cell);
    }
    CHECK(strtok_r(NULL, " ", &save) == NULL);
}

static void word_take(struct matrix *m, char *line)
{
    char *save;
    m->words[m->n_words].word = kept(strtok_r(line + 1, " ", &save));
    m->words[m->n_words++].said = kept(save + strspn(save, " "));
}

bool matrix_read(struct matrix *m, const char *path, size_t slots)
{
    FILE *f = fopen(test_source(path), "r");
    char line[LINE_OCTETS];
    m->n_rows = m->n_words = 0;
    while (f && fgets(line, sizeof line, f) && m->n_rows < MATRIX_ROWS && m->n_words < MATRIX_ROWS) {
        line[strcspn(line, "\n")] = 0;
        if (line[0] == '=')
            word_take(m, line);
        else if (line[0] && line[0] != '#')
            row_take(m, line, slots);
    }
    if (f)
        fclose(f);
    return CHECK(m->n_rows > 1);
}

const char *matrix_word(const struct matrix *m, const char *answer)
{
    for (size_t i = 0; i < m->n_words; i++)
        if (strstr(answer, m->words[i].said))
            return m->words[i].word;
    return answer;
}

void matrix_check_names(const struct matrix *m)
{
    for (int i = 0; i < CERT_ROLES + CERT_FAULTS - 1; i++) {
        const char *name = i < CERT_ROLES ? pki_name((enum cert_role)i)
                                          : cert_fault_name((enum cert_fault)(i - CERT_ROLES + FAULT_NONE + 1));
        size_t k = 1;
        test_row("%s", name);
        while (k < m->n_rows && strcmp(m->rows[k].name, name) != 0)
            k++;
        CHECK(k < m->n_rows);
    }
}
