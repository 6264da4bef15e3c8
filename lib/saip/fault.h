/* What the interpreter has to say of a package: TCA profile package 8.10.
 *
 * A fault names the place and both sides of the disagreement, so that who made the package can mend it:
 *
 *   element 12 (usim, identification 7), ef-imsi: at most 9 octets expected, content up to octet 10 found
 *   [TCA profile package 8.3.2]
 */
#ifndef RSPKIT_SAIP_FAULT_H
#define RSPKIT_SAIP_FAULT_H

#include "base/err.h"
#include "schema/saip.h"

/* PEStatus.status */
enum saip_status {
    SAIP_OK = 0,
    SAIP_PE_NOT_SUPPORTED = 1,
    SAIP_MEMORY_FAILURE = 2,
    SAIP_BAD_VALUES = 3,
    SAIP_NOT_ENOUGH_MEMORY = 4,
    SAIP_INVALID_FORMAT = 5,
    SAIP_INVALID_PARAMETER = 6,
    SAIP_RUNTIME_NOT_SUPPORTED = 7,
    SAIP_LIB_NOT_SUPPORTED = 8,
    SAIP_TEMPLATE_NOT_SUPPORTED = 9,
    SAIP_FEATURE_NOT_SUPPORTED = 10,
    SAIP_PIN_MISSING = 11,
    SAIP_WRONG_VERSION = 31,
};

#define SAIP_CLAUSE(number) "TCA profile package " number

struct saip_fault {
    enum saip_status status;
    size_t element;       /* number of the element, from 1; 0: the package as a whole */
    const char *kind;     /* "usim" */
    int32_t identification; /* of its PEHeader; -1: it has none */
    const char *member;   /* "ef-imsi", or NULL: the element as a whole */
    size_t offset;        /* of the part in question, in the element's octets */
    uint8_t additional;   /* additional-information, 0: none */
    const char *clause;   /* SAIP_CLAUSE("8.3.2") */
    const char *expected; /* "a key of 16 octets" */
    char found[224];      /* "15 octets" */
};

enum { SAIP_FAULTS_MAX = 64 };

/* In the order of the elements.  If it `aborted`, the last fault is the reason; the others are warnings. */
struct saip_result {
    struct saip_fault faults[SAIP_FAULTS_MAX];
    size_t n;
    bool aborted;
};

/* The status that ended the installation; SAIP_OK: none did. */
enum saip_status saip_result_status(const struct saip_result *);

/* A result without an element: the octets are no package. */
void saip_result_end(struct saip_result *, enum saip_status);

/* "pin-code-missing" */
const char *saip_status_name(int64_t status);

/* "element 6 (usim, identification 5), ef-imsi", or "the package"; returns `out`. */
enum { SAIP_PLACE_TEXT = 128 };
const char *saip_fault_place(const struct saip_fault *, char *out, size_t size);

/* Sets `err` to what a fault says (ERR_VALUE, clause included); returns -1. */
int saip_fault_err(const struct saip_fault *, struct err *);

/* EUICCResponse in DER, for simaResponse: a PEStatus each fault, and ok at the end of an installation.  What ended it
 * is told in short as statusMessage too. */
int saip_response(struct arena *, const struct saip_result *, struct bytes *der, struct err *);

#endif
