/* SPDX-License-Identifier: Apache-2.0 */
#include "net/http_client.h"

#include <curl/curl.h>
#include <pthread.h>

#include "base/buf.h"

static pthread_once_t once = PTHREAD_ONCE_INIT;

static void start(void)
{
    curl_global_init(CURL_GLOBAL_DEFAULT);
}

static size_t receive(char *data, size_t size, size_t n, void *context)
{
    struct buf *body = context;
    if (body->n + size * n > HTTP_ANSWER_MAX)
        return 0;
    buf_add(body, bytes_make(data, size * n));
    return body->failed ? 0 : size * n;
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
    { CURLE_GOT_NOTHING, ERR_IO, "it closed the connection", "try again" },
};

static int told(CURLcode code, const char *detail, struct bytes host, struct err *e)
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
    return err_at(e, "%.*s", (int)host.n, host.p);
}

/* NAME=HOST:PORT -> NAME:443:HOST:PORT, as curl wants it. */
static struct curl_slist *connects(const struct http_client *c, struct arena *a)
{
    struct curl_slist *list = NULL;
    for (size_t i = 0; i < c->n_connect; i++) {
        const char *equals = strchr(c->connect[i], '=');
        if (!equals)
            continue;
        char *entry = arena_printf(a, "%.*s:443:%s", (int)(equals - c->connect[i]), c->connect[i], equals + 1);
        list = entry ? curl_slist_append(list, entry) : list;
    }
    return list;
}

static struct curl_slist *headers(struct arena *a, struct bytes content_type, struct bytes admin_protocol)
{
    struct curl_slist *list = NULL;
    list = curl_slist_append(list, arena_printf(a, "Content-Type: %.*s", (int)content_type.n, content_type.p));
    list = curl_slist_append(list, arena_printf(a, "X-Admin-Protocol: %.*s", (int)admin_protocol.n, admin_protocol.p));
    return curl_slist_append(list, "Expect:");
}

static void options(CURL *h, const struct http_client *c, const char *url, struct bytes body)
{
    curl_easy_setopt(h, CURLOPT_URL, url);
    curl_easy_setopt(h, CURLOPT_PROTOCOLS_STR, "https");
    curl_easy_setopt(h, CURLOPT_PROXY, "");
    curl_easy_setopt(h, CURLOPT_POST, 1L);
    curl_easy_setopt(h, CURLOPT_POSTFIELDS, body.p);
    curl_easy_setopt(h, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body.n);
    curl_easy_setopt(h, CURLOPT_USERAGENT, c->user_agent);
    curl_easy_setopt(h, CURLOPT_CAINFO, c->ca);
    curl_easy_setopt(h, CURLOPT_CAPATH, NULL);
    curl_easy_setopt(h, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    curl_easy_setopt(h, CURLOPT_SSL_EC_CURVES, "X25519:P-256:brainpoolP256r1");
    curl_easy_setopt(h, CURLOPT_SSL_SESSIONID_CACHE, 0L);
    curl_easy_setopt(h, CURLOPT_TIMEOUT, (long)HTTP_CLIENT_SECONDS);
    curl_easy_setopt(h, CURLOPT_NOSIGNAL, 1L);
    if (c->certificate) {
        curl_easy_setopt(h, CURLOPT_SSLCERT, c->certificate);
        curl_easy_setopt(h, CURLOPT_SSLKEY, c->key);
    }
}

int http_post(const struct http_client *c, struct arena *a, struct bytes host, struct bytes path,
              struct bytes content_type, struct bytes admin_protocol, struct bytes body, struct http_answer *out,
              struct err *e)
{
    pthread_once(&once, start);
    CURL *h = curl_easy_init();
    struct buf answer = buf_in(a);
    char detail[CURL_ERROR_SIZE] = "";
    char *url = arena_printf(a, "https://%.*s%.*s", (int)host.n, host.p, (int)path.n, path.p);
    struct curl_slist *head = headers(a, content_type, admin_protocol), *map = connects(c, a);
    CURLcode code = CURLE_OUT_OF_MEMORY;
    long status = 0;
    if (h && url) {
        options(h, c, url, body);
        curl_easy_setopt(h, CURLOPT_HTTPHEADER, head);
        curl_easy_setopt(h, CURLOPT_CONNECT_TO, map);
        curl_easy_setopt(h, CURLOPT_ERRORBUFFER, detail);
        curl_easy_setopt(h, CURLOPT_WRITEFUNCTION, receive);
        curl_easy_setopt(h, CURLOPT_WRITEDATA, &answer);
        code = curl_easy_perform(h);
        curl_easy_getinfo(h, CURLINFO_RESPONSE_CODE, &status);
    }
    curl_slist_free_all(head);
    curl_slist_free_all(map);
    curl_easy_cleanup(h);
    if (code != CURLE_OK)
        return told(code, detail, host, e);
    *out = (struct http_answer){ (int)status, buf_bytes(&answer) };
    return 0;
}
