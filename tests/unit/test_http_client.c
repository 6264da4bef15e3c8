/* SPDX-License-Identifier: Apache-2.0
 *
 * The HTTP client: whom it trusts, what it shows of itself, and what a server may do to it. */
#include <arpa/inet.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "net/http_client.h"
#include "netlab.h"

#define NAME "smdp.example.com"

static int post(const struct http_client *c, const char *host, const char *path, struct http_answer *out, struct err *e)
{
    return http_post(c, test_arena(), bytes_text(host), bytes_text(path), BYTES_LIT("application/json"),
                     BYTES_LIT("gsma/rsp/v2.5.0"), BYTES_LIT("{}"), out, e);
}

static const char *connect_to(const char *name, int port)
{
    return arena_printf(test_arena(), "%s=127.0.0.1:%d", name, port);
}

static struct http_client client_of(struct lab *lab, size_t listener, enum lab_pki ca)
{
    return (struct http_client){ .ca = lab_path(lab, ca, "ca.pem"), .user_agent = "gsma-rsp-lpad", .n_connect = 1,
                                 .connect = { connect_to(NAME, lab->listeners[listener].port) } };
}

/* `part` of the body if `code` is 0, of the error otherwise. */
static void check(int result, const struct http_answer *r, const struct err *e, int code, const char *part)
{
    if (code)
        CHECK_FAILS(result, e, code, part);
    else if (CHECK_OK(result, e) && !CHECK(strstr((const char *)r->body.p, part) != NULL))
        printf("# %.300s\n", (const char *)r->body.p);
}

/* The answer's body as text. */
static struct http_answer as_text(struct http_answer r)
{
    r.body.p = (const uint8_t *)arena_text(test_arena(), r.body);
    return r;
}

enum { P256, BRAINPOOL };

static bool open_two(struct lab *lab)
{
    if (!lab_open(lab))
        return false;
    lab_listener(lab, LAB_P256)->client_ca = test_file(lab_path(lab, LAB_P256, "ca.pem"));
    lab_listener(lab, LAB_BRAINPOOL);
    return lab_start(lab);
}

