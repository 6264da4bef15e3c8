/* Activation codes as pictures. */
#ifndef RSPKIT_OPERATOR_QR_H
#define RSPKIT_OPERATOR_QR_H

#include "base/err.h"

/* Half blocks for a terminal, dark on light, to standard output. */
int qr_terminal(const char *text, struct err *);
/* A PNG of 8 pixels a module with its quiet zone. */
int qr_png(const char *text, const char *path, struct err *);

#endif
