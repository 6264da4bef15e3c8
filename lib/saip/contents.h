/* What well-known files say, in words: a table of decoders by place and FID.
 *
 * Every decoder takes any octets, reads none outside, and either writes what they mean or says that they are not as its
 * clause has them.  Files without a row here are shown in hex by who prints them.
 */
#ifndef RSPKIT_SAIP_CONTENTS_H
#define RSPKIT_SAIP_CONTENTS_H

#include "base/buf.h"
#include "saip/image.h"

/* What a file lies in, as bits. */
enum saip_place {
    SAIP_IN_MF = 1,
    SAIP_IN_TELECOM = 2,
    SAIP_IN_USIM = 4,
    SAIP_IN_ISIM = 8,
    SAIP_IN_CSIM = 16,
    SAIP_IN_PHONEBOOK = 32,
    SAIP_IN_5GS = 64,
    SAIP_IN_SAIP = 128,
    SAIP_IN_GSM_ACCESS = 256,
    SAIP_IN_EAP = 512, /* DF.EAP, whatever its FID */
};

enum saip_content_flag {
    SAIP_CONTENT_SECRET = 1,   /* keys, or a place for passwords: its octets are not for everybody's eyes */
    SAIP_CONTENT_PERSONAL = 2, /* one subscriber's */
};

/* The content of a transparent EF, or of one record; false: it is not as the clause says (then `out` is not used). */
typedef bool saip_decoder(struct buf *out, struct bytes content);

struct saip_content {
    unsigned places;
    uint16_t fid;
    const char *clause;
    saip_decoder *decode; /* NULL: there is nothing to say but its octets */
    unsigned flags;
};

extern const struct saip_content saip_contents[];
extern const size_t saip_contents_count;

/* By the DF or ADF it lies in and its FID; NULL: nothing is known of it. */
const struct saip_content *saip_content_of(const struct saip_file *);

/* The name of a file; of one that no template made, too, if its FID has one meaning in its DF: by the newest templates,
 * in DF.TELECOM by TS 51.011 10.5 and TS 31.102 4.2.  Otherwise its FID. */
const char *saip_file_name(const struct saip_file *);

/* What the content says, in UTF-8 without control characters: one line, of a list one an item, '\n' between them;
 * "empty" if all octets are FF; or the octets in short and "(not as CLAUSE says)".  NULL if the row has no decoder, or
 * without memory. */
const char *saip_content_text(struct arena *, const struct saip_content *, struct bytes content);

/* All octets are FF. */
bool saip_content_empty(struct bytes content);

/* Hex of at most `most` octets, then "..": and how many there are. */
const char *saip_short_hex(struct arena *, struct bytes, size_t most);

/* Digits, two an octet, the lower half first, up to F; false if there is another one that is none. */
bool saip_digits(struct buf *out, struct bytes);

#endif
