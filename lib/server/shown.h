/* What a command of the administration answers: things with members, for a person or as JSON, an object a line. */
#ifndef RSPKIT_SERVER_SHOWN_H
#define RSPKIT_SERVER_SHOWN_H

#include "server/admin.h"

enum shown_kind { SHOWN_TEXT, SHOWN_NUMBER, SHOWN_YES, SHOWN_SOME, SHOWN_SECONDS, SHOWN_TO_PROGRAMS };

/* A member, named in the way of the standard's JSON ("matchingId"); a person sees "matching id".  A text of NULL: the
 * member is left out.  The last one has no name. */
struct shown {
    const char *name;
    enum shown_kind kind;
    const char *text;
    int64_t number;
};

/* Rows of a list of members. */
#define SHOW_TEXT(name, text) { name, SHOWN_TEXT, text, 0 }
#define SHOW_NUMBER(name, n) { name, SHOWN_NUMBER, "", n }
#define SHOW_YES(name, yes) { name, SHOWN_YES, "", yes }
/* Of 0 and of 0 seconds a person sees nothing. */
#define SHOW_SOME(name, n) { name, SHOWN_SOME, "", n }
#define SHOW_SECONDS(name, n) { name, SHOWN_SECONDS, "", n }
/* A text that is too long for people. */
#define SHOW_TO_PROGRAMS(name, text) { name, SHOWN_TO_PROGRAMS, text, 0 }
#define SHOW_END { NULL, SHOWN_TEXT, NULL, 0 }

/* Answers with one thing; with the option "json" as JSON. */
int show(struct admin_session *, const struct shown *, struct err *);
/* An empty line between two things for people; `first` tells that none came before. */
int show_gap(struct admin_session *, bool first, struct err *);
/* Always JSON. */
int show_json(struct admin_session *, const struct shown *, struct err *);

/* Members' texts: NULL if the value is absent. */
const char *shown_text(struct arena *, struct bytes);
const char *shown_hex(struct arena *, struct bytes);
const char *shown_date(struct arena *, int64_t seconds);

#endif