TEST(servers)
{
    struct lab lab;
    if (!open_two(&lab))
        return;
    const struct bytes ca = test_file(lab_path(&lab, LAB_P256, "ca.pem"));
    const struct {
        const char *name;
        int listener;
        enum lab_pki ca;
        bool octets;
        const char *host, *path;
        int code;
        const char *part;
    } rows[] = {
        { "P-256", P256, LAB_P256, false, NAME, "/a", 0, "listener=0 method=POST path=/a peer=127.0.0.1 host=" NAME
          " type=application/json protocol=gsma/rsp/v2.5.0 agent=gsma-rsp-lpad body=2:{} certificate=0" },
        { "the CI as octets", P256, LAB_OTHER /* as a file */, true, NAME, "/a", 0, "listener=0" },
        { "brainpool", BRAINPOOL, LAB_BRAINPOOL, false, NAME, "/a", 0, "listener=1" },
        { "the name in upper case", P256, LAB_P256, false, "SMDP.Example.COM", "/a", 0, "listener=0" },
        { "another CI", P256, LAB_OTHER, false, NAME, "/a", ERR_VERIFY, "give the right CI with --ca" },
        { "the other curve's CI", BRAINPOOL, LAB_P256, false, NAME, "/a", ERR_VERIFY, "not issued by a CI" },
        { "another name", P256, LAB_P256, false, "other.example.com", "/a", ERR_VERIFY, "is for another name" },
        { "1 MiB", P256, LAB_P256, false, NAME, "/big", 0, "" },
        { "a path that is no path", P256, LAB_P256, false, NAME, " ", ERR_SYNTAX, "that is no address" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        test_row("%s", rows[i].name);
        struct http_client c = client_of(&lab, (size_t)rows[i].listener, rows[i].ca);
        struct http_answer r = { 0 };
        struct err e;
        c.connect[c.n_connect++] = connect_to("other.example.com", lab.listeners[rows[i].listener].port);
        if (rows[i].octets)
            c.ca_octets = ca;
        int result = post(&c, rows[i].host, rows[i].path, &r, &e);
        r = as_text(r);
        check(result, &r, &e, rows[i].code, rows[i].part);
    }
    lab_close(&lab);
}

TEST(client_certificates)
{
    struct lab lab;
    if (!open_two(&lab))
        return;
    const char *certificate = lab_path(&lab, LAB_P256, "operator.pem"), *key = lab_path(&lab, LAB_P256, "operator.key");
    test_shell("openssl pkey -in %s -outform DER -out %s/key.der", key, lab.folder);
    const struct bytes der = lab.pki[LAB_P256].of[CERT_OPERATOR].der;
    const char *shown = arena_printf(test_arena(), "certificate=%zu verified=1", der.n);
    const struct {
        const char *name, *file, *key_file;
        struct bytes octets, key;
        int code;
        const char *part;
    } rows[] = {
        { "files", certificate, key, BYTES_NONE, BYTES_NONE, 0, shown },
        { "PEM", NULL, NULL, test_file(certificate), test_file(key), 0, shown },
        { "DER", NULL, NULL, der, test_file(arena_printf(test_arena(), "%s/key.der", lab.folder)), 0, shown },
        { "none", NULL, NULL, BYTES_NONE, BYTES_NONE, 0, "certificate=0 verified=0" },
        { "another's key", certificate, lab_path(&lab, LAB_OTHER, "operator.key"), BYTES_NONE, BYTES_NONE, ERR_USAGE,
          "check --cert and --key" },
        { "no such file", "/nonexistent", key, BYTES_NONE, BYTES_NONE, ERR_USAGE, "check --cert and --key" },
        { "a text", NULL, NULL, BYTES_LIT("certificate"), test_file(key), ERR_USAGE, "check --cert and --key" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        test_row("%s", rows[i].name);
        struct http_client c = client_of(&lab, P256, LAB_P256);
        struct http_answer r = { 0 };
        struct err e;
        c.certificate = rows[i].file;
        c.key = rows[i].key_file;
        c.certificate_octets = rows[i].octets;
        c.key_octets = rows[i].key;
        int result = post(&c, NAME, "/a", &r, &e);
        r = as_text(r);
        check(result, &r, &e, rows[i].code, rows[i].part);
    }
    lab_close(&lab);
}

TEST(calls)
{
    struct lab lab;
    struct http_answer r = { 0 };
    struct err e;
    if (!open_two(&lab))
        return;
    struct http_client good = client_of(&lab, P256, LAB_P256), c = good;
    test_row("a status that is no success");
    CHECK_OK(post(&c, NAME, "/busy", &r, &e), &e);
    CHECK_EQ(r.status, 503);
    CHECK_EQ(r.retry_after, 7);
    test_row("no Retry-After, no body");
    CHECK_OK(post(&c, NAME, "/none", &r, &e), &e);
    CHECK_EQ(r.status, 204);
    CHECK_EQ(r.retry_after, 0);
    CHECK_BYTES(r.body, BYTES_LIT(""));
    test_row("GET over https");
    CHECK_OK(http_get(&c, test_arena(), "https://" NAME "/a", 100, &r, &e), &e);
    CHECK_EQ(r.status, 405);
    test_row("GET over https from a server that is not trusted");
    c.ca = lab_path(&lab, LAB_OTHER, "ca.pem");
    CHECK_FAILS(http_get(&c, test_arena(), "https://" NAME "/a", 100, &r, &e), &e, ERR_VERIFY, "https://" NAME "/a");
    test_row("a CI file that is not there");
    c.ca = "/nonexistent";
    CHECK_FAILS(post(&c, NAME, "/a", &r, &e), &e, ERR_USAGE, "check --ca");
    test_row("no CI");
    c.ca = NULL;
    CHECK_FAILS(post(&c, NAME, "/a", &r, &e), &e, ERR_VERIFY, "give the right CI");
    test_row("a mapping for one port only");
    c = good;
    c.connect[0] = connect_to(NAME ":444", lab.listeners[P256].port);
    CHECK_OK(post(&c, NAME ":444", "/none", &r, &e), &e);
    test_row("a mapping without an equals sign");
    c.connect[0] = NAME;
    CHECK_FAILS(post(&c, NAME, "/a", &r, &e), &e, ERR_USAGE, "NAME=HOST:PORT is expected");
    test_row("a mapping without a port");
    c.connect[0] = NAME "=127.0.0.1";
    CHECK_FAILS(post(&c, NAME, "/a", &r, &e), &e, ERR_USAGE, "--connect " NAME);
    test_row("an answer that does not come");
    c = good;
    c.deadline = 1;
    CHECK_FAILS(post(&c, NAME, "/gate", &r, &e), &e, ERR_IO, "does not answer in time");
    lab_open_gate(&lab);
    http_server_stop(lab.server);
    lab_join(&lab);
    test_row("nobody listens");
    CHECK_FAILS(post(&good, NAME, "/a", &r, &e), &e, ERR_IO, "nobody listens there");
    lab_close(&lab);
}

/* --------------------------------------------------------- what openssl s_server hears */

extern char **environ;

/* Starts s_server for one connection; its standard input stays open, or it would end. */
static pid_t s_server(struct lab *lab, const char *options, int *input, int *port)
{
    const char *command =
        arena_printf(test_arena(), "cd %s && exec openssl s_server -accept 127.0.0.1:0 -naccept 1 -cert tls0.pem "
                                   "-key tls0.key %s >heard 2>&1", lab->folder, options);
    char *const words[] = { "sh", "-c", (char *)(uintptr_t)command, NULL };
    posix_spawn_file_actions_t actions;
    int ends[2];
    pid_t child = -1;
    CHECK_EQ(pipe(ends), 0);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[0], 0);
    posix_spawn_file_actions_addclose(&actions, ends[1]);
    CHECK_EQ(posix_spawn(&child, "/bin/sh", &actions, NULL, words, environ), 0);
    posix_spawn_file_actions_destroy(&actions);
    close(ends[0]);
    *input = ends[1];
    *port = atoi(test_shell("timeout %d sh -c \"until grep -s '^ACCEPT .*:' %s/heard; do :; done\" | sed 's/.*://'",
                            LAB_SECONDS, lab->folder));
    return child;
}

TEST(what_the_client_offers)
{
    static const struct {
        const char *name, *options, *heard;
        int code;
    } rows[] = {
        { "SGP.22 2.6.6: the suites over TLS 1.2", "-tls1_2",
          "TLS_AES_128_GCM_SHA256:ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES128-SHA256\n", ERR_IO },
        { "SGP.22 2.6.6: sha256 with ecdsa", "-tls1_2", "Signature Algorithms: ECDSA+SHA256", ERR_IO },
        { "SGP.22 2.6.6: secp256r1 and brainpoolP256r1", "-tls1_2",
          "Supported groups: x25519:secp256r1:brainpoolP256r1\n", ERR_IO },
        { "TLS 1.3", "-tls1_3", "CIPHER is TLS_AES_", ERR_IO },
        { "not another suite", "-tls1_2 -cipher ECDHE-ECDSA-AES256-GCM-SHA384", "no shared cipher", ERR_VERIFY },
        { "not TLS 1.1", "-tls1_1 -cipher ALL:@SECLEVEL=0", "error", ERR_VERIFY },
    };
    struct lab lab;
    if (!lab_open(&lab))
        return;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        test_row("%s", rows[i].name);
        int input, port;
        struct http_answer r;
        struct err e;
        test_shell("rm -f %s/heard", lab.folder);
        pid_t child = s_server(&lab, rows[i].options, &input, &port);
        struct http_client c = { .ca = lab_path(&lab, LAB_P256, "ca.pem"), .deadline = 1, .n_connect = 1,
                                 .connect = { connect_to(NAME, port) } };
        CHECK_FAILS(post(&c, NAME, "/a", &r, &e), &e, rows[i].code, "the server cannot be used");
        waitpid(child, NULL, 0);
        close(input);
        const char *heard = test_shell("cat %s/heard", lab.folder);
        if (!CHECK(strstr(heard, rows[i].heard) != NULL))
            printf("# %.900s\n", heard);
    }
    lab_close(&lab);
}

