/* SPDX-License-Identifier: Apache-2.0 */
#include "rsp/binding.h"

#include "asn1/tlv.h"
#include "rsp/refusal.h"

static const char CLAUSE[] = "SGP.22 6.6";

enum { EVENT_OCTETS_MIN = 6 /* of an EventEntries: three tags with their lengths */ };
enum { REQUEST = 0xA2, RESPONSE = 0xA2, OK = 0xA0, ERROR = 0x81, UNDEFINED = 127 };

/* How a member travels. */
enum form {
    VALUE,   /* the field holds the content of `tag` */
    WHOLE,   /* the field holds the TLV with its tag */
    RETAGGED, /* the field holds a TLV with tag `own`, which travels under `tag` */
    WRAPPED, /* the field holds a TLV, which travels inside `tag` */
    EVENTS,  /* the field is a struct es11_events: EventEntries inside `tag` */
};

struct member {
    uint32_t tag; /* 0: ends the list */
    enum form form;
    size_t offset;
    uint32_t own;
};

#define M(tag, form, type, field) { tag, form, offsetof(struct type, field), 0 }
#define END { 0, VALUE, 0, 0 }

static const struct member initiate[] = {
    M(0x81, VALUE, es9_initiate_authentication, euiccChallenge),
    M(0x83, VALUE, es9_initiate_authentication, smdpAddress),
    M(0xBF20, WHOLE, es9_initiate_authentication, euiccInfo1),
    END,
}, initiate_done[] = {
    M(0x80, VALUE, es9_initiate_authentication_done, transactionId),
    M(0x30, WHOLE, es9_initiate_authentication_done, serverSigned1),
    M(0x5F37, WHOLE, es9_initiate_authentication_done, serverSignature1),
    M(0x04, WHOLE, es9_initiate_authentication_done, euiccCiPKIdToBeUsed),
    M(0x30, WHOLE, es9_initiate_authentication_done, serverCertificate),
    END,
}, client[] = {
    M(0x80, VALUE, es9_authenticate_client, transactionId),
    M(0xBF38, WHOLE, es9_authenticate_client, authenticateServerResponse),
    END,
}, client_done[] = {
    M(0x80, VALUE, es9_authenticate_client_done, transactionId),
    M(0xBF25, WHOLE, es9_authenticate_client_done, profileMetadata),
    M(0x30, WHOLE, es9_authenticate_client_done, smdpSigned2),
    M(0x5F37, WHOLE, es9_authenticate_client_done, smdpSignature2),
    M(0x30, WHOLE, es9_authenticate_client_done, smdpCertificate),
    END,
}, events_done[] = {
    M(0x80, VALUE, es11_authenticate_client_done, transactionId),
    M(0xA1, EVENTS, es11_authenticate_client_done, eventEntries),
    END,
}, event[] = {
    M(0x80, VALUE, es11_event, eventId),
    M(0x81, VALUE, es11_event, rspServerAddress),
    END,
}, get_bpp[] = {
    M(0x80, VALUE, es9_get_bound_profile_package, transactionId),
    M(0xBF21, WHOLE, es9_get_bound_profile_package, prepareDownloadResponse),
    END,
}, get_bpp_done[] = {
    M(0x80, VALUE, es9_get_bound_profile_package_done, transactionId),
    M(0xBF36, WHOLE, es9_get_bound_profile_package_done, boundProfilePackage),
    END,
}, cancel[] = {
    M(0x80, VALUE, es9_cancel_session, transactionId),
    { 0xA1, RETAGGED, offsetof(struct es9_cancel_session, cancelSessionResponse), 0xBF41 },
    END,
}, notification[] = {
    M(0xA0, WRAPPED, es9_handle_notification, pendingNotification),
    END,
}, nothing[] = { END };

static const struct binding {
    enum rsp_function function;
    uint32_t tag, answer_tag;
    const struct member *request, *response;
} bindings[] = {
    { ES9_INITIATE_AUTHENTICATION, 0xBF39, 0xBF39, initiate, initiate_done },
    { ES9_AUTHENTICATE_CLIENT, 0xBF3B, 0xBF3B, client, client_done },
    { ES9_GET_BOUND_PROFILE_PACKAGE, 0xBF3A, 0xBF3A, get_bpp, get_bpp_done },
    { ES9_CANCEL_SESSION, 0xBF41, 0xBF41, cancel, nothing },
    { ES9_HANDLE_NOTIFICATION, 0xBF3D, 0, notification, NULL },
    { ES11_AUTHENTICATE_CLIENT, 0xBF3B, 0xBF40, client, events_done }, /* a request is read as the one of ES9+ */
};
enum { BINDINGS = sizeof bindings / sizeof *bindings };

