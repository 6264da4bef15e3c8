/* Every message of a conversation, decoded as value notation, with one line on what it protects
 * against (rsp-lpa --explain). */
#ifndef RSPKIT_LPA_EXPLAIN_H
#define RSPKIT_LPA_EXPLAIN_H

#include "lpa/lpa.h"

/* Writes the message to standard output, and at once: the card may write to the same place. */
void lpa_explain(const struct lpa_message *, size_t width);

#endif