/* -------------------------------------------------------------------- GET over plain HTTP */

#define OK "HTTP/1.1 200 OK\r\n"

enum { ANSWERS_MAX = 5 };

/* Gives one answer a connection, in their order; NULL: one that comes too late, if the client is still there. */
struct canned {
    int fd, port;
    const char *const *answers;
    pthread_t thread;
};

static void give(int fd, const char *answer)
{
    const struct timeval late = { .tv_sec = 5 };
    char asked[4096];
    size_t n = 0;
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &late, sizeof late);
    for (ssize_t got; n < sizeof asked - 1 && (got = recv(fd, asked + n, sizeof asked - 1 - n, 0)) > 0;) {
        n += (size_t)got;
        asked[n] = '\0';
        if (answer && strstr(asked, "\r\n\r\n"))
            break;
    }
    answer = answer ? answer : OK "Content-Length: 1\r\n\r\nx";
    send(fd, answer, strlen(answer), MSG_NOSIGNAL);
    shutdown(fd, SHUT_WR);
    while (recv(fd, asked, sizeof asked, 0) > 0)
        ;
    close(fd);
}

static void *give_all(void *context)
{
    struct canned *c = context;
    for (size_t i = 0; i < ANSWERS_MAX; i++) {
        int fd = accept(c->fd, NULL, NULL);
        if (fd < 0)
            break;
        give(fd, c->answers[i]);
    }
    return NULL;
}

