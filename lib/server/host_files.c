/* SPDX-License-Identifier: Apache-2.0
 *
 * What the settings name: read, checked, and placed for the server. */
#include "base/file.h"
#include "crypto/cert_make.h"
#include "server/host_inside.h"

enum { FILE_MAX = 1 << 20 };

/* What to do about a certificate, a key or a list that cannot be used. */
static const char *next_step(int code)
{
    switch (code) {
    case ERR_IO:
        return "write the path of a file that this user can read";
    case ERR_EXPIRED:
        return "name one that is valid now; is the clock right?";
    case ERR_SYNTAX:
        return "name a file in PEM or DER, of the kind that this key wants";
    case ERR_UNSUPPORTED:
        return "name one on P-256 or brainpoolP256r1";
    default:
        return "name files that belong together";
    }
}

/* Places the error: file, section, and what in it. */
int host_in_section(struct host *s, const char *section, const char *name, const char *key, struct err *e)
{
    err_next(e, "%s", next_step(e->code));
    if (*key)
        err_within(e, "%s", key);
    return err_within(e, "%s: [%s%s%s]", s->config, section, *name ? " " : "", name);
}

int host_read(struct host *s, const char *path, struct bytes *out, struct err *e)
{
    if (file_read(s->arena, path, FILE_MAX, out, e) != 0)
        return -1;
    if (out->n)
        return 0;
    err_set(e, ERR_SYNTAX, NULL, "the file is empty");
    return err_at(e, "%s", path);
}

static bool dns_is(struct bytes dns, const char *name)
{
    const char *dot = strchr(name, '.');
    bool star = dns.n > 2 && dns.p[0] == '*' && dns.p[1] == '.' && dot;
    return star ? bytes_equal_nocase(bytes_slice(dns, 1, dns.n), bytes_text(dot))
                : bytes_equal_nocase(dns, bytes_text(name));
}

/* LPAs look for the name of the activation code in the certificate (RFC 6125). */
static int for_address(const struct host *s, const struct cert *c, struct err *e)
{
    for (size_t i = 0; i < c->n_dns; i++)
        for (size_t k = 0; k < s->service->n_addresses; k++)
            if (dns_is(c->dns[i], s->service->addresses[k]))
                return 0;
    struct bytes name = c->n_dns ? c->dns[0] : c->common_name;
    return err_set(e, ERR_VALUE, "RFC 6125", "the certificate is for \"%.*s\", which is none of the addresses of this "
                   "server; next: write that name into addresses, or name another certificate", (int)name.n, name.p);
}

/* A TLS certificate and its key; *out: what it says. */
static int pair_check(struct host *s, struct bytes chain, struct bytes key, struct cert *out, struct err *e)
{
    struct ec_key *k = NULL;
    struct bytes der;
    if (cert_from_file(s->arena, chain, &der, e) != 0 || cert_parse(s->arena, der, out, e) != 0 ||
        cert_check_dates(out, s->service->now(NULL), e) != 0)
        return err_within(e, "certificate");
    if (ec_key_read(key, &k, e) != 0)
        return err_within(e, "key");
    bool fits = ec_key_curve(k) == out->curve && bytes_equal(ec_key_point(k), out->point);
    ec_key_free(k);
    return fits ? 0 : err_set(e, ERR_VERIFY, NULL, "the key is not the one of the certificate");
}

static int read_tls(struct host *s, const struct tls_settings *t, struct http_certificate *to, struct err *e)
{
    struct cert c;
    if (host_read(s, t->certificate, &to->chain, e) != 0)
        return host_in_section(s, "tls", t->name, "certificate", e);
    if (host_read(s, t->key, &to->key, e) != 0)
        return host_in_section(s, "tls", t->name, "key", e);
    if (pair_check(s, to->chain, to->key, &c, e) != 0 || for_address(s, &c, e) != 0)
        return host_in_section(s, "tls", t->name, "", e);
    return 0;
}

/* Certificates of issuers, in PEM or DER: the first must be one. */
static int read_issuers(struct host *s, const char *path, struct bytes *out, struct err *e)
{
    struct bytes der;
    struct cert c;
    if (host_read(s, path, out, e) != 0)
        return -1;
    if (cert_from_file(s->arena, *out, &der, e) == 0 && cert_parse(s->arena, der, &c, e) == 0)
        return 0;
    return err_within(e, "%s", path);
}

/* The CIs of sets in PEM, one after the other. */
static struct bytes cis_pem(struct host *s, uint32_t sets)
{
    struct buf pem = buf_in(s->arena);
    for (size_t i = 0; i < s->service->sets->n; i++)
        if (!sets || sets >> i & 1)
            buf_add(&pem, cert_to_pem(s->arena, s->service->sets->of[i].ci.der));
    return buf_bytes(&pem);
}

