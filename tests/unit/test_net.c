/* SPDX-License-Identifier: Apache-2.0
 *
 * What clients may do to the HTTPS server: what HTTP allows (RFC 9112), what it doesn't, too much of it, too slowly,
 * too many; vanish, and be there when it ends. */
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "netlab.h"

enum { STEP = 20 /* milliseconds */, PATIENT = LAB_SECONDS * 1000 };

static const char *text(const char *format, ...) __attribute__((format(printf, 1, 2)));
static const char *text(const char *format, ...)
{
    char out[512];
    va_list ap;
    va_start(ap, format);
    vsnprintf(out, sizeof out, format, ap);
    va_end(ap);
    return arena_text(test_arena(), bytes_text(out));
}

static const char *repeated(const char *before, const char *part, int n, const char *after)
{
    struct buf out = buf_in(test_arena());
    buf_text(&out, before);
    for (int i = 0; i < n; i++)
        buf_text(&out, part);
    buf_text(&out, after);
    return buf_str(&out);
}

static uint64_t count(struct lab *lab, size_t listener, enum http_counter c)
{
    struct http_metrics m;
    http_server_metrics(lab->server, listener, &m);
    return m.count[c];
}

static int times(const char *in, const char *part)
{
    int n = 0;
    for (; (in = strstr(in, part)) != NULL; in++)
        n++;
    return n;
}

/* ------------------------------------------------------------------------------- requests */

#define H "Host: smdp.example.com\r\n"
#define C H "Connection: close\r\n"
#define E "\r\n"

enum { BODY_MAX = 1000 };

