/* SPDX-License-Identifier: Apache-2.0
 *
 * Which certificate, version and suite the server agrees to, as openssl s_client sees it (SGP.22 2.6.6), and which
 * certificates and keys it takes at the start. */
#include <stdlib.h>

#include "base/file.h"
#include "netlab.h"

enum { P256, BRAINPOOL, BOTH };

static bool open_three(struct lab *lab)
{
    if (!lab_open(lab))
        return false;
    lab_listener(lab, LAB_P256)->cbc = true;
    lab_listener(lab, LAB_BRAINPOOL)->cbc = true;
    struct http_listener *both = lab_listener(lab, LAB_P256);
    both->n_certificates = 2; /* P-256, brainpool */
    return lab_start(lab);
}

static const char *s_client(struct lab *lab, size_t listener, enum lab_pki ca, const char *options)
{
    return test_shell("openssl s_client -connect 127.0.0.1:%d -CAfile %s -verify_return_error %s </dev/null",
                      lab->listeners[listener].port, lab_path(lab, ca, "ca.pem"), options);
}

#define GCM "ECDHE-ECDSA-AES128-GCM-SHA256"
#define CBC "ECDHE-ECDSA-AES128-SHA256"

/* `agreed` NULL: the handshake fails, with this alert. */
static const struct {
    const char *name;
    int listener;
    enum lab_pki ca; /* whose CI has issued what is shown */
    const char *options, *agreed, *alert;
} handshakes[] = {
    { "P-256", P256, LAB_P256, "", "TLSv1.3, Cipher is TLS_AES_128_GCM_SHA256", NULL },
    { "P-256, TLS 1.2", P256, LAB_P256, "-tls1_2", "TLSv1.2, Cipher is " GCM, NULL },
    { "P-256, the client prefers CBC", P256, LAB_P256, "-tls1_2 -cipher " CBC ":" GCM, "Cipher is " GCM, NULL },
    { "P-256, CBC only", P256, LAB_P256, "-tls1_2 -cipher " CBC, "Cipher is " CBC, NULL },
    { "CBC only, where it is not allowed", BOTH, LAB_P256, "-tls1_2 -cipher " CBC, NULL, "handshake failure" },
    { "CBC with SHA-1", P256, LAB_P256, "-tls1_2 -cipher ECDHE-ECDSA-AES128-SHA", NULL, "handshake failure" },
    { "a suite of AES-256", P256, LAB_P256, "-tls1_2 -cipher ECDHE-ECDSA-AES256-GCM-SHA384", NULL,
      "handshake failure" },
    { "a key exchange without secrecy", P256, LAB_P256, "-tls1_2 -cipher AES128-GCM-SHA256", NULL,
      "handshake failure" },
    { "TLS 1.1", P256, LAB_P256, "-tls1_1 -cipher ALL:@SECLEVEL=0", NULL, "alert" },
    { "P-256 to a client of brainpool", P256, LAB_P256, "-tls1_2 -groups brainpoolP256r1", NULL,
      "handshake failure" },
    { "P-256 to a client of P-384", P256, LAB_P256, "-groups P-384", NULL, "handshake failure" },
    { "brainpool", BRAINPOOL, LAB_BRAINPOOL, "-tls1_2 -groups brainpoolP256r1", "TLSv1.2, Cipher is " GCM, NULL },
    { "brainpool and CBC", BRAINPOOL, LAB_BRAINPOOL, "-tls1_2 -groups brainpoolP256r1 -cipher " CBC, "Cipher is " CBC,
      NULL },
    { "brainpool among others", BRAINPOOL, LAB_BRAINPOOL, "-groups X25519:P-256:brainpoolP256r1", "TLSv1.2, Cipher",
      NULL },
    { "brainpool to a client of P-256", BRAINPOOL, LAB_BRAINPOOL, "-groups P-256", NULL, "handshake failure" },
    { "brainpool to a client of P-256, TLS 1.2", BRAINPOOL, LAB_BRAINPOOL, "-tls1_2 -groups X25519:P-256", NULL,
      "handshake failure" },
    { "brainpool over TLS 1.3", BRAINPOOL, LAB_BRAINPOOL, "-tls1_3 -groups P-256:brainpoolP256r1", NULL,
      "handshake failure" },
    { "both, to a client of P-256", BOTH, LAB_P256, "-groups P-256", "TLSv1.3, Cipher", NULL },
    { "both, to a client of brainpool", BOTH, LAB_BRAINPOOL, "-tls1_2 -groups brainpoolP256r1", "TLSv1.2, Cipher",
      NULL },
    { "both, to a client of both", BOTH, LAB_P256, "-groups brainpoolP256r1:P-256", "TLSv1.3, Cipher", NULL },
    { "both, to a client of both, TLS 1.2", BOTH, LAB_P256, "-tls1_2 -groups brainpoolP256r1:P-256",
      "TLSv1.2, Cipher", NULL },
    { "without SHA-256 for signatures", P256, LAB_P256, "-tls1_2 -sigalgs ECDSA+SHA384", NULL, "handshake failure" },
    { "SHA-256 although SHA-384 comes first", P256, LAB_P256, "-tls1_2 -sigalgs ECDSA+SHA384:ECDSA+SHA256",
      "Peer signing digest: SHA256", NULL },
    { "SHA-256 over TLS 1.3", P256, LAB_P256, "-sigalgs ECDSA+SHA384:ECDSA+SHA256", "Peer signing digest: SHA256",
      NULL },
    { "X25519 before P-256", P256, LAB_P256, "-tls1_2 -groups P-256:X25519", "Server Temp Key: X25519", NULL },
};

