/* SPDX-License-Identifier: Apache-2.0 */
#include "net/http_client.h"

#include <curl/curl.h>
#include <limits.h>
#include <pthread.h>

#include "base/buf.h"

static pthread_once_t once = PTHREAD_ONCE_INIT;

static void start(void)
{
    curl_global_init(CURL_GLOBAL_DEFAULT);
}

/* What curl says, and what a person can do about it. */
static const struct {
    CURLcode code;
    int error;
    const char *what, *next;
} reasons[] = {
    { CURLE_COULDNT_RESOLVE_HOST, ERR_IO, "its name is not known",
      "check the address, or map it with --connect NAME=HOST:PORT" },
    { CURLE_COULDNT_CONNECT, ERR_IO, "nobody listens there", "start the server, or check the port" },
    { CURLE_OPERATION_TIMEDOUT, ERR_IO, "it does not answer in time", "try again later" },
    { CURLE_PEER_FAILED_VERIFICATION, ERR_VERIFY,
      "its certificate is not issued by a CI that is trusted, has expired, or is for another name",
      "give the right CI with --ca" },
    { CURLE_SSL_CACERT_BADFILE, ERR_USAGE, "the CI file cannot be read", "check --ca" },
    { CURLE_SSL_CERTPROBLEM, ERR_USAGE, "the client certificate cannot be used", "check --cert and --key" },
    { CURLE_SSL_CONNECT_ERROR, ERR_VERIFY, "TLS could not be agreed", "check that the server speaks TLS 1.2 or 1.3" },
    { CURLE_WRITE_ERROR, ERR_LIMIT, "its answer is too large", "ask the server's operator" },
    { CURLE_FILESIZE_EXCEEDED, ERR_LIMIT, "its answer is too large", "ask the server's operator" },
    { CURLE_TOO_MANY_REDIRECTS, ERR_LIMIT, "it sends us from one address to the next", "ask the server's operator" },
    { CURLE_UNSUPPORTED_PROTOCOL, ERR_UNSUPPORTED, "the address is neither http:// nor https://", "check the address" },
    { CURLE_LOGIN_DENIED, ERR_USAGE, "the address holds a user's name", "take it out of the address" },
    { CURLE_URL_MALFORMAT, ERR_SYNTAX, "that is no address", "check the address" },
    { CURLE_GOT_NOTHING, ERR_IO, "it closed the connection", "try again" },
};

static int told(CURLcode code, const char *detail, struct bytes place, struct err *e)
{
    const char *what = curl_easy_strerror(code), *next = "try again";
    int error = ERR_IO;
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
        if (reasons[i].code == code) {
            what = reasons[i].what;
            next = reasons[i].next;
            error = reasons[i].error;
        }
    err_set(e, error, NULL, "the server cannot be used: %s%s%.80s%s; next: %s", what, detail[0] ? " (" : "", detail,
            detail[0] ? ")" : "", next);
    return err_at(e, "%.*s", (int)place.n, place.p);
}

/* ------------------------------------------------------------------------------- one call */

struct call {
    CURL *curl;
    struct curl_slist *fields, *connects;
    struct buf body;
    size_t limit;
    char detail[CURL_ERROR_SIZE];
};

static size_t receive(char *data, size_t size, size_t n, void *context)
{
    struct call *c = context;
    if (size * n > c->limit - c->body.n)
        return 0;
    buf_add(&c->body, bytes_make(data, size * n));
    return c->body.failed ? 0 : size * n;
}

static int no_memory(struct err *e)
{
    return err_set(e, ERR_MEMORY, NULL, "no memory for a request");
}

static int add(struct curl_slist **list, const char *text, struct err *e)
{
    struct curl_slist *longer = text ? curl_slist_append(*list, text) : NULL;
    if (!longer)
        return no_memory(e);
    *list = longer;
    return 0;
}