/* Annex H: the numbers of each function; the first row of a number is what it is read as. */
static const struct number {
    enum rsp_function function;
    int64_t number;
    int refusal;
} numbers[] = {
    { ES9_INITIATE_AUTHENTICATION, 1, RSP_ADDRESS },
    { ES9_INITIATE_AUTHENTICATION, 2, RSP_SVN_NOT_SUPPORTED },
    { ES9_INITIATE_AUTHENTICATION, 3, RSP_CI_NOT_SUPPORTED },
    { ES9_INITIATE_AUTHENTICATION, 3, RSP_NO_CERTIFICATE },
    { ES9_INITIATE_AUTHENTICATION, 1, RSP_DS_ADDRESS },
    { ES9_INITIATE_AUTHENTICATION, 2, RSP_DS_SVN_NOT_SUPPORTED },
    { ES9_INITIATE_AUTHENTICATION, 3, RSP_DS_CI_NOT_SUPPORTED },
    { ES9_INITIATE_AUTHENTICATION, 3, RSP_DS_NO_CERTIFICATE },
    { ES9_AUTHENTICATE_CLIENT, 1, RSP_EUM_INVALID },
    { ES9_AUTHENTICATE_CLIENT, 2, RSP_EUM_EXPIRED },
    { ES9_AUTHENTICATE_CLIENT, 3, RSP_EUICC_INVALID },
    { ES9_AUTHENTICATE_CLIENT, 4, RSP_EUICC_EXPIRED },
    { ES9_AUTHENTICATE_CLIENT, 5, RSP_EUICC_SIGNATURE },
    { ES9_AUTHENTICATE_CLIENT, 6, RSP_MATCHING_ID },
    { ES9_AUTHENTICATE_CLIENT, 7, RSP_EID_OTHER },
    { ES9_AUTHENTICATE_CLIENT, 8, RSP_NOT_ELIGIBLE },
    { ES9_AUTHENTICATE_CLIENT, 8, RSP_NOT_RELEASED },
    { ES9_AUTHENTICATE_CLIENT, 9, RSP_CI_UNKNOWN },
    { ES9_AUTHENTICATE_CLIENT, 10, RSP_TRANSACTION },
    { ES9_AUTHENTICATE_CLIENT, 11, RSP_CARD_MEMORY },
    { ES9_GET_BOUND_PROFILE_PACKAGE, 1, RSP_EUICC_SIGNATURE },
    { ES9_GET_BOUND_PROFILE_PACKAGE, 2, RSP_CC_MISSING },
    { ES9_GET_BOUND_PROFILE_PACKAGE, 3, RSP_CC_WRONG },
    { ES9_GET_BOUND_PROFILE_PACKAGE, 4, RSP_CC_EXHAUSTED },
    { ES9_GET_BOUND_PROFILE_PACKAGE, 5, RSP_REBINDING },
    { ES9_GET_BOUND_PROFILE_PACKAGE, 6, RSP_ORDER_EXPIRED },
    { ES9_GET_BOUND_PROFILE_PACKAGE, 95, RSP_TRANSACTION },
    { ES11_AUTHENTICATE_CLIENT, 1, RSP_EUM_INVALID },
    { ES11_AUTHENTICATE_CLIENT, 2, RSP_EUM_EXPIRED },
    { ES11_AUTHENTICATE_CLIENT, 3, RSP_EUICC_INVALID },
    { ES11_AUTHENTICATE_CLIENT, 4, RSP_EUICC_EXPIRED },
    { ES11_AUTHENTICATE_CLIENT, 5, RSP_EUICC_SIGNATURE },
    { ES11_AUTHENTICATE_CLIENT, 6, RSP_EVENT_UNKNOWN },
    { ES11_AUTHENTICATE_CLIENT, 7, RSP_TRANSACTION },
    { ES9_CANCEL_SESSION, 1, RSP_TRANSACTION },
    { ES9_CANCEL_SESSION, 2, RSP_EUICC_SIGNATURE },
};
enum { NUMBERS = sizeof numbers / sizeof *numbers };

static const struct binding *binding_of(enum rsp_function f)
{
    for (size_t i = 0; i < BINDINGS; i++)
        if (bindings[i].function == f)
            return &bindings[i];
    return NULL;
}

/* ---------------------------------------------------------------------------------- reading */

