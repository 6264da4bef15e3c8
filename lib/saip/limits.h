/* Limits of profile packages, together: what keeps the time and the memory that a hostile one takes near those of a
 * large honest one.  A package beyond them ends with not-enough-memory or bad-values. */
#ifndef RSPKIT_SAIP_LIMITS_H
#define RSPKIT_SAIP_LIMITS_H

enum {
    SAIP_PACKAGE_MAX = 1 << 20,  /* octets: large packages of the field have some 200,000 */
    SAIP_ELEMENTS_MAX = 512,     /* profile elements; TS.48 has 29 */
    SAIP_TEXT_MAX = 16 << 20,    /* octets of value notation */
    SAIP_FILES_MAX = 2048,       /* files of one profile; TS.48 has 240 */
    SAIP_FILE_SIZE_MAX = 65535,  /* octets of one file */
    SAIP_IMAGE_MAX = 2 << 20,    /* octets of all files together */
    SAIP_DEPTH_MAX = 8,          /* DFs in DFs; paths of the format reach four deep */
    SAIP_COMMANDS_MAX = 1 << 14, /* of generic file management in a package; TS.48 has 300 */
    SAIP_STATUS_MAX = 26,        /* key references of a PIN status template: all there are */
    SAIP_DEMANDS_MAX = 256,      /* templates in eUICC-Mandatory-GFSTEList */
    SAIP_MODULES_MAX = 256,      /* security domains, applications and RFM together */
    SAIP_KEYS_MAX = 256,         /* of one security domain */
    SAIP_COMPONENTS_MAX = 16,    /* of one key */
};

#endif