/* NAME=HOST:PORT -> NAME::HOST:PORT, where curl takes an empty port for any; NAME:PORT=.. -> NAME:PORT:.. */
static int add_connects(struct call *call, const struct http_client *c, struct arena *a, struct err *e)
{
    for (size_t i = 0; i < c->n_connect; i++) {
        const char *equals = strchr(c->connect[i], '=');
        if (!equals || !strchr(equals, ':')) {
            err_set(e, ERR_USAGE, NULL, "NAME=HOST:PORT is expected");
            return err_at(e, "--connect %s", c->connect[i]);
        }
        int n = (int)(equals - c->connect[i]);
        bool port = memchr(c->connect[i], ':', (size_t)n) != NULL;
        if (add(&call->connects, arena_printf(a, "%.*s%s:%s", n, c->connect[i], port ? "" : ":", equals + 1), e) != 0)
            return -1;
    }
    curl_easy_setopt(call->curl, CURLOPT_CONNECT_TO, call->connects);
    return 0;
}

static void set_octets(CURL *h, CURLoption option, CURLoption type, struct bytes octets)
{
    struct curl_blob blob = { (void *)(uintptr_t)octets.p, octets.n, CURL_BLOB_COPY };
    curl_easy_setopt(h, option, &blob);
    curl_easy_setopt(h, type, octets.n && octets.p[0] == 0x30 ? "DER" : "PEM");
}

