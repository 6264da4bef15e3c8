/* Limits of profile packages, together. */
#ifndef RSPKIT_SAIP_LIMITS_H
#define RSPKIT_SAIP_LIMITS_H

enum {
    SAIP_PACKAGE_MAX = 1 << 20,  /* octets: large packages of the field have some 200,000 */
    SAIP_ELEMENTS_MAX = 512,     /* profile elements; TS.48 has 29 */
    SAIP_TEXT_MAX = 16 << 20,    /* octets of value notation */
    SAIP_FILES_MAX = 2048,       /* files of one profile; TS.48 has 240 */
    SAIP_FILE_SIZE_MAX = 65535,  /* octets of one file */
    SAIP_IMAGE_MAX = 2 << 20,    /* octets of all files together */
    SAIP_DEPTH_MAX = 32,         /* DFs in DFs of a path that is written for people */
};

#endif