TEST(agreement)
{
    struct lab lab;
    if (!open_three(&lab))
        return;
    for (size_t i = 0; i < sizeof handshakes / sizeof *handshakes; i++) {
        test_row("%s", handshakes[i].name);
        const char *told = s_client(&lab, (size_t)handshakes[i].listener, handshakes[i].ca, handshakes[i].options);
        bool agreed = strstr(told, "Cipher is (NONE)") == NULL && strstr(told, "Cipher is ") != NULL;
        CHECK_EQ(agreed, handshakes[i].agreed != NULL);
        if (agreed)
            CHECK(strstr(told, "Verification: OK") != NULL);
        if (!CHECK(strstr(told, handshakes[i].agreed ? handshakes[i].agreed : handshakes[i].alert) != NULL))
            printf("# %.600s\n", told);
    }
    lab_close(&lab);
}

static int times(const char *text, const char *part)
{
    int n = 0;
    for (; (text = strstr(text, part)) != NULL; text++)
        n++;
    return n;
}

TEST(each_session_is_new)
{
    struct lab lab;
    if (!open_three(&lab))
        return;
    test_row("TLS 1.2: six handshakes, none resumed");
    const char *told = s_client(&lab, P256, LAB_P256, "-tls1_2 -reconnect");
    CHECK_EQ(times(told, "New, TLSv1.2"), 6);
    CHECK_EQ(times(told, "Reused"), 0);
    test_row("TLS 1.2: neither ticket nor session");
    CHECK(strstr(told, "TLS session ticket:") == NULL);
    test_row("TLS 1.3: no ticket");
    told = test_shell("(printf 'POST /none HTTP/1.1\\r\\nHost: x\\r\\nConnection: close\\r\\n\\r\\n'; cat)"
                      " </dev/null | openssl s_client -connect 127.0.0.1:%d -ign_eof -msg", lab.listeners[P256].port);
    CHECK(strstr(told, "204 No Content") != NULL);
    CHECK(strstr(told, "ClientHello") != NULL && strstr(told, "NewSessionTicket") == NULL);
    test_row("renegotiation");
    told = test_shell("printf 'R\\n' | openssl s_client -connect 127.0.0.1:%d -tls1_2", lab.listeners[P256].port);
    CHECK(strstr(told, "RENEGOTIATING") != NULL && strstr(told, "no renegotiation") != NULL);
    lab_close(&lab);
}

/* ---------------------------------------------------------------------- several PKIs */

/* The PKI whose certificate the server shows to a client that trusts these (RFC 6066 6); -1: none. */
static int shown_to(struct lab *lab, struct bytes trusted, int *echo)
{
    struct stream *s = stream_open(lab->listeners[0].port, trusted);
    int found = -1;
    *echo = s ? stream_echo(s) : -1;
    for (int i = 0; s && i < LAB_PKIS; i++)
        if (bytes_equal(stream_certificate(s, test_arena()), lab->pki[i].of[CERT_DPTLS].der))
            found = i;
    stream_close(s);
    return found;
}