static int malformed(struct err *e, const char *what)
{
    return err_set(e, ERR_SYNTAX, CLAUSE, "%s", what);
}

/* The one TLV that the octets are. */
static int only(struct bytes octets, struct tlv *out, struct err *e)
{
    struct cursor c = cursor_over(octets);
    if (tlv_next(&c, ASN1_WIRE, out, e) != 0)
        return -1;
    return cursor_done(&c) ? 0 : malformed(e, "there are octets behind the message");
}

/* What stands inside the outer tag; some encoders write the function's tag twice. */
static int open_message(struct bytes body, uint32_t outer, struct tlv *function, struct err *e)
{
    struct tlv message;
    if (only(body, &message, e) != 0)
        return -1;
    if (message.tag != outer)
        return malformed(e, "the message does not begin with tag A2");
    if (only(message.value, function, e) != 0)
        return -1;
    struct cursor inner = cursor_over(function->value);
    return tlv_peek(&inner) == function->tag ? only(function->value, function, e) : 0;
}

static int take_all(struct arena *, const struct member *, struct bytes content, void *out, struct err *);

static int take_events(struct arena *a, struct bytes content, struct es11_events *out, struct err *e)
{
    struct cursor c = cursor_over(content);
    struct tlv t;
    *out = (struct es11_events){ 0 };
    out->items = arena_array(a, content.n / EVENT_OCTETS_MIN + 1, sizeof *out->items);
    if (!out->items)
        return err_set(e, ERR_MEMORY, NULL, "no memory for events");
    while (!cursor_done(&c)) {
        if (tlv_next(&c, ASN1_WIRE, &t, e) != 0)
            return -1;
        if (t.tag != 0x30)
            return malformed(e, "there is something else than events among the events");
        if (take_all(a, event, t.value, &out->items[out->n], e) != 0)
            return -1;
        out->n++;
    }
    return 0;
}

static int take(struct arena *a, const struct member *m, const struct tlv *t, void *at, struct err *e)
{
    struct bytes *field = at;
    struct tlv inner;
    struct buf retagged = buf_in(a);
    switch (m->form) {
    case VALUE:
        *field = t->value;
        return 0;
    case WHOLE:
        *field = t->whole;
        return 0;
    case WRAPPED:
        *field = t->value;
        return only(t->value, &inner, e);
    case EVENTS:
        return take_events(a, t->value, at, e);
    default: /* RETAGGED */
        tlv_add(&retagged, m->own, t->value);
        *field = buf_bytes(&retagged);
        return field->p ? 0 : err_set(e, ERR_MEMORY, NULL, "no memory for a message");
    }
}

/* Members by position; unknown ones behind the last are left alone. */
static int take_all(struct arena *a, const struct member *m, struct bytes content, void *out, struct err *e)
{
    struct cursor c = cursor_over(content);
    for (; m->tag; m++) {
        struct tlv t;
        if (tlv_next(&c, ASN1_WIRE, &t, e) != 0)
            return -1;
        if (t.tag != m->tag)
            return err_set(e, ERR_SYNTAX, CLAUSE, "tag %X stands where %X should be", t.tag, m->tag);
        if (take(a, m, &t, (char *)out + m->offset, e) != 0)
            return -1;
    }
    return 0;
}

int rsp_asn1_read_request(struct arena *a, struct bytes body, enum rsp_function *f, void **in, struct err *e)
{
    struct tlv function;
    if (open_message(body, REQUEST, &function, e) != 0)
        return -1;
    for (size_t i = 0; i < BINDINGS; i++) {
        if (bindings[i].tag != function.tag)
            continue;
        *f = bindings[i].function;
        *in = arena_alloc(a, rsp_functions[*f].request_size);
        if (!*in)
            return err_set(e, ERR_MEMORY, NULL, "no memory for a message");
        return take_all(a, bindings[i].request, function.value, *in, e);
    }
    return err_set(e, ERR_SYNTAX, CLAUSE, "tag %X is no function of ES9+", function.tag);
}

static struct rsp_status status_of_number(enum rsp_function f, struct bytes number)
{
    struct err e = { .code = RSP_INTERNAL };
    int64_t n = number.n == 1 ? number.p[0] : UNDEFINED;
    for (size_t i = 0; i < NUMBERS; i++)
        if (numbers[i].function == f && numbers[i].number == n) {
            e.code = numbers[i].refusal;
            break;
        }
    return rsp_status_of(&e);
}

