/* A value of a configuration file: from its text to its place, and what may be written (for config.c, config_sample.c).
 */
#ifndef RSPKIT_SERVER_CONFIG_VALUE_H
#define RSPKIT_SERVER_CONFIG_VALUE_H

#include "server/config.h"

struct config_value {
    struct arena *arena;
    const char *path; /* of the configuration file */
    const struct config_key *key;
    struct bytes text;
    void *item; /* the key's places are in it */
    size_t size;
};

/* ERR_VALUE says what to write instead.  Of a reference only the shape is checked. */
int config_value_take(const struct config_value *, struct err *);
/* "a whole number from 1 to 64" */
void config_value_expected(const struct config_key *, struct buf *);

bool config_value_is_list(const struct config_key *);
/* Letters, digits, '-', '_' and '.', 1 .. CONFIG_NAME_MAX of them. */
bool config_name_valid(struct bytes name);
/* Octets of the text that a message shows, in whole characters. */
int config_shown(struct bytes text);
/* Without blanks, tabs and carriage returns at both ends. */
struct bytes config_trim(struct bytes text);

#endif
