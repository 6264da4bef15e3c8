/* SPDX-License-Identifier: Apache-2.0 */
#include "peers.h"

#include <stdlib.h>

#include <json-c/json.h>

struct peers peers;

/* ----------------------------------------------------------------------------- the servers */

static struct bytes event_id(const struct letter *l)
{
    return bytes_text(letter_member(l, "eventId"));
}

static int event_find(struct bytes id)
{
    for (int i = 0; i < peers.n_events; i++)
        if (bytes_equal(peers.events[i].id, id))
            return i;
    return -1;
}

/* SGP.22 5.9.1, 5.9.2: the refusal, or NULL. */
static const char *event_do(const struct letter *l)
{
    bool new = bytes_equal(l->path, BYTES_LIT("/gsma/rsp2/es12/registerEvent"));
    int at = event_find(event_id(l));
    if (new && at >= 0)
        return "3.3";
    if (!new && at < 0)
        return "3.9";
    if (!new) {
        peers.events[at] = peers.events[--peers.n_events];
    } else if (CHECK(peers.n_events < PEER_EVENTS_MAX)) {
        peers.events[peers.n_events].eid = bytes_text(letter_member(l, "eid"));
        peers.events[peers.n_events++].id = event_id(l);
    }
    return NULL;
}

static const char *answer_text(const char *executed, const char *subject, const char *reason)
{
    const char *codes = subject ? arena_printf(test_arena(), ",\"statusCodeData\":{\"subjectCode\":\"%s\","
                                                             "\"reasonCode\":\"%s\"}", subject, reason) : "";
    return arena_printf(test_arena(), "{\"header\":{\"functionExecutionStatus\":{\"status\":\"%s\"%s}}}", executed,
                        codes);
}

static const char *smds_answer(const struct letter *l)
{
    const struct manner *m = &peers.smds;
    const char *refusal = m->deaf || m->executed ? NULL : event_do(l);
    if (m->executed)
        return answer_text(m->executed, m->subject, m->reason);
    return refusal ? answer_text("Failed", "8.9.5", refusal) : answer_text("Executed-Success", NULL, NULL);
}

static struct letter *keep(struct world *w, const struct service_call *c)
{
    static struct letter spare;
    struct letter *l = CHECK(peers.n < LETTERS_MAX) ? &peers.letters[peers.n++] : &spare;
    *l = (struct letter){ c->peer, arena_copy(test_arena(), c->host), arena_copy(test_arena(), c->path),
                          arena_copy(test_arena(), c->body), w->now };
    return l;
}

static int answer(struct world *w, const struct service_call *c, struct service_answer *out, struct err *e)
{
    struct letter *l = keep(w, c);
    bool smds = c->peer == PEER_SMDS;
    const struct manner *m = smds ? &peers.smds : &peers.operator;
    static const struct manner well;
    const char *text = "";
    if (peers.patient && bytes_equal(c->host, bytes_text(peers.patient)))
        m = &well;
    if (smds)
        text = smds_answer(l);
    if (smds && peers.during) {
        void (*during)(struct world *) = peers.during;
        peers.during = NULL;
        during(w);
    }
    if (m->lost)
        return err_set(e, ERR_IO, NULL, "nobody answers");
    *out = (struct service_answer){ .status = m->status ? m->status : smds ? 200 : 204,
                                 .body = bytes_text(m->body ? m->body : text),
                                 .retry_after = m->retry_after };
    return 0;
}

void peers_begin(struct world *w)
{
    peers = (struct peers){ 0 };
    w->peer = answer;
}

/* ----------------------------------------------------------------------------- what they got */

const char *letter_member(const struct letter *l, const char *path)
{
    json_object *root = json_tokener_parse(arena_text(test_arena(), l->body)), *at = root;
    char *names = arena_text(test_arena(), bytes_text(path)), *save;
    for (char *name = strtok_r(names, ".", &save); name && at; name = strtok_r(NULL, ".", &save))
        if (!json_object_object_get_ex(at, name, &at))
            at = NULL;
    const char *text = arena_text(test_arena(), bytes_text(at ? json_object_get_string(at) : ""));
    json_object_put(root);
    return text;
}

const char *letters_faults(const struct letter *l, int n)
{
    static const char script[] = "import json, sys, jsonschema\n"
                                 "schemas = json.load(open(sys.argv[1]))\n"
                                 "for line in open(sys.argv[2]):\n"
                                 "    path, body = line.split(' ', 1)\n"
                                 "    schema = jsonschema.Draft7Validator(schemas[path])\n"
                                 "    for fault in schema.iter_errors(json.loads(body)):\n"
                                 "        print(path, fault.message)\n";
    struct buf lines = buf_in(test_arena());
    for (int i = 0; i < n; i++)
        buf_printf(&lines, "%.*s %.*s\n", (int)l[i].path.n, l[i].path.p, (int)l[i].body.n, l[i].body.p);
    const char *said = test_shell("python3 -W ignore -c \"%s\" %s %s", script,
                                  test_source("tests/vectors/outgoing-schemas.json"),
                                  test_file_make("letters", buf_bytes(&lines)));
    return strstr(said, "No module named 'jsonschema'") ? NULL : said;
}

int peers_es2(struct world *w, enum rsp_function f, const void *in, void *out, struct rsp_status *status)
{
    const struct rsp_header h = { BYTES_LIT("Rspkit Mobile"), BYTES_LIT("1") };
    struct rsp_request q = { .path = bytes_text(rsp_functions[f].path), .content_type = BYTES_LIT(RSP_TYPE_JSON),
                             .client_cert = w->caller.p ? w->caller : w->pki.of[CERT_OPERATOR].der };
    struct rsp_response r;
    struct err e;
    *status = (struct rsp_status){ .executed = RSP_EXPIRED };
    CHECK_OK(rsp_write_request(test_arena(), f, &h, in, &q.body, &e), &e);
    smdp_handle(&w->smdp, test_arena(), &q, &r);
    if (r.status == 200)
        CHECK_OK(rsp_read_response(test_arena(), f, r.body, status, out, &e), &e);
    return r.status;
}