static void set_trust(CURL *h, const struct http_client *c)
{
    struct curl_blob ca = { (void *)(uintptr_t)c->ca_octets.p, c->ca_octets.n, CURL_BLOB_COPY };
    curl_easy_setopt(h, CURLOPT_CAINFO, c->ca);
    curl_easy_setopt(h, CURLOPT_CAPATH, NULL);
    if (bytes_present(c->ca_octets))
        curl_easy_setopt(h, CURLOPT_CAINFO_BLOB, &ca);
    curl_easy_setopt(h, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    curl_easy_setopt(h, CURLOPT_SSL_EC_CURVES, "X25519:P-256:brainpoolP256r1");
    curl_easy_setopt(h, CURLOPT_SSL_SESSIONID_CACHE, 0L);
}

static void set_identity(CURL *h, const struct http_client *c)
{
    if (bytes_present(c->certificate_octets)) {
        set_octets(h, CURLOPT_SSLCERT_BLOB, CURLOPT_SSLCERTTYPE, c->certificate_octets);
        set_octets(h, CURLOPT_SSLKEY_BLOB, CURLOPT_SSLKEYTYPE, c->key_octets);
    } else if (c->certificate) {
        curl_easy_setopt(h, CURLOPT_SSLCERT, c->certificate);
        curl_easy_setopt(h, CURLOPT_SSLKEY, c->key);
    }
}

static void set_bounds(CURL *h, const struct http_client *c)
{
    long all = c->deadline ? c->deadline : HTTP_CLIENT_SECONDS;
    long connecting = c->connect_deadline ? c->connect_deadline : HTTP_CONNECT_SECONDS;
    curl_easy_setopt(h, CURLOPT_TIMEOUT, all);
    curl_easy_setopt(h, CURLOPT_CONNECTTIMEOUT, connecting < all ? connecting : all);
    curl_easy_setopt(h, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(h, CURLOPT_PROXY, "");
    curl_easy_setopt(h, CURLOPT_FORBID_REUSE, 1L);
}

static int call_open(struct call *call, const struct http_client *c, struct arena *a, const char *url, size_t limit,
                     struct err *e)
{
    pthread_once(&once, start);
    *call = (struct call){ .curl = curl_easy_init(), .body = buf_in(a), .limit = limit };
    if (!call->curl || !url)
        return no_memory(e);
    CURL *h = call->curl;
    curl_easy_setopt(h, CURLOPT_URL, url);
    curl_easy_setopt(h, CURLOPT_USERAGENT, c->user_agent);
    curl_easy_setopt(h, CURLOPT_ERRORBUFFER, call->detail);
    curl_easy_setopt(h, CURLOPT_WRITEFUNCTION, receive);
    curl_easy_setopt(h, CURLOPT_WRITEDATA, call);
    curl_easy_setopt(h, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)limit);
    set_bounds(h, c);
    set_trust(h, c);
    return add_connects(call, c, a, e);
}

static unsigned retry_after(CURL *h)
{
    curl_off_t seconds = 0;
    curl_easy_getinfo(h, CURLINFO_RETRY_AFTER, &seconds);
    return seconds <= 0 ? 0 : seconds < INT_MAX ? (unsigned)seconds : INT_MAX;
}

static int call_perform(struct call *call, struct bytes place, struct http_answer *out, struct err *e)
{
    long status = 0;
    CURLcode code = curl_easy_perform(call->curl);
    if (code != CURLE_OK)
        return told(code, call->detail, place, e);
    curl_easy_getinfo(call->curl, CURLINFO_RESPONSE_CODE, &status);
    *out = (struct http_answer){ (int)status, buf_bytes(&call->body), retry_after(call->curl) };
    return 0;
}

static void call_close(struct call *call)
{
    curl_slist_free_all(call->fields);
    curl_slist_free_all(call->connects);
    curl_easy_cleanup(call->curl);
}

/* -------------------------------------------------------------------------- POST and GET */

static int add_fields(struct call *call, struct arena *a, struct bytes type, struct bytes protocol, struct err *e)
{
    if (add(&call->fields, arena_printf(a, "Content-Type: %.*s", (int)type.n, type.p), e) != 0 ||
        add(&call->fields, arena_printf(a, "X-Admin-Protocol: %.*s", (int)protocol.n, protocol.p), e) != 0 ||
        add(&call->fields, "Expect:", e) != 0)
        return -1;
    curl_easy_setopt(call->curl, CURLOPT_HTTPHEADER, call->fields);
    return 0;
}

static void set_post(CURL *h, struct bytes body)
{
    curl_easy_setopt(h, CURLOPT_PROTOCOLS_STR, "https");
    curl_easy_setopt(h, CURLOPT_SSL_CIPHER_LIST, "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES128-SHA256");
    curl_easy_setopt(h, CURLOPT_POST, 1L);
    curl_easy_setopt(h, CURLOPT_POSTFIELDS, body.p);
    curl_easy_setopt(h, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body.n);
}

int http_post(const struct http_client *c, struct arena *a, struct bytes host, struct bytes path,
              struct bytes content_type, struct bytes admin_protocol, struct bytes body, struct http_answer *out,
              struct err *e)
{
    struct call call;
    const char *url = arena_printf(a, "https://%.*s%.*s", (int)host.n, host.p, (int)path.n, path.p);
    int result = call_open(&call, c, a, url, HTTP_ANSWER_MAX, e);
    if (result == 0)
        result = add_fields(&call, a, content_type, admin_protocol, e);
    if (result == 0) {
        set_identity(call.curl, c);
        set_post(call.curl, body);
        result = call_perform(&call, host, out, e);
    }
    call_close(&call);
    return result;
}

static void set_get(CURL *h)
{
    curl_easy_setopt(h, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(h, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(h, CURLOPT_FOLLOWLOCATION, 1L);
    curl_easy_setopt(h, CURLOPT_MAXREDIRS, (long)HTTP_REDIRECTS_MAX);
    curl_easy_setopt(h, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
}

int http_get(const struct http_client *c, struct arena *a, const char *url, size_t limit, struct http_answer *out,
             struct err *e)
{
    struct call call;
    int result = call_open(&call, c, a, url, limit, e);
    if (result == 0) {
        set_get(call.curl);
        result = call_perform(&call, bytes_text(url), out, e);
    }
    call_close(&call);
    return result;
}
