/* Inside lib/rsp/: JSON as it comes from others. */
#ifndef RSPKIT_RSP_JSON_H
#define RSPKIT_RSP_JSON_H

#include <json-c/json.h>

#include "base/bytes.h"
#include "base/err.h"

/* An object of RFC 8259, of bounded depth, which the caller puts back; ERR_SYNTAX with the place otherwise. */
int json_parse(struct bytes body, json_object **out, struct err *);

#endif
