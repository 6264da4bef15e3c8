/* The configuration file of rsp-smdp. */
#ifndef RSPKIT_SMDP_SETTINGS_H
#define RSPKIT_SMDP_SETTINGS_H

#include "server/host_settings.h"
#include "smdp/smdp.h"

struct certificate_settings {
    struct set_settings set;
    const char *dppb, *dppb_key; /* files */
};

struct settings {
    struct host_settings host;
    struct smdp_limits limits;
    struct certificate_settings certificates[SETS_MAX];
    size_t n_certificates;
};

extern const struct config_table settings_table;

/* Reads the file; server/host.h checks that the names in it fit together. */
int settings_load(struct arena *, const char *path, struct settings *, struct err *);

#endif
