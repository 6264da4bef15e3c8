/* SPDX-License-Identifier: Apache-2.0 */
#include "rsp/json.h"

#include "base/json.h"
#include "base/text.h"
#include "rsp/function.h"
#include "rsp/ids.h"
#include "rsp/limits.h"
#include "rsp/refusal.h"

/* Deeper, JSON is not ours; longer texts than the body cannot be. */
enum { MAX_JSON_DEPTH = 12 };

static const char *const executed_names[] = {
    [RSP_SUCCESS] = "Executed-Success",
    [RSP_WITH_WARNING] = "Executed-WithWarning",
    [RSP_FAILED] = "Failed",
    [RSP_EXPIRED] = "Expired",
};

/* ------------------------------------------------------------------------- reading */

/* json-c takes names in single quotes even when strict. */
static bool single_quotes(struct bytes body)
{
    bool inside = false;
    for (size_t i = 0; i < body.n; i++) {
        if (body.p[i] == '\\' && inside)
            i++;
        else if (body.p[i] == '"')
            inside = !inside;
        else if (body.p[i] == '\'' && !inside)
            return true;
    }
    return false;
}

int json_parse(struct bytes body, json_object **out, struct err *e)
{
    *out = NULL;
    if (single_quotes(body))
        return err_set(e, ERR_SYNTAX, "RFC 8259 7", "not a JSON object: a string in single quotes");
    json_tokener *t = json_tokener_new_ex(MAX_JSON_DEPTH);
    if (!t)
        return err_set(e, ERR_MEMORY, NULL, "no memory to read JSON");
    json_tokener_set_flags(t, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
    *out = body.n && body.n < INT32_MAX ? json_tokener_parse_ex(t, (const char *)body.p, (int)body.n) : NULL;
    enum json_tokener_error why = json_tokener_get_error(t);
    size_t end = json_tokener_get_parse_end(t);
    json_tokener_free(t);
    while (*out && end < body.n && memchr(" \t\r\n", body.p[end], 4))
        end++;
    if (*out && end == body.n && json_object_is_type(*out, json_type_object))
        return 0;
    if (*out)
        json_object_put(*out);
    *out = NULL;
    err_set(e, ERR_SYNTAX, "SGP.22 6.5", "not a JSON object: %s",
            why == json_tokener_success || why == json_tokener_continue ? "it ends too early or something follows"
                                                                       : json_tokener_error_desc(why));
    return err_at(e, "character %zu", end + 1);
}

static int bad_field(struct err *e, const char *name, const char *why)
{
    err_set(e, RSP_BAD_FORMAT, "SGP.22 6.5", "field \"%s\" %s", name, why);
    return err_at(e, "%s", name);
}

/* Text in the arena: the JSON tree does not outlive the call. */
static int text_of(struct arena *a, const char *name, json_object *v, struct bytes *out, struct err *e)
{
    if (!json_object_is_type(v, json_type_string))
        return bad_field(e, name, "is not a string");
    struct bytes text = bytes_make(json_object_get_string(v), (size_t)json_object_get_string_len(v));
    if (!utf8_valid(text))
        return bad_field(e, name, "holds a NUL or is not UTF-8");
    *out = arena_copy(a, text);
    return out->p ? 0 : err_set(e, ERR_MEMORY, NULL, "no memory for field \"%s\"", name);
}

static int status_read(struct arena *a, json_object *v, struct rsp_status *out, struct err *e);
static int events_read(struct arena *a, json_object *v, struct es11_events *out, struct err *e);

static int number_read(const char *name, json_object *v, struct bytes text, int *out, struct err *e)
{
    uint64_t n;
    if (json_object_is_type(v, json_type_int))
        text = bytes_text(json_object_get_string(v));
    if (decimal_decode(text, INT32_MAX, &n, NULL) != 0)
        return bad_field(e, name, "is not a number");
    *out = (int)n;
    return 0;
}

static int field_read(struct arena *a, const struct rsp_field *f, json_object *v, uint8_t *base, struct err *e)
{
    void *out = base + f->offset;
    struct bytes text = BYTES_NONE;
    if (f->kind == RSP_BOOL) {
        if (!json_object_is_type(v, json_type_boolean))
            return bad_field(e, f->name, "is neither true nor false");
        *(bool *)out = json_object_get_boolean(v);
        return 0;
    }
    if (f->kind == RSP_STATUS)
        return status_read(a, v, out, e);
    if (f->kind == RSP_EVENTS)
        return events_read(a, v, out, e);
    if (f->kind == RSP_INT && json_object_is_type(v, json_type_int))
        return number_read(f->name, v, text, out, e);
    if (text_of(a, f->name, v, &text, e) != 0)
        return -1;
    struct err inner;
    int bad = 0;
    switch (f->kind) {
    case RSP_INT:
        return number_read(f->name, v, text, out, e);
    case RSP_DER:
        bad = base64_decode(a, text, out, &inner);
        break;
    case RSP_HEX:
        bad = hex_decode(a, text, out, &inner);
        if (!bad && (text.n < 2 || text.n > 2 * TRANSACTION_ID_MAX))
            return bad_field(e, f->name, "does not have 1 to 16 octets");
        break;
    case RSP_EID:
        bad = eid_from_text(a, text, out, &inner);
        break;
    case RSP_ICCID:
        bad = iccid_from_text(a, text, out, &inner);
        break;
    default:
        *(struct bytes *)out = text;
        return 0;
    }
    return bad ? bad_field(e, f->name, arena_printf(a, "is malformed: %s", inner.what)) : 0;
}

static int fields_read(struct arena *a, const struct rsp_field *fields, json_object *object, void *out,
                       struct err *e)
{
    for (const struct rsp_field *f = fields; f->name; f++) {
        json_object *v = NULL;
        bool found = json_object_object_get_ex(object, f->name, &v) ||
                     (f->also && json_object_object_get_ex(object, f->also, &v));
        if (found && v) {
            if (field_read(a, f, v, out, e) != 0)
                return -1;
        } else if (!f->optional) {
            err_set(e, RSP_FIELD_MISSING, "SGP.22 6.5", "field \"%s\" is missing", f->name);
            return err_at(e, "%s", f->name);
        }
    }
    return 0;
}

static const struct rsp_field event_fields[] = {
    { "eventId", NULL, RSP_TEXT, offsetof(struct es11_event, eventId), false },
    { "rspServerAddress", NULL, RSP_TEXT, offsetof(struct es11_event, rspServerAddress), false },
    { NULL, NULL, RSP_TEXT, 0, false },
};

static int events_read(struct arena *a, json_object *v, struct es11_events *out, struct err *e)
{
    if (!json_object_is_type(v, json_type_array) || json_object_array_length(v) > EVENTS_MAX)
        return bad_field(e, "eventEntries", "is not an array of at most 1024 entries");
    out->n = json_object_array_length(v);
    out->items = arena_array(a, out->n, sizeof *out->items);
    if (!out->items)
        return err_set(e, ERR_MEMORY, NULL, "no memory for %zu events", out->n);
    for (size_t i = 0; i < out->n; i++) {
        json_object *item = json_object_array_get_idx(v, i);
        if (!json_object_is_type(item, json_type_object))
            return bad_field(e, "eventEntries", "holds something else than objects");
        if (fields_read(a, event_fields, item, &out->items[i], e) != 0)
            return err_within(e, "eventEntries[%zu]", i + 1);
    }
    return 0;
}

static const struct rsp_field code_fields[] = {
    { "subjectCode", NULL, RSP_TEXT, offsetof(struct rsp_status, subject), false },
    { "reasonCode", NULL, RSP_TEXT, offsetof(struct rsp_status, reason), false },
    { "subjectIdentifier", NULL, RSP_TEXT, offsetof(struct rsp_status, identifier), true },
    { "message", NULL, RSP_TEXT, offsetof(struct rsp_status, message), true },
    { NULL, NULL, RSP_TEXT, 0, false },
};

static int status_read(struct arena *a, json_object *v, struct rsp_status *out, struct err *e)
{
    json_object *text = NULL, *code = NULL;
    if (!json_object_object_get_ex(v, "status", &text) || !json_object_is_type(text, json_type_string))
        return bad_field(e, "status", "is missing");
    size_t i = 0;
    while (i < 4 && strcmp(executed_names[i], json_object_get_string(text)) != 0)
        i++;
    if (i == 4)
        return bad_field(e, "status", "is none of the four of SGP.22 6.5.1.4");
    out->executed = (enum rsp_executed)i;
    if (json_object_object_get_ex(v, "statusCodeData", &code) && json_object_is_type(code, json_type_object))
        return fields_read(a, code_fields, code, out, e);
    return 0;
}

static const struct rsp_field header_fields[] = {
    { "functionRequesterIdentifier", NULL, RSP_TEXT, offsetof(struct rsp_header, functionRequesterIdentifier), false },
    { "functionCallIdentifier", NULL, RSP_TEXT, offsetof(struct rsp_header, functionCallIdentifier), false },
    { NULL, NULL, RSP_TEXT, 0, false },
};

static int header_object(json_object *root, json_object **header, struct err *e)
{
    if (json_object_object_get_ex(root, "header", header) && json_object_is_type(*header, json_type_object))
        return 0;
    err_set(e, RSP_FIELD_MISSING, "SGP.22 6.5.1", "field \"header\" is missing");
    return err_at(e, "header");
}

int rsp_read_request(struct arena *a, enum rsp_function function, struct bytes body, struct rsp_header *header,
                     void *out, struct err *e)
{
    const struct rsp_function_info *info = &rsp_functions[function];
    json_object *root, *head;
    memset(out, 0, info->request_size);
    if (json_parse(body, &root, e) != 0)
        return -1;
    int bad = 0;
    if (info->header && header)
        bad = header_object(root, &head, e) != 0 || fields_read(a, header_fields, head, header, e) != 0;
    if (!bad)
        bad = fields_read(a, info->request, root, out, e) != 0;
    json_object_put(root);
    return bad ? -1 : 0;
}

int rsp_read_response(struct arena *a, enum rsp_function function, struct bytes body, struct rsp_status *status,
                      void *out, struct err *e)
{
    const struct rsp_function_info *info = &rsp_functions[function];
    json_object *root, *head, *executed = NULL;
    memset(status, 0, sizeof *status);
    if (out)
        memset(out, 0, info->response_size);
    if (json_parse(body, &root, e) != 0)
        return -1;
    int bad = header_object(root, &head, e) != 0;
    if (!bad && !json_object_object_get_ex(head, "functionExecutionStatus", &executed))
        bad = bad_field(e, "functionExecutionStatus", "is missing") != 0;
    if (!bad)
        bad = status_read(a, executed, status, e) != 0;
    if (!bad && out && status->executed <= RSP_WITH_WARNING)
        bad = fields_read(a, info->response, root, out, e) != 0;
    json_object_put(root);
    return bad ? -1 : 0;
}

/* ------------------------------------------------------------------------- writing */

static void fields_write(struct arena *a, struct buf *out, const struct rsp_field *fields, const uint8_t *in,
                         bool *first);

static void status_write(struct arena *a, struct buf *out, const struct rsp_status *s)
{
    bool first = true;
    buf_u8(out, '{');
    json_name(out, "status", &first);
    json_string(out, bytes_text(executed_names[s->executed]));
    if (bytes_present(s->subject)) {
        json_name(out, "statusCodeData", &first);
        buf_u8(out, '{');
        bool inner = true;
        fields_write(a, out, code_fields, (const uint8_t *)s, &inner);
        buf_u8(out, '}');
    }
    buf_u8(out, '}');
}

static void value_write(struct arena *a, struct buf *out, const struct rsp_field *f, const void *in)
{
    const struct bytes *b = in;
    const struct es11_events *events = in;
    switch (f->kind) {
    case RSP_DER:
        buf_u8(out, '"');
        base64_append(out, *b);
        buf_u8(out, '"');
        break;
    case RSP_HEX:
    case RSP_EID:
        buf_u8(out, '"');
        hex_append(out, *b);
        buf_u8(out, '"');
        break;
    case RSP_ICCID:
        json_string(out, bytes_text(iccid_text(a, *b)));
        break;
    case RSP_BOOL:
        buf_text(out, *(const bool *)in ? "true" : "false");
        break;
    case RSP_INT:
        buf_printf(out, "%d", *(const int *)in);
        break;
    case RSP_STATUS:
        status_write(a, out, in);
        break;
    case RSP_EVENTS:
        buf_u8(out, '[');
        for (size_t i = 0; i < events->n; i++) {
            bool first = true;
            buf_text(out, i ? ",{" : "{");
            fields_write(a, out, event_fields, (const uint8_t *)&events->items[i], &first);
            buf_u8(out, '}');
        }
        buf_u8(out, ']');
        break;
    default:
        json_string(out, *b);
    }
}

static bool is_octets(enum rsp_field_kind kind)
{
    return kind <= RSP_ICCID;
}

static void fields_write(struct arena *a, struct buf *out, const struct rsp_field *fields, const uint8_t *in,
                         bool *first)
{
    for (const struct rsp_field *f = fields; f->name; f++) {
        const void *v = in + f->offset;
        if (is_octets(f->kind) && !bytes_present(*(const struct bytes *)v))
            continue;
        json_name(out, f->name, first);
        value_write(a, out, f, v);
    }
}

static int written(struct buf *out, struct bytes *body, struct err *e)
{
    buf_u8(out, '}');
    *body = buf_bytes(out);
    return body->p ? 0 : err_set(e, ERR_MEMORY, NULL, "no memory to write JSON");
}

int rsp_write_request(struct arena *a, enum rsp_function function, const struct rsp_header *header, const void *in,
                      struct bytes *body, struct err *e)
{
    struct buf out = buf_in(a);
    bool first = true, inner = true;
    buf_u8(&out, '{');
    if (rsp_functions[function].header) {
        json_name(&out, "header", &first);
        buf_u8(&out, '{');
        fields_write(a, &out, header_fields, (const uint8_t *)header, &inner);
        buf_u8(&out, '}');
    }
    fields_write(a, &out, rsp_functions[function].request, in, &first);
    return written(&out, body, e);
}

int rsp_write_response(struct arena *a, enum rsp_function function, const struct rsp_status *status,
                       const void *in, struct bytes *body, struct err *e)
{
    struct buf out = buf_in(a);
    bool first = true;
    buf_u8(&out, '{');
    json_name(&out, "header", &first);
    buf_text(&out, "{\"functionExecutionStatus\":");
    status_write(a, &out, status);
    buf_u8(&out, '}');
    if (in && status->executed <= RSP_WITH_WARNING)
        fields_write(a, &out, rsp_functions[function].response, in, &first);
    return written(&out, body, e);
}
