/* JSON written front to back (RFC 8259): only what JSON demands is escaped. */
#ifndef RSPKIT_BASE_JSON_H
#define RSPKIT_BASE_JSON_H

#include "base/buf.h"

/* A string in quotes; `text` is UTF-8. */
void json_string(struct buf *out, struct bytes text);

/* The name of an object's next member, behind a comma unless it is the first. */
void json_name(struct buf *out, const char *name, bool *first);

#endif