/* The connection ends by itself; what comes back begins with the status line, and holds `part` and not `lacks`. */
static const struct {
    const char *name, *request, *status, *part, *lacks;
} requests[] = {
    { "POST", "POST /a HTTP/1.1\r\n" C "Content-Length: 2\r\n\r\nhi", "200 OK", "method=POST path=/a peer=127.0.0.1",
      NULL },
    { "fields are handed on", "POST /a HTTP/1.1\r\n" C "content-TYPE:  application/json \t\r\nX-Admin-Protocol: v\r\n"
      "User-Agent: gsma-rsp-lpad; x\r\n\r\n", "200", "host=smdp.example.com type=application/json protocol=v "
      "agent=gsma-rsp-lpad; x body=0:", NULL },
    { "the answer's fields", "POST /a HTTP/1.1\r\n" C E, "200",
      "X-Admin-Protocol: gsma/rsp/v2.5.0\r\nContent-Type: text/plain\r\nContent-Length: ", NULL },
    { "the connection's end is told", "POST /a HTTP/1.1\r\n" C E, "200", "Connection: close", NULL },
    { "204 has no body and no length", "POST /none HTTP/1.1\r\n" C E, "204 No Content", "Date: ", "Content-" },
    { "Retry-After", "POST /busy HTTP/1.1\r\n" C E, "503", "Retry-After: 7\r\n", NULL },
    { "a handler without an answer", "POST /wrong HTTP/1.1\r\n" C E, "500", "Content-Length: 0", NULL },
    { "a whole address", "POST https://smdp.example.com:443/a?b HTTP/1.1\r\n" C E, "200", "path=/a?b ", NULL },
    { "an empty line first", "\r\nPOST /a HTTP/1.1\r\n" C E, "200", "path=/a ", NULL },
    { "chunks", "POST /a HTTP/1.1\r\n" C "Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n00A;x=y\r\n0123456789\r\n"
      "0\r\n\r\n", "200", "body=12:ab0123456789 ", NULL },
    { "a trailer", "POST /a HTTP/1.1\r\n" C "Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nX: y\r\n\r\n", "200",
      "body=1:a ", NULL },
    { "HTTP/1.0", "POST /a HTTP/1.0\r\n\r\n", "200", "Connection: close", NULL },
    { "HTTP/1.0 kept, then closed", "POST /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\nPOST /b HTTP/1.0\r\n\r\n", "200",
      "Connection: keep-alive\r\n", NULL },
    { "HTTP/1.0 kept: the second", "POST /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\nPOST /b HTTP/1.0\r\n\r\n", "200",
      "path=/b ", NULL },
    { "one behind the other", "POST /a HTTP/1.1\r\n" H "Content-Length: 1\r\n\r\n1POST /b HTTP/1.1\r\n" C E, "200",
      "path=/b ", NULL },
    { "none after the last", "POST /a HTTP/1.1\r\n" C E "POST /b HTTP/1.1\r\n" C E, "200", "path=/a ", "path=/b" },
    { "close among other options", "POST /a HTTP/1.1\r\n" H "Connection: x, CLOSE ,y\r\n\r\nPOST /b HTTP/1.1\r\n" C E,
      "200", "path=/a ", "path=/b" },
    { "no 100 for a body that is there", "POST /a HTTP/1.1\r\n" C "Expect: 100-continue\r\nContent-Length: 2\r\n\r\nhi",
      "200", "body=2:hi", "100 Continue" },
    { "GET", "GET /a HTTP/1.1\r\n" C E, "405", "Allow: POST\r\n", NULL },
    { "HEAD", "HEAD /a HTTP/1.1\r\n" C E, "405", "Content-Length: 0\r\n", NULL },
    { "an unknown method", "BREW /a HTTP/1.1\r\n" H E, "405", "Connection: close\r\n", NULL },
    { "post in lower case", "post /a HTTP/1.1\r\n" C E, "405", "", NULL },
    { "no host", "POST /a HTTP/1.1\r\n\r\n", "400", "", NULL },
    { "two hosts", "POST /a HTTP/1.1\r\n" H H E, "400", "", NULL },
    { "two lengths", "POST /a HTTP/1.1\r\n" H "Content-Length: 1\r\nContent-Length: 1\r\n\r\na", "400", "", NULL },
    { "a length and chunks", "POST /a HTTP/1.1\r\n" H "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"
      "0\r\n\r\n", "400", "", NULL },
    { "chunks in HTTP/1.0", "POST /a HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "400", "", NULL },
    { "a length with a sign", "POST /a HTTP/1.1\r\n" H "Content-Length: +1\r\n\r\na", "400", "", NULL },
    { "an empty length", "POST /a HTTP/1.1\r\n" H "Content-Length:\r\n\r\n", "400", "", NULL },
    { "a length beyond 64 bits", "POST /a HTTP/1.1\r\n" H "Content-Length: 18446744073709551617\r\n\r\n", "413", "",
      NULL },
    { "a coding that is not known", "POST /a HTTP/1.1\r\n" H "Transfer-Encoding: gzip, chunked\r\n\r\n", "501", "",
      NULL },
    { "an expectation that is not known", "POST /a HTTP/1.1\r\n" H "Expect: tea\r\n\r\n", "417", "", NULL },
    { "HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "505", "", NULL },
    { "no version", "POST /a\r\n" H E, "400", "", NULL },
    { "two blanks", "POST  /a HTTP/1.1\r\n" H E, "400", "", NULL },
    { "a relative path", "POST a HTTP/1.1\r\n" H E, "400", "", NULL },
    { "a control character in the path", "POST /\x01 HTTP/1.1\r\n" H E, "400", "", NULL },
    { "a blank before the colon", "POST /a HTTP/1.1\r\n" H "X : y\r\n\r\n", "400", "", NULL },
    { "a folded line", "POST /a HTTP/1.1\r\n" H "X: y\r\n z\r\n\r\n", "400", "", NULL },
    { "a line end without CR", "POST /a HTTP/1.1\r\n" H "X: y\nZ: a\r\n\r\n", "400", "", NULL },
    { "a field without a colon", "POST /a HTTP/1.1\r\n" H "X\r\n\r\n", "400", "", NULL },
    { "a chunk without a size", "POST /a HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n\r\n", "400", "", NULL },
    { "a chunk longer than its size", "POST /a HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n1\r\nab\r\n", "400",
      "", NULL },
    { "a size of nine digits", "POST /a HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n000000001\r\na\r\n", "400",
      "", NULL },
    { "a body of one octet too much", "POST /a HTTP/1.1\r\n" H "Content-Length: 1001\r\n\r\n", "413", "", NULL },
    { "no refusal takes the next request for its body", "POST /a HTTP/1.1\r\n" H "Content-Length: 1001\r\n\r\n"
      "POST /b HTTP/1.1\r\n" C E, "413", "", "path=/b" },
};

static bool open_one(struct lab *lab)
{
    if (!lab_open(lab))
        return false;
    lab_listener(lab, LAB_P256)->body = BODY_MAX;
    return lab_start(lab);
}

static void check_answer(const char *answer, const char *status, const char *part, const char *lacks)
{
    bool as_expected = strncmp(answer, "HTTP/1.1 ", 9) == 0 && strncmp(answer + 9, status, strlen(status)) == 0 &&
                       strstr(answer, part) && !(lacks && strstr(answer, lacks));
    if (!CHECK(as_expected))
        printf("# %.500s\n", answer);
}

TEST(requests)
{
    struct lab lab;
    if (!open_one(&lab))
        return;
    for (size_t i = 0; i < sizeof requests / sizeof *requests; i++) {
        test_row("%s", requests[i].name);
        check_answer(lab_ask(&lab, 0, requests[i].request), requests[i].status, requests[i].part, requests[i].lacks);
    }
    const char *chunked = "POST /a HTTP/1.1\r\n" C "Transfer-Encoding: chunked\r\n\r\n";
    const struct {
        const char *name, *request, *status;
    } sizes[] = {
        { "a body as long as allowed", repeated("POST /a HTTP/1.1\r\n" C "Content-Length: 1000\r\n\r\n", "x", 1000, ""),
          "200" },
        { "chunks as long as allowed", repeated(chunked, "2\r\nab\r\n", 500, "0\r\n\r\n"), "200" },
        { "chunks of one octet too much", repeated(chunked, "2\r\nab\r\n", 500, "1\r\nc\r\n0\r\n\r\n"), "413" },
        { "a chunk extension without an end", repeated(text("%s1;", chunked), "x", 4097, ""), "400" },
        { "64 fields", repeated("POST /a HTTP/1.1\r\n" C, "X: y\r\n", 62, "\r\n"), "200" },
        { "65 fields", repeated("POST /a HTTP/1.1\r\n" C, "X: y\r\n", 63, "\r\n"), "431" },
        { "16 KiB before the body", repeated("POST /a HTTP/1.1\r\n" C "X: ", "y", 16384 - 68, "\r\n\r\n"), "200" },
        { "an octet more", repeated("POST /a HTTP/1.1\r\n" C "X: ", "y", 16384 - 67, "\r\n\r\n"), "431" },
        { "a line without an end", repeated("POST /", "a", 16384, ""), "431" },
    };
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        test_row("%s", sizes[i].name);
        check_answer(lab_ask(&lab, 0, sizes[i].request), sizes[i].status, "", NULL);
    }
    lab_close(&lab);
}

TEST(a_request_in_pieces)
{
    static const char request[] = "POST /a HTTP/1.1\r\n" C "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
    struct lab lab;
    if (!open_one(&lab))
        return;
    test_row("an octet a record");
    struct stream *s = stream_open(lab.listeners[0].port, BYTES_NONE);
    for (size_t i = 0; i < sizeof request - 1; i++)
        stream_say(s, bytes_make(request + i, 1));
    check_answer(stream_hear(s, test_arena()), "200", "body=3:abc ", NULL);
    stream_close(s);
    test_row("the body after 100 Continue");
    s = stream_open(lab.listeners[0].port, BYTES_NONE);
    stream_say(s, BYTES_LIT("POST /a HTTP/1.1\r\n" C "Expect: 100-continue\r\nContent-Length: 3\r\n\r\n"));
    CHECK_TEXT(stream_hear_until(s, test_arena(), "\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
    stream_say(s, BYTES_LIT("abc"));
    check_answer(stream_hear(s, test_arena()), "200", "body=3:abc ", NULL);
    stream_close(s);
    test_row("a body that is too large is heard out, so that the answer arrives");
    static const uint8_t piece[16384];
    s = stream_open(lab.listeners[0].port, BYTES_NONE);
    stream_say(s, BYTES_LIT("POST /a HTTP/1.1\r\n" H "Content-Length: 4194304\r\n\r\n"));
    bool heard = true;
    for (int i = 0; heard && i < 4194304 / 16384; i++)
        heard = stream_say(s, BYTES_OF(piece));
    CHECK(heard);
    check_answer(stream_hear(s, test_arena()), "413", "", NULL);
    stream_close(s);
    test_row("1 MiB comes back whole");
    const char *answer = lab_ask(&lab, 0, "POST /big HTTP/1.1\r\n" C E);
    check_answer(answer, "200", "Content-Length: 1048576\r\n", NULL);
    lab_close(&lab);
}

/* ---------------------------------------------------------------------------------- curl */

static const char *curl(struct lab *lab, enum lab_pki ca, const char *options)
{
    return test_shell("cd %s && curl -sS --noproxy '*' --max-time %d --cacert %s --connect-to ::127.0.0.1:%d %s",
                      lab->folder, LAB_SECONDS, lab_path(lab, ca, "ca.pem"), lab->listeners[0].port, options);
}

#define URL "https://smdp.example.com"

TEST(curl_as_a_client)
{
    static const struct {
        const char *name, *options, *part;
    } rows[] = {
        { "POST", "-d hello -A agent " URL "/a", "host=smdp.example.com type=application/x-www-form-urlencoded "
          "protocol= agent=agent body=5:hello" },
        { "HTTP/1.0", "-0 -d hello " URL "/a", "body=5:hello" },
        { "HTTP/2 is offered", "--http2 -d hello " URL "/a -w '%{http_version}'", "\n1.1" },
        { "a host in upper case", "-d hello https://SMDP.EXAMPLE.COM/a", "body=5:hello" },
        { "chunks", "-d hello -H 'Transfer-Encoding: chunked' " URL "/a", "body=5:hello" },
        { "two requests over one connection", "-d 1 " URL "/a -d 1 " URL "/b -w ' connects=%{num_connects}'",
          " connects=0" },
        { "GET", URL "/a -i", "HTTP/1.1 405 Method Not Allowed\r\n" },
        { "a body that is too large, after 100 Continue", "-i -H 'Expect: 100-continue' -F a=@large " URL "/a",
          "HTTP/1.1 413 Content Too Large\r\n" },
        { "a body that is too large, sent at once", "-i -H Expect: -F a=@large " URL "/a -w 'status %{http_code}'",
          "status 413" },
        { "chunks that are too large", "-H Expect: -H 'Transfer-Encoding: chunked' -F a=@large " URL "/a "
          "-w 'status %{http_code}'", "status 413" },
        { "a client certificate", "--cert operator0.pem --key operator0.key -d 1 " URL "/a", " verified=1" },
        { "another CI's client certificate", "--cert operator2.pem --key operator2.key -d 1 " URL "/a", " verified=0" },
        { "no client certificate", "-d 1 " URL "/a", "certificate=0 verified=0" },
        { "another name", "-d 1 https://other.example.com/a", "no alternative certificate subject name matches" },
    };
    struct lab lab;
    if (!lab_open(&lab))
        return;
    lab_listener(&lab, LAB_P256)->client_ca = test_file(lab_path(&lab, LAB_P256, "ca.pem"));
    test_shell("head -c 4000000 /dev/zero >%s/large", lab.folder);
    if (!lab_start(&lab))
        return;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        test_row("%s", rows[i].name);
        const char *told = curl(&lab, LAB_P256, rows[i].options);
        if (!CHECK(strstr(told, rows[i].part) != NULL))
            printf("# %.500s\n", told);
    }
    test_row("another CI than the server's");
    CHECK(strstr(curl(&lab, LAB_OTHER, "-d 1 " URL "/a"), "certificate") != NULL);
    lab_close(&lab);
}

TEST(listeners_are_told_apart)
{
    struct lab lab;
    if (!lab_open(&lab))
        return;
    lab_listener(&lab, LAB_P256);
    lab_listener(&lab, LAB_BRAINPOOL);
    lab_listener(&lab, LAB_P256)->host = "::1";
    if (!lab_start(&lab))
        return;
    for (int i = 0; i < 3; i++) {
        test_row("%s", i == 2 ? "IPv6" : i ? "brainpool" : "P-256");
        const char *host = i == 2 ? "[::1]" : "127.0.0.1";
        const char *told = test_shell(
            "curl -sS --noproxy '*' --cacert %s --curves brainpoolP256r1:P-256 --connect-to '::%s:%d' -d 1 " URL "/a",
            lab_path(&lab, (enum lab_pki)(i % 2), "ca.pem"), host, lab.listeners[i].port);
        CHECK(strstr(told, text("listener=%d method=POST path=/a peer=%s", i, i == 2 ? "::1" : host)) != NULL);
        CHECK_EQ(count(&lab, (size_t)i, HTTP_REQUESTS), 1);
    }
    lab_close(&lab);
}

/* ---------------------------------------------------------------------------------- limits */

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
    enum { QUIET, HASTY, FEW = 4 };
    struct lab lab;
    if (!lab_open(&lab))
        return;
    lab_listener(&lab, LAB_P256)->connections = FEW;
    lab_listener(&lab, LAB_P256)->deadline = 1;
    if (!lab_start(&lab))
        return;
    test_row("one that says nothing");
    int fd = stream_connect(lab.listeners[HASTY].port, PATIENT);
    CHECK(is_cut(fd));
    close(fd);

    test_row("one that sends an octet now and then");
    static const uint8_t record[] = { 0x16, 3, 1, 0x40, 0 }; /* 16 KiB are announced */
    fd = stream_connect(lab.listeners[HASTY].port, STEP);
    send(fd, record, sizeof record, MSG_NOSIGNAL);
    bool cut = false;
    for (int i = 0; !cut && i < PATIENT / STEP; i++)
        cut = send(fd, record, 1, MSG_NOSIGNAL) < 0 || is_cut(fd);
    CHECK(cut);
    close(fd);
    CHECK_EQ(count(&lab, HASTY, HTTP_TOO_LATE), 2);

    test_row("one that asks for nothing after TLS");
    CHECK_TEXT(lab_ask(&lab, HASTY, ""), "");
    test_row("one that stays after its answer");
    check_answer(lab_ask(&lab, HASTY, "POST /none HTTP/1.1\r\n" H E), "204", "", "Connection: close");
    test_row("one whose request does not end");
    check_answer(lab_ask(&lab, HASTY, "POST /a HT"), "408 Request Timeout", "Connection: close", NULL);
    test_row("one whose body does not end");
    check_answer(lab_ask(&lab, HASTY, "POST /a HTTP/1.1\r\n" H "Content-Length: 2\r\n\r\na"), "408", "", NULL);
    CHECK_EQ(count(&lab, HASTY, HTTP_TOO_LATE), 6);

    test_row("one too many");
    int held[FEW];
    for (int i = 0; i < FEW; i++)
        held[i] = stream_connect(lab.listeners[QUIET].port, PATIENT);
    fd = stream_connect(lab.listeners[QUIET].port, PATIENT);
    CHECK(is_cut(fd));
    close(fd);
    CHECK_EQ(count(&lab, QUIET, HTTP_REFUSED_FULL), 1);
    CHECK_EQ(count(&lab, QUIET, HTTP_CONNECTIONS), FEW);
    test_row("one more, when another has gone");
    shutdown(held[0], SHUT_WR);
    CHECK(is_cut(held[0])); /* the server has let it go */
    close(held[0]);
    held[0] = stream_connect(lab.listeners[QUIET].port, 10 * STEP);
    CHECK(!is_cut(held[0]));
    for (int i = 0; i < FEW; i++)
        close(held[i]);
    lab_close(&lab);
}

static int from_address(struct lab *lab, const char *address)
{
    const char *told = test_shell("curl -sS --noproxy '*' --interface %s -k -d 1 https://127.0.0.1:%d/a -o /dev/null "
                                  "-w '%%{http_code}' 2>/dev/null", address, lab->listeners[0].port);
    return atoi(told);
}

TEST(connections_of_one_address)
{
    enum { FEW = 3 };
    struct lab lab;
    int held[FEW];
    if (!lab_open(&lab))
        return;
    lab_listener(&lab, LAB_P256)->per_address = FEW;
    if (!lab_start(&lab))
        return;
    for (int i = 0; i < FEW; i++)
        held[i] = stream_connect(lab.listeners[0].port, PATIENT);
    test_row("one too many");
    int fd = stream_connect(lab.listeners[0].port, PATIENT);
    CHECK(is_cut(fd));
    close(fd);
    CHECK_EQ(count(&lab, 0, HTTP_REFUSED_ADDRESS), 1);
    CHECK_EQ(count(&lab, 0, HTTP_REFUSED_FULL), 0);
    test_row("another address");
    CHECK_EQ(from_address(&lab, "127.0.0.2"), 200);
    test_row("the same one by another program");
    CHECK_EQ(from_address(&lab, "127.0.0.1"), 0);
    test_row("when one has gone");
    shutdown(held[0], SHUT_WR);
    CHECK(is_cut(held[0]));
    CHECK_EQ(from_address(&lab, "127.0.0.1"), 200);
    for (int i = 0; i < FEW; i++)
        close(held[i]);
    lab_close(&lab);
}

#define GATE "POST /gate HTTP/1.1\r\n" C E

static struct stream *at_gate(struct lab *lab, int n)
{
    struct stream *s = stream_open(lab->listeners[0].port, BYTES_NONE);
    stream_say(s, BYTES_LIT(GATE));
    lab_wait_entered(lab, n);
    return s;
}

TEST(a_full_queue)
{
    struct lab lab;
    if (!lab_open(&lab))
        return;
    lab_listener(&lab, LAB_P256);
    lab.service.workers = lab.service.queue = 1;
    if (!lab_start(&lab))
        return;
    struct stream *first = at_gate(&lab, 1), *second = stream_open(lab.listeners[0].port, BYTES_NONE);
    stream_say(second, BYTES_LIT("POST /second HTTP/1.1\r\n" C E));
    CHECK(lab_wait_count(&lab, 0, HTTP_WORKED_ON, 2));
    test_row("one too many");
    const char *twice = "POST /a HTTP/1.1\r\n" H "Content-Length: 2\r\n\r\nhiPOST /b HTTP/1.1\r\n" C E;
    check_answer(lab_ask(&lab, 0, twice), "503 Service Unavailable", "Retry-After: 1\r\n", NULL);
    test_row("its connection stays");
    CHECK_EQ(count(&lab, 0, HTTP_REFUSED_QUEUE), 2);
    test_row("those before are answered");
    lab_open_gate(&lab);
    check_answer(stream_hear(first, test_arena()), "200", "path=/gate ", NULL);
    check_answer(stream_hear(second, test_arena()), "200", "path=/second ", NULL);
    stream_close(first);
    stream_close(second);
    lab_close(&lab);
}

TEST(a_client_vanishes)
{
    struct lab lab;
    if (!open_one(&lab))
        return;
    test_row("while its request is worked on");
    struct stream *s = at_gate(&lab, 1);
    stream_break(s);
    lab_open_gate(&lab);
    CHECK(lab_wait_count(&lab, 0, HTTP_GONE, 1));
    CHECK(lab_wait_count(&lab, 0, HTTP_CONNECTIONS, 0));
    test_row("politely, while another request of its own waits");
    lab_close_gate(&lab);
    s = stream_open(lab.listeners[0].port, BYTES_NONE);
    stream_say(s, BYTES_LIT("POST /gate HTTP/1.1\r\n" H E "POST /a HTTP/1.1\r\n" H E));
    lab_wait_entered(&lab, 2);
    stream_close(s);
    lab_open_gate(&lab);
    CHECK(lab_wait_count(&lab, 0, HTTP_GONE, 2));
    CHECK(lab_wait_count(&lab, 0, HTTP_REQUESTS, 3));
    test_row("in the midst of its request");
    s = stream_open(lab.listeners[0].port, BYTES_NONE);
    stream_say(s, BYTES_LIT("POST /a HTTP/1.1\r\n" H "Content-Length: 5\r\n\r\nab"));
    stream_break(s);
    CHECK(lab_wait_count(&lab, 0, HTTP_CONNECTIONS, 0));
    test_row("in the midst of its answer");
    s = stream_open(lab.listeners[0].port, BYTES_NONE);
    stream_say(s, bytes_text(repeated("", "POST /big HTTP/1.1\r\n" H E, 20, "")));
    stream_hear_until(s, test_arena(), "HTTP/1.1 200");
    stream_break(s);
    CHECK(lab_wait_count(&lab, 0, HTTP_CONNECTIONS, 0));
    test_row("the next one is served");
    check_answer(lab_ask(&lab, 0, "POST /a HTTP/1.1\r\n" C E), "200", "", NULL);
    lab_close(&lab);
}

/* ------------------------------------------------------------------------------------ end */

TEST(the_end_waits_for_answers)
{
    const struct bytes beginning = BYTES_LIT("POST /b HTTP/1.1\r\n" H "Content-Length: 2\r\n\r\nh");
    const struct bytes whole = BYTES_LIT("POST /gate HTTP/1.1\r\n" H E);
    struct lab lab;
    if (!open_one(&lab))
        return;
    struct stream *idle = stream_open(lab.listeners[0].port, BYTES_NONE);
    struct stream *begun = stream_open(lab.listeners[0].port, BYTES_NONE);
    struct stream *kept = stream_open(lab.listeners[0].port, BYTES_NONE);
    stream_say(begun, beginning);
    stream_say(kept, whole);
    lab_wait_entered(&lab, 1);
    CHECK(lab_wait_count(&lab, 0, HTTP_OCTETS_IN, beginning.n + whole.n));
    http_server_stop(lab.server);
    test_row("an idle connection is closed");
    CHECK_TEXT(stream_hear(idle, test_arena()), "");
    test_row("no connection is taken");
    CHECK_EQ(stream_connect(lab.listeners[0].port, PATIENT), -1);
    test_row("a request that has begun is answered");
    stream_say(begun, BYTES_LIT("i"));
    check_answer(stream_hear(begun, test_arena()), "200", "Connection: close", NULL);
    test_row("one that is worked on too");
    lab_open_gate(&lab);
    check_answer(stream_hear(kept, test_arena()), "200", "Connection: close", NULL);
    stream_close(idle);
    stream_close(begun);
    stream_close(kept);
    test_row("then the server ends by itself");
    lab_join(&lab);
    CHECK_EQ(count(&lab, 0, HTTP_CONNECTIONS), 0);
    lab_close(&lab);
}

static void *close_server(void *server)
{
    http_server_close(server);
    return NULL;
}

TEST(the_end_does_not_wait_for_ever)
{
    struct lab lab;
    pthread_t closing;
    if (!lab_open(&lab))
        return;
    lab_listener(&lab, LAB_P256);
    lab.service.workers = 1;
    lab.service.patience = 1;
    if (!lab_start(&lab))
        return;
    struct stream *stuck = at_gate(&lab, 1), *waits = stream_open(lab.listeners[0].port, BYTES_NONE);
    stream_say(waits, BYTES_LIT(GATE));
    CHECK(lab_wait_count(&lab, 0, HTTP_WORKED_ON, 2));
    test_row("the loop ends after its patience");
    http_server_stop(lab.server);
    lab_join(&lab);
    test_row("clients are let go before the handler is done");
    CHECK_EQ(pthread_create(&closing, NULL, close_server, lab.server), 0);
    CHECK_TEXT(stream_hear(stuck, test_arena()), "");
    CHECK_TEXT(stream_hear(waits, test_arena()), "");
    test_row("what had not begun never begins");
    lab_open_gate(&lab);
    pthread_join(closing, NULL);
    CHECK_EQ(lab.entered, 1);
    lab.server = NULL;
    stream_close(stuck);
    stream_close(waits);
    lab_close(&lab);
}

TEST(ends_of_other_kinds)
{
    struct lab lab;
    if (!open_one(&lab))
        return;
    test_row("a signal");
    kill(getpid(), SIGTERM);
    lab_join(&lab);
    http_server_close(lab.server);
    lab.server = NULL;
    test_row("a second one does not wait");
    lab.listeners[0].port = 0;
    if (!lab_start(&lab))
        return;
    struct stream *idle = stream_open(lab.listeners[0].port, BYTES_NONE), *s = at_gate(&lab, 1);
    http_server_stop(lab.server);
    CHECK(lab_wait_count(&lab, 0, HTTP_CONNECTIONS, 1)); /* the idle one has gone: the end has begun */
    http_server_stop(lab.server);
    lab_join(&lab);
    lab_open_gate(&lab);
    stream_close(idle);
    stream_close(s);
    lab_close(&lab);
}

/* -------------------------------------------------------------------------------- metrics */

TEST(metrics)
{
    static const struct {
        enum http_counter counter;
        uint64_t value;
        const char *name;
    } rows[] = {
        { HTTP_ACCEPTED, 6, "accepted" },
        { HTTP_REFUSED_FULL, 0, "refused_full" },
        { HTTP_REFUSED_ADDRESS, 0, "refused_address" },
        { HTTP_TLS_FAILED, 1, "tls_failed" },
        { HTTP_REQUESTS, 3, "requests" },
        { HTTP_REFUSED_REQUEST, 1, "refused_request" },
        { HTTP_REFUSED_HEADERS, 1, "refused_headers" },
        { HTTP_REFUSED_BODY, 1, "refused_body" },
        { HTTP_REFUSED_QUEUE, 0, "refused_queue" },
        { HTTP_TOO_LATE, 0, "too_late" },
        { HTTP_ANSWERS_2XX, 2, "answers_2xx" },
        { HTTP_ANSWERS_3XX, 0, "answers_3xx" },
        { HTTP_ANSWERS_4XX, 3, "answers_4xx" },
        { HTTP_ANSWERS_5XX, 1, "answers_5xx" },
        { HTTP_GONE, 0, "gone" },
        { HTTP_CONNECTIONS, 0, "connections" },
        { HTTP_WORKED_ON, 0, "worked_on" },
    };
    static const char two[] = "POST /a HTTP/1.1\r\n" H "Content-Length: 3\r\n\r\nabcPOST /none HTTP/1.1\r\n" C E;
    struct lab lab;
    if (!open_one(&lab))
        return;
    struct buf heard = buf_in(test_arena());
    struct buf said = buf_in(test_arena());
    const char *const asked[] = { two, "POST /busy HTTP/1.1\r\n" C E, "GET /a HTTP/1.1\r\n" H E,
                                  repeated("POST /", "a", 16384, ""),
                                  "POST /a HTTP/1.1\r\n" H "Content-Length: 1001\r\n\r\n" };
    for (size_t i = 0; i < sizeof asked / sizeof *asked; i++) {
        buf_text(&said, asked[i]);
        buf_text(&heard, lab_ask(&lab, 0, asked[i]));
    }
    int fd = stream_connect(lab.listeners[0].port, PATIENT);
    send(fd, "no TLS at all", 13, MSG_NOSIGNAL);
    CHECK(is_cut(fd));
    close(fd);
    CHECK(lab_wait_count(&lab, 0, HTTP_CONNECTIONS, 0));
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        test_row("%s", rows[i].name);
        CHECK_EQ(count(&lab, 0, rows[i].counter), rows[i].value);
        CHECK_TEXT(http_counter_name(rows[i].counter), rows[i].name);
    }
    test_row("octets_in");
    CHECK_EQ(count(&lab, 0, HTTP_OCTETS_IN), buf_bytes(&said).n);
    test_row("octets_out");
    CHECK_EQ(count(&lab, 0, HTTP_OCTETS_OUT), buf_bytes(&heard).n);
    test_row("a listener that is not there");
    CHECK_EQ(count(&lab, 1, HTTP_ACCEPTED), 0);
    lab_close(&lab);
}

