/* rsp-profile: what its commands share. */
#ifndef RSPKIT_TOOLS_PROFILE_H
#define RSPKIT_TOOLS_PROFILE_H

#include "saip/package.h"
#include "saip/told.h"

enum { PROFILE_SETTINGS_MAX = 16 };

struct profile_options {
    const char *settings[PROFILE_SETTINGS_MAX];
    size_t n_settings;
    const char *out, *card;
    bool anyway, hide_secrets, json, full, secrets, ignore_subscriber, rules;
};

extern const char PROFILE_PROGRAM[];

/* A package in DER or in value notation: DER begins with the header's A0. */
int profile_read(struct arena *, const char *path, struct bytes *der, struct saip_package *, struct err *);

/* Commands (base/cli.h); `context` is struct profile_options. */
int profile_show(void *context, struct arena *, char **words, struct err *);
int profile_diff(void *context, struct arena *, char **words, struct err *);
extern const char PROFILE_SHOW_HELP[], PROFILE_DIFF_HELP[];

/* ------------------------------------------------------------------------ text for people */

struct profile_style {
    size_t width; /* columns */
    bool lines;   /* the tree's lines as UTF-8, else as ASCII */
    bool full;    /* all octets and attributes */
    bool secrets; /* keys and codes too */
};

/* A description as a page. */
void profile_text(struct buf *out, const struct saip_told *description, const struct profile_style *);
/* One of its files with all that is known of it and, of a DF, what lies in it. */
void profile_text_file(struct buf *out, const struct saip_told *file, const struct profile_style *);
/* A text behind `front`, in as many lines as it takes. */
void profile_text_wrapped(struct buf *out, const char *front, const char *text, const struct profile_style *);
/* "formatVersion" -> "format version", "iccid" -> "ICCID" */
const char *profile_label(struct arena *, const char *name);

#endif