int rsp_asn1_read_response(struct arena *a, enum rsp_function f, struct bytes body, struct rsp_status *status,
                           void *out, struct err *e)
{
    const struct binding *b = binding_of(f);
    struct tlv function, choice;
    if (!b || !b->response)
        return err_set(e, ERR_UNSUPPORTED, CLAUSE, "%s has no answer in ASN.1", rsp_functions[f].name);
    if (open_message(body, RESPONSE, &function, e) != 0)
        return -1;
    if (function.tag != b->answer_tag)
        return malformed(e, "the answer is one of another function");
    if (only(function.value, &choice, e) != 0)
        return -1;
    *status = (struct rsp_status){ .executed = RSP_SUCCESS };
    if (choice.tag == OK)
        return take_all(a, b->response, choice.value, out, e);
    *status = status_of_number(f, choice.value);
    return choice.tag == ERROR ? 0 : malformed(e, "the answer is neither a result nor an error");
}

/* ---------------------------------------------------------------------------------- writing */

static struct bytes members(struct arena *, const struct member *, const void *in);

static void add_events(struct arena *a, struct buf *out, uint32_t tag, const struct es11_events *events)
{
    struct buf list = buf_in(a);
    for (size_t i = 0; i < events->n; i++)
        tlv_add(&list, 0x30, members(a, event, &events->items[i]));
    struct bytes octets = buf_bytes(&list);
    out->failed = out->failed || (events->n && !octets.p);
    tlv_add(out, tag, octets);
}

static void add(struct arena *a, struct buf *out, const struct member *m, const void *at)
{
    struct bytes field = m->form == EVENTS ? BYTES_NONE : *(const struct bytes *)at;
    struct cursor c = cursor_over(field);
    struct tlv t = { 0 };
    switch (m->form) {
    case WHOLE:
        buf_add(out, field);
        return;
    case RETAGGED:
        out->failed = out->failed || tlv_next(&c, ASN1_WIRE, &t, NULL) != 0;
        tlv_add(out, m->tag, t.value);
        return;
    case EVENTS:
        add_events(a, out, m->tag, at);
        return;
    default:
        tlv_add(out, m->tag, field);
    }
}

static struct bytes members(struct arena *a, const struct member *m, const void *in)
{
    struct buf out = buf_in(a);
    for (; m->tag; m++)
        add(a, &out, m, (const char *)in + m->offset);
    return buf_bytes(&out);
}

static int close_message(struct arena *a, uint32_t outer, uint32_t tag, struct bytes content, struct bytes *body,
                         struct err *e)
{
    struct buf function = buf_in(a), message = buf_in(a);
    tlv_add(&function, tag, content);
    tlv_add(&message, outer, buf_bytes(&function));
    *body = content.p ? buf_bytes(&message) : BYTES_NONE;
    return body->p ? 0 : err_set(e, ERR_MEMORY, NULL, "no memory for a message");
}

int rsp_asn1_write_request(struct arena *a, enum rsp_function f, const void *in, struct bytes *body, struct err *e)
{
    const struct binding *b = binding_of(f);
    if (!b)
        return err_set(e, ERR_UNSUPPORTED, CLAUSE, "%s has no ASN.1 binding", rsp_functions[f].name);
    return close_message(a, REQUEST, b->tag, members(a, b->request, in), body, e);
}

/* The number of a refusal; -1: the function has none that fits. */
static int64_t number_of(enum rsp_function f, int refusal)
{
    for (size_t i = 0; i < NUMBERS; i++)
        if (numbers[i].function == f && numbers[i].refusal == refusal)
            return numbers[i].number;
    return f == ES9_INITIATE_AUTHENTICATION ? -1 : UNDEFINED;
}

int rsp_asn1_write_response(struct arena *a, enum rsp_function f, const struct err *refusal, const void *out,
                            struct bytes *body, struct err *e)
{
    const struct binding *b = binding_of(f);
    struct buf choice = buf_in(a);
    if (!b || !b->response)
        return err_set(e, ERR_UNSUPPORTED, CLAUSE, "%s has no answer in ASN.1", rsp_functions[f].name);
    if (refusal) {
        int64_t number = number_of(f, refusal->code);
        const uint8_t octet = (uint8_t)number;
        if (number < 0)
            return err_set(e, ERR_UNSUPPORTED, CLAUSE, "no error of %s says: %s", rsp_functions[f].name, refusal->what);
        tlv_add(&choice, ERROR, bytes_make(&octet, 1));
    } else {
        tlv_add(&choice, OK, members(a, b->response, out));
    }
    return close_message(a, RESPONSE, b->answer_tag, buf_bytes(&choice), body, e);
}