/* -------------------------------------------------------------------------------- threads */

struct crowd {
    struct lab *lab;
    int good;
};

static void *ask_often(void *context)
{
    enum { REQUESTS = 10 };
    struct crowd *c = context;
    struct arena *a = arena_new(1 << 20);
    for (int i = 0; i < REQUESTS; i++) {
        struct stream *s = stream_open(c->lab->listeners[i % 2].port, BYTES_NONE);
        if (!s)
            break;
        stream_say(s, BYTES_LIT("POST /a HTTP/1.1\r\n" H "Content-Length: 1\r\n\r\naPOST /b HTTP/1.1\r\n" C E));
        const char *heard = stream_hear(s, a);
        c->good += times(heard, "HTTP/1.1 200 OK") == 2 && strstr(heard, "path=/a ") < strstr(heard, "path=/b ");
        stream_close(s);
        arena_reset(a);
    }
    arena_free(a);
    return NULL;
}

TEST(many_at_once)
{
    enum { CLIENTS = 8 };
    struct lab lab;
    pthread_t threads[CLIENTS];
    struct crowd crowd[CLIENTS];
    if (!lab_open(&lab))
        return;
    lab_listener(&lab, LAB_P256);
    lab_listener(&lab, LAB_OTHER);
    if (!lab_start(&lab))
        return;
    for (int i = 0; i < CLIENTS; i++) {
        crowd[i] = (struct crowd){ &lab, 0 };
        CHECK_EQ(pthread_create(&threads[i], NULL, ask_often, &crowd[i]), 0);
    }
    for (int i = 0; i < CLIENTS; i++) {
        pthread_join(threads[i], NULL);
        CHECK_EQ(crowd[i].good, 10);
    }
    CHECK_EQ(count(&lab, 0, HTTP_REQUESTS) + count(&lab, 1, HTTP_REQUESTS), CLIENTS * 20);
    lab_close(&lab);
}