static bool names(const char *const *list, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(list[i], name) == 0)
            return true;
    return false;
}

static int make_listener(struct host *s, size_t at, struct err *e)
{
    const struct host_settings *set = s->settings;
    const struct listener_settings *l = &set->listeners[at];
    struct service_listener *own = &s->service->listeners[at];
    struct http_listener *h = &s->parts->listeners[at];
    struct http_certificate *picked = s->parts->picked[at];
    *h = (struct http_listener){ .host = l->listen.host, .port = l->listen.port, .certificates = picked,
                                 .connections = (int)l->connections, .per_address = (int)l->per_address };
    for (size_t i = 0; i < s->n_sets; i++)
        if (names(l->certificates, l->n_certificates, s->sets[i]->name))
            own->sets |= 1u << i;
    for (size_t i = 0; i < set->n_tls; i++)
        if (l->n_tls == 0 || names(l->tls, l->n_tls, set->tls[i].name))
            picked[h->n_certificates++] = s->parts->tls[i];
    own->no_mutual = !names(l->functions, l->n_functions, s->program->mutual);
    own->no_lpa = !names(l->functions, l->n_functions, s->program->lpa);
    h->cbc = !own->no_lpa;
    if (own->no_mutual)
        return 0;
    h->client_ca = cis_pem(s, own->sets);
    return !l->client_ca || read_issuers(s, l->client_ca, &h->client_ca, e) == 0
               ? 0
               : host_in_section(s, "listener", l->name, "client-ca", e);
}

static int make_client(struct host *s, struct err *e)
{
    const struct host_settings *set = s->settings;
    struct http_client *c = &s->parts->client;
    struct cert own;
    *c = (struct http_client){ .deadline = (int)set->outgoing.deadline, .connect_deadline = (int)set->outgoing.deadline,
                               .n_connect = set->outgoing.n_connect, .user_agent = s->program->name,
                               .ca_octets = cis_pem(s, 0) };
    memcpy(c->connect, set->outgoing.connect, sizeof set->outgoing.connect);
    s->parts->reaches_others = set->outgoing.certificate != NULL;
    if (set->outgoing.ca && read_issuers(s, set->outgoing.ca, &c->ca_octets, e) != 0)
        return host_in_section(s, "outgoing", "", "ca", e);
    if (!s->parts->reaches_others)
        return 0;
    if (host_read(s, set->outgoing.certificate, &c->certificate_octets, e) != 0)
        return host_in_section(s, "outgoing", "", "certificate", e);
    if (host_read(s, set->outgoing.key, &c->key_octets, e) != 0)
        return host_in_section(s, "outgoing", "", "key", e);
    return pair_check(s, c->certificate_octets, c->key_octets, &own, e) == 0
               ? 0
               : host_in_section(s, "outgoing", "", "", e);
}

int host_files(struct host *s, struct err *e)
{
    for (size_t i = 0; i < s->settings->n_tls; i++)
        if (read_tls(s, &s->settings->tls[i], &s->parts->tls[i], e) != 0)
            return -1;
    for (size_t i = 0; i < s->settings->n_listeners; i++)
        if (make_listener(s, i, e) != 0)
            return -1;
    return make_client(s, e);
}

/* ------------------------------------------------------------------------ revocation lists */

int host_revocation(struct host *s, struct err *e)
{
    const struct revocation_settings how = { .grace = s->settings->crl.grace };
    s->service->revocation = revocation_new(&how);
    if (!s->service->revocation)
        return err_set(e, ERR_MEMORY, NULL, "no memory for revocation lists");
    for (size_t i = 0; i < s->n_sets; i++)
        if (s->sets[i]->crl && s->settings->crl.required)
            revocation_require(s->service->revocation, &s->service->sets->of[i].ci);
    return 0;
}

/* A revocation list in a file, which may come later: that it is there now is no condition of a start. */
static int check_list(struct host *s, size_t set, struct err *e)
{
    const struct set_settings *c = s->sets[set];
    struct arena *a = arena_new(2 * CRL_OCTETS_MAX);
    struct bytes octets;
    int result = a ? file_read(a, c->crl, CRL_OCTETS_MAX, &octets, e)
                   : err_set(e, ERR_MEMORY, NULL, "no memory for a list");
    if (result == 0)
        result =
            revocation_load(s->service->revocation, octets, &s->service->sets->of[set].ci, 1, s->service->now(NULL), e);
    arena_free(a);
    return result == 0 ? 0 : host_in_section(s, "certificates", c->name, "crl", e);
}

int host_lists(struct host *s, struct err *e)
{
    for (size_t i = 0; i < s->n_sets; i++) {
        const char *crl = s->sets[i]->crl;
        if (crl && !crl_is_url(crl) && check_list(s, i, e) != 0)
            return -1;
    }
    return 0;
}
