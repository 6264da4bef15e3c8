/* The configuration file of rsp-smds. */
#ifndef RSPKIT_SMDS_SETTINGS_H
#define RSPKIT_SMDS_SETTINGS_H

#include "server/host_settings.h"
#include "smds/smds.h"

struct settings {
    struct host_settings host;
    struct {
        const char *root; /* NULL: this is the root */
    } role;
    struct smds_limits limits;
    struct set_settings certificates[SETS_MAX];
    size_t n_certificates;
};

extern const struct config_table settings_table;

/* Reads the file; an alternative SM-DS must have a certificate to show.  server/host.h checks the rest. */
int settings_load(struct arena *, const char *path, struct settings *, struct err *);

#endif