TEST(trusted_ca_keys)
{
    static const struct {
        const char *name, *list; /* %0, %1, %2: the key identifier of that CI */
        int shown, echo;
    } rows[] = {
        { "nothing said: the first", NULL, LAB_P256, -1 },
        { "the first", "0015 01%0", LAB_P256, 0 },
        { "the second", "0015 01%2", LAB_OTHER, 0 },
        { "the third, on the other curve", "0015 01%1", LAB_BRAINPOOL, 0 },
        { "the third, then the second: the server's order", "002A 01%1 01%2", LAB_OTHER, 0 },
        { "one that nobody has: the first", "0015 01 0102030405060708090A0B0C0D0E0F1011121314", LAB_P256, 0 },
        { "behind identifiers of other types",
          "0031 00 02 0003 414243 03 0102030405060708090A0B0C0D0E0F1011121314 01%2", LAB_OTHER, 0 },
        { "as the SHA-1 of a certificate: not looked at", "0015 03%2", LAB_P256, 0 },
        { "a list cut short", "0015 01 0102", LAB_P256, 0 },
        { "an empty list", "0000", LAB_P256, 0 },
    };
    struct lab lab;
    struct http_certificate three[3];
    if (!lab_open(&lab))
        return;
    struct http_listener *l = lab_listener(&lab, LAB_PKIS);
    three[0] = lab.tls[LAB_P256];
    three[1] = lab.tls[LAB_OTHER];
    three[2] = lab.tls[LAB_BRAINPOOL];
    l->certificates = three;
    l->n_certificates = 3;
    if (!lab_start(&lab))
        return;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct buf hex = buf_in(test_arena());
        int echo;
        test_row("%s", rows[i].name);
        for (const char *p = rows[i].list ? rows[i].list : ""; *p; p++) {
            if (*p == '%')
                hex_append(&hex, lab.pki[*++p - '0'].of[CERT_CI].cert.ski);
            else if (*p != ' ')
                buf_u8(&hex, (unsigned char)*p);
        }
        struct bytes list = rows[i].list ? unhex(buf_str(&hex)) : BYTES_NONE;
        CHECK_EQ(shown_to(&lab, list, &echo), rows[i].shown);
        CHECK_EQ(echo, rows[i].echo);
    }
    lab_close(&lab);
}

/* ----------------------------------------------------------------------------- the start */

static struct bytes faulty(struct lab *lab, enum cert_fault fault)
{
    struct pki_entity x;
    struct err e;
    CHECK_OK(pki_fault(test_arena(), &lab->pki[LAB_P256], CERT_DPTLS, fault, &x, &e), &e);
    return x.der;
}

static struct bytes made(const char *command, const char *folder)
{
    const char *out = arena_printf(test_arena(), "%s/made", folder);
    test_shell("cd %s && openssl %s >made 2>/dev/null", folder, command);
    return test_file(out);
}

static struct bytes twice(struct bytes a, struct bytes b)
{
    struct buf out = buf_in(test_arena());
    buf_add(&out, a);
    buf_add(&out, b);
    return buf_bytes(&out);
}

