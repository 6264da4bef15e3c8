/* SPDX-License-Identifier: Apache-2.0 */
#include "netlab.h"

#include <sched.h>
#include <time.h>

#include "base/file.h"

/* -------------------------------------------------------------------------------- handler */

static void gate(struct lab *lab)
{
    pthread_mutex_lock(&lab->lock);
    lab->entered++;
    pthread_cond_broadcast(&lab->changed);
    while (!lab->open)
        pthread_cond_wait(&lab->changed, &lab->lock);
    pthread_mutex_unlock(&lab->lock);
}

static struct bytes described(struct arena *a, const struct http_request *in)
{
    const struct bytes b[] = { in->host, in->content_type, in->admin_protocol, in->user_agent };
    struct buf out = buf_in(a);
    buf_printf(&out, "listener=%zu method=%s path=%s peer=%s", in->listener, in->method, in->path, in->peer);
    buf_printf(&out, " host=%.*s type=%.*s protocol=%.*s agent=%.*s", (int)b[0].n, b[0].p, (int)b[1].n, b[1].p,
               (int)b[2].n, b[2].p, (int)b[3].n, b[3].p);
    buf_printf(&out, " body=%zu:%.*s certificate=%zu verified=%d\n", in->body.n, in->body.n > 40 ? 40 : (int)in->body.n,
               in->body.p, in->client_cert.n, in->client_verified);
    return buf_bytes(&out);
}

static void handle(void *context, struct arena *a, const struct http_request *in, struct http_response *out)
{
    *out = (struct http_response){ .status = 200, .content_type = "text/plain" };
    if (strcmp(in->path, "/gate") == 0)
        gate(context);
    if (strcmp(in->path, "/none") == 0)
        *out = (struct http_response){ .status = 204 };
    else if (strcmp(in->path, "/busy") == 0)
        *out = (struct http_response){ .status = 503, .retry_after = 7 };
    else if (strcmp(in->path, "/wrong") == 0)
        *out = (struct http_response){ .status = 0 };
    else if (strcmp(in->path, "/big") == 0)
        out->body = bytes_make(arena_alloc(a, 1 << 20), 1 << 20);
    else
        out->body = described(a, in);
}

void lab_wait_entered(struct lab *lab, int n)
{
    pthread_mutex_lock(&lab->lock);
    while (lab->entered < n)
        pthread_cond_wait(&lab->changed, &lab->lock);
    pthread_mutex_unlock(&lab->lock);
}

static void set_gate(struct lab *lab, bool open)
{
    pthread_mutex_lock(&lab->lock);
    lab->open = open;
    pthread_cond_broadcast(&lab->changed);
    pthread_mutex_unlock(&lab->lock);
}

void lab_open_gate(struct lab *lab)
{
    set_gate(lab, true);
}

void lab_close_gate(struct lab *lab)
{
    set_gate(lab, false);
}

bool lab_wait_count(struct lab *lab, size_t listener, enum http_counter c, uint64_t value)
{
    struct http_metrics m;
    time_t end = time(NULL) + LAB_SECONDS;
    do {
        http_server_metrics(lab->server, listener, &m);
        sched_yield();
    } while (m.count[c] != value && time(NULL) < end);
    return m.count[c] == value;
}

/* ---------------------------------------------------------------------- files and server */

const char *lab_path(struct lab *lab, enum lab_pki pki, const char *name)
{
    const char *dot = strchr(name, '.');
    return arena_printf(test_arena(), "%s/%.*s%d%s", lab->folder, (int)(dot - name), name, (int)pki, dot);
}

static bool write_entity(struct lab *lab, enum lab_pki pki, enum cert_role role, const char *name)
{
    const struct pki_entity *x = &lab->pki[pki].of[role];
    struct bytes key;
    struct err e;
    const char *certificate = lab_path(lab, pki, arena_printf(test_arena(), "%s.pem", name));
    const char *key_file = lab_path(lab, pki, arena_printf(test_arena(), "%s.key", name));
    return CHECK_OK(ec_key_write(x->key, test_arena(), &key, &e), &e) &&
           CHECK_OK(file_write(certificate, cert_to_pem(test_arena(), x->der), 0600, &e), &e) &&
           CHECK_OK(file_write(key_file, key, 0600, &e), &e);
}

static bool make_pki(struct lab *lab, enum lab_pki pki)
{
    struct pki_plan plan;
    struct err e;
    pki_plan_init(&plan, time(NULL));
    plan.curve = pki == LAB_BRAINPOOL ? EC_BRAINPOOLP256R1 : EC_P256;
    if (!CHECK_OK(pki_make(test_arena(), &plan, &lab->pki[pki], &e), &e) || !write_entity(lab, pki, CERT_CI, "ca") ||
        !write_entity(lab, pki, CERT_DPTLS, "tls") || !write_entity(lab, pki, CERT_OPERATOR, "operator"))
        return false;
    lab->tls[pki].chain = test_file(lab_path(lab, pki, "tls.pem"));
    lab->tls[pki].key = test_file(lab_path(lab, pki, "tls.key"));
    return true;
}

bool lab_open(struct lab *lab)
{
    *lab = (struct lab){ .folder = test_folder() };
    lab->service = (struct http_service){ .listeners = lab->listeners, .handle = handle, .context = lab,
                                          .admin_protocol = "gsma/rsp/v2.5.0", .workers = 4 };
    pthread_mutex_init(&lab->lock, NULL);
    pthread_cond_init(&lab->changed, NULL);
    return make_pki(lab, LAB_P256) && make_pki(lab, LAB_BRAINPOOL) &&
           make_pki(lab, LAB_OTHER);
}

struct http_listener *lab_listener(struct lab *lab, enum lab_pki pki)
{
    struct http_listener *l = &lab->listeners[lab->service.n++];
    *l = (struct http_listener){ .host = "127.0.0.1" };
    if (pki != LAB_PKIS) {
        l->certificates = &lab->tls[pki];
        l->n_certificates = 1;
    }
    return l;
}

static void *run(void *context)
{
    struct lab *lab = context;
    http_server_run(lab->server);
    return NULL;
}

bool lab_start(struct lab *lab)
{
    struct err e;
    lab->runs = CHECK_OK(http_server_open(&lab->service, &lab->server, &e), &e) &&
                CHECK_EQ(pthread_create(&lab->thread, NULL, run, lab), 0);
    return lab->runs;
}

void lab_join(struct lab *lab)
{
    if (lab->runs)
        pthread_join(lab->thread, NULL);
    lab->runs = false;
}

void lab_close(struct lab *lab)
{
    lab_open_gate(lab);
    if (lab->runs)
        http_server_stop(lab->server);
    lab_join(lab);
    if (lab->server)
        http_server_close(lab->server);
    for (int i = 0; i < LAB_PKIS; i++)
        pki_end(&lab->pki[i]);
}

const char *lab_ask(struct lab *lab, size_t listener, const char *request)
{
    struct stream *s = stream_open(lab->listeners[listener].port, BYTES_NONE);
    if (!CHECK(s != NULL))
        return "";
    stream_say(s, bytes_text(request));
    const char *answer = stream_hear(s, test_arena());
    stream_close(s);
    return answer;
}
