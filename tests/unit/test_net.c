/* SPDX-License-Identifier: Apache-2.0
 *
 * Clients that mean no good to the HTTPS server: silent ones, slow ones, too many. */
#include <arpa/inet.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/file.h"
#include "crypto/pki.h"
#include "harness.h"
#include "net/http_server.h"

enum { PATIENT, HASTY, LISTENERS, FEW = 4 };
enum { GIVE_UP = 20 /* seconds */, STEP = 20 /* milliseconds */ };

static struct http_listener listeners[LISTENERS];
static struct http_server *server;
static pthread_t thread;

static void handle(void *context, struct arena *a, const struct http_request *in, struct http_response *out)
{
    (void)context;
    (void)a;
    (void)in;
    *out = (struct http_response){ .status = 204 };
}

static void *run(void *unused)
{
    (void)unused;
    http_server_run(server);
    return NULL;
}

static const char *in_folder(const char *name)
{
    return arena_printf(test_arena(), "/tmp/rspkit-net-%d.%s", (int)getpid(), name);
}

static bool open_server(void)
{
    struct pki_plan plan;
    struct pki pki;
    struct bytes key;
    struct err e;
    pki_plan_init(&plan, 1780000000);
    if (!CHECK_OK(pki_make(test_arena(), &plan, &pki, &e), &e) ||
        !CHECK_OK(ec_key_write(pki.of[CERT_DPTLS].key, test_arena(), &key, &e), &e) ||
        !CHECK_OK(file_write(in_folder("pem"), cert_to_pem(test_arena(), pki.of[CERT_DPTLS].der), 0600, &e), &e) ||
        !CHECK_OK(file_write(in_folder("key"), key, 0600, &e), &e))
        return false;
    pki_end(&pki);
    for (int i = 0; i < LISTENERS; i++)
        listeners[i] =
            (struct http_listener){ .host = "127.0.0.1", .certificate = in_folder("pem"), .key = in_folder("key") };
    listeners[HASTY].deadline = 1;
    listeners[PATIENT].connections = FEW;
    return CHECK_OK(http_server_open(listeners, LISTENERS, handle, NULL, NULL, &server, &e), &e) &&
           CHECK_EQ(pthread_create(&thread, NULL, run, NULL), 0);
}

static void close_server(void)
{
    http_server_stop(server);
    pthread_join(thread, NULL);
    http_server_close(server);
    remove(in_folder("pem"));
    remove(in_folder("key"));
}

static int client(int listener, int patience_ms)
{
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)listeners[listener].port),
                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    const struct timeval patience = { patience_ms / 1000, patience_ms % 1000 * 1000 };
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    CHECK_EQ(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    return fd;
}

/* The server closes or resets; false: it had not when the patience ended. */
static bool is_cut(int fd)
{
    uint8_t octets[64];
    ssize_t n;
    while ((n = recv(fd, octets, sizeof octets, 0)) > 0)
        ;
    return n == 0 || errno == ECONNRESET;
}

TEST(clients_are_cut_off)
{
    if (!open_server())
        return;
    test_row("one that says nothing");
    int fd = client(HASTY, GIVE_UP * 1000);
    CHECK(is_cut(fd));
    close(fd);

    test_row("one that sends an octet now and then");
    static const uint8_t record[] = { 0x16, 3, 1, 0x40, 0 }; /* 16 KiB are announced */
    fd = client(HASTY, STEP);
    send(fd, record, sizeof record, MSG_NOSIGNAL);
    bool cut = false;
    for (int i = 0; !cut && i < GIVE_UP * 1000 / STEP; i++)
        cut = send(fd, record, 1, MSG_NOSIGNAL) < 0 || is_cut(fd);
    CHECK(cut);
    close(fd);

    test_row("one too many");
    int held[FEW];
    for (int i = 0; i < FEW; i++)
        held[i] = client(PATIENT, GIVE_UP * 1000);
    fd = client(PATIENT, GIVE_UP * 1000);
    CHECK(is_cut(fd));
    close(fd);
    test_row("one more, when another has gone");
    shutdown(held[0], SHUT_WR);
    CHECK(is_cut(held[0])); /* the server has let it go */
    close(held[0]);
    held[0] = client(PATIENT, 10 * STEP);
    CHECK(!is_cut(held[0]));
    for (int i = 0; i < FEW; i++)
        close(held[i]);
    close_server();
}
