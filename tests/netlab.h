/* A laboratory for lib/net: certificates on both curves, a server in a thread, and other people's programs.
 *
 * The handler does what the path says: "/none" 204, "/busy" 503 in 7 seconds, "/wrong" no status, "/big" 1 MiB, "/gate"
 * waits until it is opened; else 200 with what it was asked, as text. */
#ifndef RSPKIT_TESTS_NETLAB_H
#define RSPKIT_TESTS_NETLAB_H

#include <pthread.h>

#include "crypto/pki.h"
#include "harness.h"
#include "net/http_server.h"
#include "stream.h"

enum { LAB_SECONDS = 20 /* until a test gives up */, LAB_LISTENERS_MAX = 8 };

/* Two PKIs on P-256 and one on brainpoolP256r1; the server is smdp.example.com. */
enum lab_pki { LAB_P256, LAB_BRAINPOOL, LAB_OTHER, LAB_PKIS };

struct lab {
    const char *folder;  /* ca0.pem, tls0.pem, tls0.key, operator0.pem, operator0.key .. */
    struct pki pki[LAB_PKIS];
    struct http_certificate tls[LAB_PKIS];
    struct http_listener listeners[LAB_LISTENERS_MAX];
    struct http_service service;
    struct http_server *server;
    pthread_t thread;
    bool runs;
    /* handlers of "/gate" */
    pthread_mutex_t lock;
    pthread_cond_t changed;
    int entered;
    bool open;
};

/* Certificates, files, and a service without listeners.  False: a check has failed. */
bool lab_open(struct lab *);
void lab_close(struct lab *); /* the server too */

/* A listener at 127.0.0.1 with one certificate (LAB_PKIS: with none), to be changed before lab_start. */
struct http_listener *lab_listener(struct lab *, enum lab_pki);
bool lab_start(struct lab *);
/* The loop has ended by itself, or is told to. */
void lab_join(struct lab *);

const char *lab_path(struct lab *, enum lab_pki, const char *name); /* in the folder: ("tls", ".key") */
void lab_wait_entered(struct lab *, int n); /* handlers of "/gate" */
void lab_open_gate(struct lab *);
void lab_close_gate(struct lab *);
/* Waits until the counter has the value; false: it does not come. */
bool lab_wait_count(struct lab *, size_t listener, enum http_counter, uint64_t value);


/* Says the request over a TLS connection of its own, hears all until the server closes. */
const char *lab_ask(struct lab *, size_t listener, const char *request);

#endif