static void canned_open(struct canned *c, const char *const *answers)
{
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t size = sizeof at;
    c->answers = answers;
    c->fd = socket(AF_INET, SOCK_STREAM, 0);
    CHECK_EQ(bind(c->fd, (struct sockaddr *)&at, sizeof at), 0);
    CHECK_EQ(listen(c->fd, 8), 0);
    getsockname(c->fd, (struct sockaddr *)&at, &size);
    c->port = ntohs(at.sin_port);
    CHECK_EQ(pthread_create(&c->thread, NULL, give_all, c), 0);
}

static void canned_close(struct canned *c)
{
    shutdown(c->fd, SHUT_RDWR);
    pthread_join(c->thread, NULL);
    close(c->fd);
}

#define TO(url) "HTTP/1.1 302 Found\r\nLocation: " url "\r\nContent-Length: 0\r\n\r\n"
#define CRL "http://ci.example.com/CRL-A.crl"

TEST(get)
{
    static const struct {
        const char *name, *url;
        const char *answers[ANSWERS_MAX];
        int code; /* 0: the status */
        const char *part;
        int status;
    } rows[] = {
        { "a body", CRL, { OK "Content-Length: 4\r\n\r\n1234" }, 0, "1234", 200 },
        { "a body without a length", CRL, { OK "\r\n1234" }, 0, "1234", 200 },
        { "no body", CRL, { OK "Content-Length: 0\r\n\r\n" }, 0, "", 200 },
        { "a name in upper case, a port", "http://CI.Example.COM:8080/", { OK "Content-Length: 1\r\n\r\nx" }, 0, "x",
          200 },
        { "as large as allowed", CRL, { OK "Content-Length: 10\r\n\r\n1234567890" }, 0, "1234567890", 200 },
        { "too large, as it says", CRL, { OK "Content-Length: 11\r\n\r\n12345678901" }, ERR_LIMIT, "too large", 0 },
        { "too large, without saying", CRL, { OK "\r\n12345678901" }, ERR_LIMIT, "too large", 0 },
        { "too large in chunks", CRL,
          { OK "Transfer-Encoding: chunked\r\n\r\n6\r\n123456\r\n6\r\n123456\r\n0\r\n\r\n" },
          ERR_LIMIT, "too large", 0 },
        { "not there", CRL, { "HTTP/1.1 404 Not Found\r\nContent-Length: 1\r\n\r\n-" }, 0, "-", 404 },
        { "cut short", CRL, { OK "Content-Length: 4\r\n\r\n12" }, ERR_IO, "next: try again", 0 },
        { "closed without an answer", CRL, { "" }, ERR_IO, "closed the connection", 0 },
        { "no answer in time", CRL, { NULL }, ERR_IO, "does not answer in time", 0 },
        { "three redirections", CRL,
          { TO("/b"), TO("http://other.example.com/c"), TO("/d"), OK "Content-Length: 1\r\n\r\nx" }, 0, "x", 200 },
        { "four", CRL, { TO("/b"), TO("/c"), TO("/d"), TO("/e") }, ERR_LIMIT, "from one address to the next", 0 },
        { "a redirection to a file", CRL, { TO("file:///etc/passwd") }, ERR_UNSUPPORTED, "neither http://", 0 },
        { "a redirection to another protocol", CRL, { TO("ftp://ci.example.com/") }, ERR_UNSUPPORTED, "neither", 0 },
        { "a file", "file:///etc/passwd", { "" }, ERR_UNSUPPORTED, "file:///etc/passwd", 0 },
        { "a user's name", "http://user:password@ci.example.com/", { "" }, ERR_USAGE, "take it out", 0 },
        { "no address", "http://", { "" }, ERR_SYNTAX, "that is no address", 0 },
        { "LDAP", "ldap://ci.example.com/cn=CI", { "" }, ERR_UNSUPPORTED, "neither http://", 0 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        test_row("%s", rows[i].name);
        struct canned server;
        struct http_answer r = { 0 };
        struct err e;
        canned_open(&server, rows[i].answers);
        struct http_client c = { .deadline = 1, .n_connect = 2 };
        c.connect[0] = connect_to("ci.example.com", server.port);
        c.connect[1] = connect_to("OTHER.example.com", server.port);
        int result = http_get(&c, test_arena(), rows[i].url, 10, &r, &e);
        r = as_text(r);
        check(result, &r, &e, rows[i].code, rows[i].part);
        if (!rows[i].code)
            CHECK_EQ(r.status, rows[i].status);
        canned_close(&server);
    }
}