TEST(certificates_at_the_start)
{
    struct lab lab;
    if (!lab_open(&lab))
        return;
    const struct http_certificate good = lab.tls[LAB_P256];
    const struct bytes ca = test_file(lab_path(&lab, LAB_P256, "ca.pem")), der = lab.pki[LAB_P256].of[CERT_DPTLS].der;
    const char *f = lab.folder;
    const struct {
        const char *name;
        struct bytes chain, key, client_ca;
        int code; /* 0: the server starts */
        const char *told;
    } rows[] = {
        { "PEM", good.chain, good.key, BYTES_NONE, 0, NULL },
        { "DER", der, made("pkey -in tls0.key -outform DER", f), BYTES_NONE, 0, NULL },
        { "a key in the form of SEC 1", good.chain, made("ec -in tls0.key", f), BYTES_NONE, 0, NULL },
        { "a chain of two", twice(good.chain, ca), good.key, twice(ca, ca), 0, NULL },
        { "no certificate", BYTES_NONE, good.key, BYTES_NONE, ERR_SYNTAX, "certificate cannot be read" },
        { "a text", BYTES_LIT("certificate"), good.key, BYTES_NONE, ERR_SYNTAX, "certificate cannot be read" },
        { "PEM without its end", bytes_slice(good.chain, 0, good.chain.n - 40), good.key, BYTES_NONE, ERR_SYNTAX,
          "certificate cannot be read" },
        { "DER with an octet behind it", twice(der, BYTES_LIT("0")), good.key, BYTES_NONE, ERR_SYNTAX,
          "certificate cannot be read" },
        { "a key instead of a certificate", good.key, good.key, BYTES_NONE, ERR_SYNTAX, "certificate cannot be read" },
        { "no key", good.chain, BYTES_NONE, BYTES_NONE, ERR_SYNTAX, "key cannot be read" },
        { "a certificate instead of a key", good.chain, good.chain, BYTES_NONE, ERR_SYNTAX, "key cannot be read" },
        { "a key under a passphrase", good.chain, made("pkey -in tls0.key -aes128 -passout pass:secret", f),
          BYTES_NONE, ERR_SYNTAX, "key cannot be read" },
        { "another certificate's key", good.chain, lab.tls[LAB_OTHER].key, BYTES_NONE, ERR_VERIFY,
          "not the certificate's" },
        { "a key on the other curve", good.chain, lab.tls[LAB_BRAINPOOL].key, BYTES_NONE, ERR_VERIFY,
          "not the certificate's" },
        { "expired", faulty(&lab, FAULT_EXPIRED), good.key, BYTES_NONE, ERR_EXPIRED, "has expired" },
        { "not valid yet", faulty(&lab, FAULT_NOT_YET_VALID), good.key, BYTES_NONE, ERR_EXPIRED, "not valid yet" },
        { "P-384", made("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-384 -nodes -keyout k384 -subj /CN=x", f),
          test_file(arena_printf(test_arena(), "%s/k384", f)), BYTES_NONE, ERR_UNSUPPORTED, "neither on P-256" },
        { "RSA", made("req -x509 -newkey rsa:2048 -nodes -keyout krsa -subj /CN=x", f),
          test_file(arena_printf(test_arena(), "%s/krsa", f)), BYTES_NONE, ERR_UNSUPPORTED, "neither on P-256" },
        { "a text as the clients' CI", good.chain, good.key, BYTES_LIT("CI"), ERR_SYNTAX, "for clients" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        test_row("%s", rows[i].name);
        struct http_certificate c = { rows[i].chain, rows[i].key };
        struct http_listener l = { .host = "127.0.0.1", .certificates = &c, .n_certificates = 1,
                                   .client_ca = rows[i].client_ca };
        struct http_service s = lab.service;
        struct http_server *server = NULL;
        struct err e;
        s.listeners = &l;
        s.n = 1;
        int result = http_server_open(&s, &server, &e);
        if (rows[i].code)
            CHECK_FAILS(result, &e, rows[i].code, rows[i].told);
        else
            CHECK_OK(result, &e);
        if (server)
            http_server_close(server);
    }
    lab_close(&lab);
}

TEST(listeners_at_the_start)
{
    struct lab lab, second;
    struct err e;
    if (!lab_open(&lab))
        return;
    lab_listener(&lab, LAB_P256);
    if (!lab_start(&lab))
        return;
    second = lab;
    test_row("a port that is taken");
    CHECK_FAILS(http_server_open(&lab.service, &second.server, &e), &e, ERR_IO, "choose a free port");
    test_row("the place is told");
    CHECK(strstr(e.where, arena_printf(test_arena(), "127.0.0.1:%d", lab.listeners[0].port)) != NULL);
    struct http_listener l = lab.listeners[0];
    struct http_service s = { .listeners = &l, .n = 1 };
    test_row("no certificate");
    l.n_certificates = 0;
    CHECK_FAILS(http_server_open(&s, &second.server, &e), &e, ERR_LIMIT, "1 to 8 TLS certificates");
    test_row("an address that is not this machine's");
    l.n_certificates = 1;
    l.host = "192.0.2.1";
    CHECK_FAILS(http_server_open(&s, &second.server, &e), &e, ERR_IO, "192.0.2.1");
    test_row("too many");
    s.n = HTTP_LISTENERS_MAX + 1;
    CHECK_FAILS(http_server_open(&s, &second.server, &e), &e, ERR_LIMIT, "at most");
    lab_close(&lab);
}
