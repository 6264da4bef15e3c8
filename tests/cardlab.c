/* SPDX-License-Identifier: Apache-2.0 */
#include "cardlab.h"

#include <stdlib.h>

#include "asn1/tlv.h"
#include "crypto/crypto.h"
#include "exchange.h"
#include "rsp/ids.h"
#include "rsp/signed.h"
#include "saip/package.h"

/* What is the same for all tests of a program. */
static struct arena *kept(void)
{
    static struct arena *a;
    if (!a)
        a = arena_new(16 << 20);
    return a;
}

int64_t lab_now(void)
{
    return 1780000000;
}

const struct pki *lab_pki(int which)
{
    static struct pki pkis[LAB_PKIS];
    static const enum ec_curve curves[LAB_PKIS] = { EC_P256, EC_BRAINPOOLP256R1, EC_P256 };
    struct pki_plan plan;
    struct err e;
    if (pkis[which].of[CERT_CI].key)
        return &pkis[which];
    pki_plan_init(&plan, lab_now());
    plan.curve = curves[which];
    CHECK_OK(pki_make(kept(), &plan, &pkis[which], &e), &e);
    return &pkis[which];
}

struct pki_entity lab_fault(const struct pki *pki, enum cert_role role, enum cert_fault fault)
{
    struct pki_entity x = { 0 };
    struct err e;
    CHECK_OK(pki_fault(test_arena(), pki, role, fault, &x, &e), &e);
    cert_parse(test_arena(), x.der, &x.cert, &e); /* some cannot be read */
    return x;
}

static int random_octets(void *context, uint8_t *out, size_t n)
{
    (void)context;
    return crypto_random(out, n, NULL);
}

/* ------------------------------------------------------------------------- its memory */

static int log_load(void *context, struct arena *a, struct bytes *all, struct err *e)
{
    const struct lab *l = context;
    *all = arena_copy(a, l->n ? bytes_make(l->log, l->n) : BYTES_LIT(""));
    return all->p ? 0 : err_set(e, ERR_MEMORY, NULL, "no memory to read the card's memory");
}

static int log_append(void *context, struct bytes octets, struct err *e)
{
    struct lab *l = context;
    l->writes++;
    if (l->fail && --l->fail == 0)
        return err_set(e, ERR_IO, NULL, "a write that fails");
    if (l->n + octets.n > l->room) {
        l->room = 2 * (l->n + octets.n);
        l->log = realloc(l->log, l->room);
    }
    memcpy(l->log + l->n, octets.p, octets.n);
    l->n += octets.n;
    return 0;
}

static int log_truncate(void *context, size_t octets, struct err *e)
{
    struct lab *l = context;
    (void)e;
    l->n = octets;
    return 0;
}

static int log_barrier(void *context, struct err *e)
{
    (void)context;
    (void)e;
    return 0;
}

static int log_replace(void *context, struct bytes all, struct err *e)
{
    struct lab *l = context;
    l->n = 0;
    return log_append(l, all, e);
}

/* ---------------------------------------------------------------------------- the card */

static bool power_on(struct lab *l)
{
    const struct euicc_env env = { .nvm = l->nvm, .random = random_octets, .operator_in_clear = true, .context = l };
    struct err e;
    return CHECK_OK(euicc_open(&env, &l->card, &e), &e) && lab_select(l);
}

bool lab_open(struct lab *l, int n_cis)
{
    struct euicc_identity id = { .root_ds = BYTES_LIT("smds.example.com") };
    uint8_t scalars[LAB_PKIS][EC_SCALAR_OCTETS];
    struct err e;
    *l = (struct lab){ 0 };
    l->nvm = (struct nvm){ log_load, log_append, log_truncate, log_barrier, log_replace, l };
    CHECK_OK(eid_from_text(test_arena(), bytes_text(lab_pki(0)->plan.eid), &id.eid, &e), &e);
    for (int i = 0; i < n_cis; i++) {
        const struct pki_entity *of = lab_pki(i)->of;
        CHECK_OK(ec_key_scalar(of[CERT_EUICC].key, scalars[i], &e), &e);
        id.cis[id.n_cis++] = of[CERT_CI].der;
        id.keys[id.n_keys].euicc = of[CERT_EUICC].der;
        id.keys[id.n_keys].eum = of[CERT_EUM].der;
        id.keys[id.n_keys++].scalar = BYTES_OF(scalars[i]);
    }
    return CHECK_OK(euicc_make(&l->nvm, &id, &e), &e) && power_on(l);
}

bool lab_select(struct lab *l)
{
    struct bytes fci;
    return CHECK_EQ(lab_apdu(l, unhex("00A40400 10 A0000005591010FFFFFFFF8900000100 00"), &fci), 0x9000);
}

bool lab_power(struct lab *l)
{
    euicc_close(l->card);
    l->card = NULL;
    return power_on(l);
}

void lab_close(struct lab *l)
{
    euicc_close(l->card);
    free(l->log);
    *l = (struct lab){ 0 };
}

unsigned lab_apdu(struct lab *l, struct bytes command, struct bytes *answer)
{
    return exchange(l->card, command, 0x80, answer);
}

unsigned lab_es10(struct lab *l, struct bytes tlv, struct bytes *answer)
{
    size_t block = l->block ? l->block : 255;
    unsigned sw = 0x9000, number = 0;
    for (size_t at = 0; sw == 0x9000 && (at == 0 || at < tlv.n); at += block, number++) {
        struct bytes part = bytes_slice(tlv, at, block);
        struct buf c = buf_in(test_arena());
        buf_add(&c, BYTES_LIT("\x80\xE2"));
        buf_u8(&c, at + block < tlv.n ? 0x11 : 0x91);
        buf_u8(&c, number & 0xFF);
        buf_u8(&c, (unsigned)part.n);
        buf_add(&c, part);
        buf_u8(&c, 0);
        sw = lab_apdu(l, buf_bytes(&c), answer);
    }
    return sw;
}

const char *lab_say(struct lab *l, const char *hex)
{
    struct bytes answer;
    unsigned sw = lab_es10(l, unhex(hex), &answer);
    return sw >> 8 == 0x90 || sw >> 8 == 0x91 ? hex_encode(test_arena(), answer)
                                              : arena_printf(test_arena(), "SW %04X", sw);
}

struct bytes lab_view(struct lab *l, bool notifications)
{
    static const char *const questions[] = { "BF2D12 5C10 5A4F9F7090919293949599B6B7B8BF22", "BF2200", "BF3C00",
                                             "BF2800" };
    struct buf all = buf_in(test_arena());
    for (int i = 0; i < (notifications ? 4 : 3); i++)
        buf_text(&all, lab_say(l, questions[i]));
    CHECK(strstr(buf_str(&all), "SW") == NULL);
    return buf_bytes(&all);
}

void lab_clean(struct lab *l)
{
    struct bytes answer;
    CHECK_EQ(lab_es10(l, unhex("BF2800"), &answer), 0x9000);
    struct cursor c = cursor_over(answer);
    struct tlv outer, item;
    if (!CHECK(tlv_next(&c, ASN1_WIRE, &outer, NULL) == 0))
        return;
    for (c = cursor_over(tlv_find(outer.value, 0xA0).value); !cursor_done(&c);) {
        if (!CHECK(tlv_next(&c, ASN1_WIRE, &item, NULL) == 0))
            return;
        struct buf gone = buf_in(test_arena());
        tlv_add(&gone, 0xBF30, tlv_find(item.value, 0x80).whole);
        CHECK_EQ(lab_es10(l, buf_bytes(&gone), &answer), 0x9000);
    }
}

/* ------------------------------------------------------------------------- the server */

static struct bytes encoded(const struct asn1_type *type, const void *value)
{
    struct bytes der = BYTES_NONE;
    struct err e;
    CHECK_OK(asn1_encode(test_arena(), type, value, &der, &e), &e);
    return der;
}

static struct bytes signature_by(const struct ec_key *key, struct rsp_tbs tbs, bool bad)
{
    struct bytes signature = BYTES_NONE;
    struct err e;
    CHECK_OK(rsp_sign(test_arena(), key, &tbs, &signature, &e), &e);
    if (bad)
        ((uint8_t *)(uintptr_t)signature.p)[7] ^= 1;
    return signature;
}

struct server server_of(const struct pki *pki)
{
    struct server s = { .pki = pki, .address = BYTES_LIT("smdp.example.com") };
    uint8_t id[16];
    CHECK_EQ(crypto_random(id, sizeof id, NULL), 0);
    s.transaction = arena_copy(test_arena(), BYTES_OF(id));
    return s;
}

static const struct pki_entity *auth_of(const struct server *s)
{
    return s->auth.der.p ? &s->auth : &s->pki->of[CERT_DPAUTH];
}

static const struct pki_entity *pb_of(const struct server *s)
{
    return s->pb.der.p ? &s->pb : &s->pki->of[CERT_DPPB];
}

struct bytes server_authenticate(struct server *s)
{
    static const uint8_t challenge[16] = { 1 }, nobody[16] = { 2 }, tac[4] = { 0x35, 0x55, 0x36, 0x08 };
    struct rsp_AuthenticateServerRequest q = { 0 };
    struct rsp_CtxParamsForCommonAuthentication *context = &q.ctxParams1.ctxParamsForCommonAuthentication;
    q.serverSigned1.transactionId = s->transaction;
    q.serverSigned1.euiccChallenge = s->bad_challenge || !s->challenge.p ? BYTES_OF(nobody) : s->challenge;
    q.serverSigned1.serverAddress = s->address;
    q.serverSigned1.serverChallenge = BYTES_OF(challenge);
    struct bytes tbs = encoded(&rsp_ServerSigned1_type, &q.serverSigned1);
    q.serverSignature1 = signature_by(auth_of(s)->key, rsp_tbs_alone(tbs), s->bad_signature1);
    q.euiccCiPKIdToBeUsed = s->ci.p ? s->ci : s->pki->of[CERT_CI].cert.ski;
    q.serverCertificate = auth_of(s)->der;
    q.ctxParams1.which = rsp_CtxParams1_ctxParamsForCommonAuthentication;
    context->deviceInfo.tac = BYTES_OF(tac);
    return encoded(&rsp_AuthenticateServerRequest_type, &q);
}

struct bytes server_prepare(struct server *s)
{
    static const uint8_t nobody[16] = { 2 }, unsigned_yet[64] = { 3 };
    struct rsp_PrepareDownloadRequest q = { .hashCc = s->hash, .smdpCertificate = pb_of(s)->der };
    struct bytes signature1 = s->signature1.p ? s->signature1 : BYTES_OF(unsigned_yet);
    q.smdpSigned2.transactionId = s->bad_transaction ? BYTES_OF(nobody) : s->transaction;
    q.smdpSigned2.ccRequiredFlag = s->code_required;
    q.smdpSigned2.bppEuiccOtpk = s->offered;
    struct bytes tbs = encoded(&rsp_SmdpSigned2_type, &q.smdpSigned2);
    q.smdpSignature2 =
        signature_by(pb_of(s)->key, rsp_tbs_chained(test_arena(), tbs, signature1), s->bad_signature2);
    return encoded(&rsp_PrepareDownloadRequest_type, &q);
}

int64_t server_hear_challenge(struct server *s, struct bytes answer)
{
    struct rsp_GetEuiccChallengeResponse r;
    if (asn1_decode(test_arena(), &rsp_GetEuiccChallengeResponse_type, answer, ASN1_WIRE, &r, NULL) != 0)
        return -1;
    s->challenge = r.euiccChallenge;
    return 0;
}

int64_t server_hear_authenticate(struct server *s, struct bytes answer)
{
    struct rsp_AuthenticateServerResponse r;
    if (asn1_decode(test_arena(), &rsp_AuthenticateServerResponse_type, answer, ASN1_WIRE, &r, NULL) != 0)
        return -1;
    if (r.which == rsp_AuthenticateServerResponse_authenticateResponseError)
        return bytes_equal(r.authenticateResponseError.transactionId, s->transaction)
                   ? r.authenticateResponseError.authenticateErrorCode : -1;
    s->signature1 = r.authenticateResponseOk.euiccSignature1;
    return 0;
}

int64_t server_hear_prepare(struct server *s, struct bytes answer)
{
    struct rsp_PrepareDownloadResponse r;
    if (asn1_decode(test_arena(), &rsp_PrepareDownloadResponse_type, answer, ASN1_WIRE, &r, NULL) != 0)
        return -1;
    if (r.which == rsp_PrepareDownloadResponse_downloadResponseError)
        return r.downloadResponseError.downloadErrorCode;
    s->otpk = r.downloadResponseOk.euiccSigned2.euiccOtpk;
    return 0;
}

int64_t server_challenge(struct server *s, struct lab *l)
{
    struct bytes answer;
    return lab_es10(l, unhex("BF2E00"), &answer) == 0x9000 ? server_hear_challenge(s, answer) : -1;
}

int64_t server_authenticated(struct server *s, struct lab *l)
{
    struct bytes answer;
    return lab_es10(l, server_authenticate(s), &answer) == 0x9000 ? server_hear_authenticate(s, answer) : -1;
}

int64_t server_prepared(struct server *s, struct lab *l)
{
    struct bytes answer;
    return lab_es10(l, server_prepare(s), &answer) == 0x9000 ? server_hear_prepare(s, answer) : -1;
}

bool server_ready(struct server *s, struct lab *l)
{
    return CHECK_EQ(server_challenge(s, l), 0) && CHECK_EQ(server_authenticated(s, l), 0) &&
           CHECK_EQ(server_prepared(s, l), 0);
}

/* ------------------------------------------------------------------------- the package */

#define SMALL_ICCID "989400010000000000F9"
/* An access rule, so that the package is of several segments. */
#define RECORD "8001019000800102A406830101950108800158A40683010A950108FFFFFFFFFFFF"

static const char small_text[] =
    "value1 ProfileElement ::= header : { major-version 2, minor-version 3, profileType \"small\",\n"
    "  iccid '8949001000000000009F'H, eUICC-Mandatory-services { },\n"
    "  eUICC-Mandatory-GFSTEList { { 2 23 143 1 2 1 } } }\n"
    "value2 ProfileElement ::= mf : { mf-header { mandated NULL, identification 1 }, templateID { 2 23 143 1 2 1 },\n"
    "  mf { fileDescriptor : { pinStatusTemplateDO '010A'H } },\n"
    "  ef-iccid { fillFileContent : '" SMALL_ICCID "'H },\n"
    "  ef-dir { fileDescriptor : { fileDescriptor '42210026'H, efFileSize '26'H } },\n"
    "  ef-arr { fileDescriptor : { fileDescriptor '42210021'H, efFileSize '01CE'H },\n"
    "    fillFileContent : '" RECORD RECORD "'H } }\n"
    "value3 ProfileElement ::= pukCodes : { puk-Header { mandated NULL, identification 2 },\n"
    "  pukCodes { { keyReference pukAppl1, pukValue '3132333435363738'H } } }\n"
    "value4 ProfileElement ::= pinCodes : { pin-Header { mandated NULL, identification 3 }, pinCodes pinconfig : {\n"
    "  { keyReference pinAppl1, pinValue '31323334FFFFFFFF'H, unblockingPINReference pukAppl1 },\n"
    "  { keyReference adm1, pinValue '3838383838383838'H, pinAttributes 1, maxNumOfAttemps-retryNumLeft 170 } } }\n"
    "value5 ProfileElement ::= end : { end-header { mandated NULL, identification 4 } }\n";

struct bytes package_small(void)
{
    static struct bytes der;
    struct saip_package p;
    struct err e;
    if (!der.p && CHECK_OK(saip_parse(test_arena(), bytes_text(small_text), &p, &e), &e))
        CHECK_OK(saip_encode(kept(), &p, &der, &e), &e);
    return der;
}

/* 5A ICCID, 91 "P", 92 "N", and more. */
struct bytes package_metadata(const char *members)
{
    struct buf out = buf_in(test_arena());
    tlv_add(&out, 0xBF25, unhex(arena_printf(test_arena(), "5A0A" SMALL_ICCID "910150 92014E %s", members)));
    return buf_bytes(&out);
}

struct bytes package_iccid(struct bytes upp, struct bytes iccid)
{
    struct bytes copy = arena_copy(test_arena(), upp), old = unhex(SMALL_ICCID);
    uint8_t *at = memmem(copy.p, copy.n, old.p, old.n);
    if (CHECK(at != NULL))
        memcpy(at, iccid.p, iccid.n);
    return copy;
}

struct bytes package_numbered_iccid(int i)
{
    struct bytes iccid = arena_copy(test_arena(), unhex(SMALL_ICCID));
    ((uint8_t *)(uintptr_t)iccid.p)[6] = (uint8_t)i;
    return iccid;
}

struct package package_numbered(int i)
{
    struct bytes iccid = package_numbered_iccid(i);
    struct buf der = buf_in(test_arena());
    buf_add(&der, unhex("BF2512 5A0A"));
    buf_add(&der, iccid);
    buf_add(&der, unhex("910150 92014E"));
    return (struct package){ .metadata = buf_bytes(&der), .upp = package_iccid(package_small(), iccid) };
}

struct bytes package_operator(const char *key)
{
    char *text = arena_text(test_arena(), test_file(test_source("samples/operator.asn1")));
    char *at = strstr(text, "key '0");
    struct bytes der = BYTES_NONE;
    struct saip_package p;
    struct err e;
    if (!CHECK(at != NULL))
        return der;
    memcpy(at + 5, key, 32);
    if (CHECK_OK(saip_parse(test_arena(), bytes_text(text), &p, &e), &e))
        CHECK_OK(saip_encode(test_arena(), &p, &der, &e), &e);
    return der;
}

struct binder {
    const struct server *server;
    const struct package *package;
    struct bsp bsp;
    struct bpp_segments out;
};

/* Protected pieces; with `whole` they and their header are one segment, else the header is one and each piece. */
static void part(struct binder *b, uint32_t tag, uint8_t inner, size_t first, size_t piece, struct bytes plain,
                 bool whole)
{
    size_t from = b->out.n + (whole ? 0 : 1), length = 0;
    struct buf all = buf_in(test_arena());
    struct err e;
    size_t n = from;
    for (size_t at = 0, take = first; at < plain.n; at += take, take = piece) {
        struct bytes segment = BYTES_NONE;
        take = at ? piece : first;
        CHECK_OK(bsp_protect(&b->bsp, test_arena(), inner, bytes_slice(plain, at, take), &segment, &e), &e);
        b->out.items[n++] = (struct bpp_segment){ segment, inner };
        length += segment.n;
    }
    tlv_header(&all, tag, length);
    if (whole)
        buf_add(&all, b->out.items[from].octets);
    b->out.items[whole ? from : from - 1] = (struct bpp_segment){ buf_bytes(&all), tag };
    b->out.n = n;
}

static void replace_keys(struct binder *b)
{
    static const uint8_t enc[16] = { 4 }, mac[16] = { 5 }, mcv[16] = { 6 };
    size_t n = b->package->ppk_octets ? b->package->ppk_octets : 16;
    struct rsp_ReplaceSessionKeysRequest r = { .initialMacChainingValue = BYTES_OF(mcv),
                                               .ppkEnc = bytes_make(enc, n),
                                               .ppkCmac = bytes_make(mac, n) };
    part(b, 0xA2, 0x87, BSP_ENCRYPTED_MAX, BSP_ENCRYPTED_MAX, encoded(&rsp_ReplaceSessionKeysRequest_type, &r), true);
    bsp_replace(&b->bsp, enc, mac, mcv);
}

/* InitialiseSecureChannel; the session keys. */
static struct bytes initialise(struct binder *b)
{
    static const uint8_t host[] = { 'l', 'a', 'b' };
    const struct package *p = b->package;
    uint8_t type = p->key_type ? p->key_type : BSP_KEY_TYPE_AES;
    uint8_t length = p->key_length ? p->key_length : BSP_KEY_LENGTH;
    struct rsp_InitialiseSecureChannelRequest q = {
        .remoteOpId = p->operation ? p->operation : rsp_RemoteOpId_installBoundProfilePackage,
        .transactionId = p->transaction.p ? p->transaction : b->server->transaction,
        .controlRefTemplate = { .keyType = bytes_make(&type, 1), .keyLen = bytes_make(&length, 1),
                                .hostId = BYTES_OF(host) },
    };
    struct ec_key *key = NULL;
    uint8_t secret[EC_SECRET_OCTETS];
    struct rsp_tbs tbs;
    struct bytes eid;
    struct err e;
    CHECK_OK(ec_key_generate(pb_of(b->server)->cert.curve, &key, &e), &e);
    q.smdpOtpk = p->point.p ? p->point : arena_copy(test_arena(), ec_key_point(key));
    CHECK_OK(rsp_tbs_secure_channel(test_arena(), &q, b->server->otpk, &tbs, &e), &e);
    q.smdpSign = signature_by(pb_of(b->server)->key, tbs, p->bad_signature);
    CHECK_OK(ec_shared_secret(key, b->server->otpk, secret, &e), &e);
    CHECK_OK(eid_from_text(test_arena(), bytes_text(lab_pki(0)->plan.eid), &eid, &e), &e);
    CHECK_OK(bsp_derive(&b->bsp, BYTES_OF(secret), BYTES_OF(host), eid, &e), &e);
    ec_key_free(key);
    return encoded(&rsp_InitialiseSecureChannelRequest_type, &q);
}

struct bpp_segments package_bind(const struct server *s, const struct package *p)
{
    struct binder b = { .server = s, .package = p };
    struct bytes metadata = p->metadata.p ? p->metadata : package_metadata("");
    struct bytes upp = p->upp.p ? p->upp : package_small();
    size_t piece = p->piece ? p->piece : BSP_ENCRYPTED_MAX;
    size_t first = p->metadata_piece ? p->metadata_piece : BSP_PLAIN_MAX, length;
    struct buf begin = buf_in(test_arena());
    b.out.items = arena_array(test_arena(), 10 + upp.n / piece, sizeof *b.out.items);
    struct bytes isc = initialise(&b);
    b.out.n = 1;
    part(&b, 0xA0, 0x87, BSP_ENCRYPTED_MAX, BSP_ENCRYPTED_MAX, p->configure.p ? p->configure : unhex("BF2400"), true);
    part(&b, 0xA1, 0x88, first, BSP_PLAIN_MAX, metadata, false);
    if (p->ppk)
        replace_keys(&b);
    part(&b, 0xA3, 0x86, piece, piece, upp, false);
    length = isc.n;
    for (size_t i = 1; i < b.out.n; i++)
        length += b.out.items[i].octets.n;
    tlv_header(&begin, 0xBF36, length);
    buf_add(&begin, isc);
    b.out.items[0] = (struct bpp_segment){ buf_bytes(&begin), 0xBF36 };
    return b.out;
}

unsigned package_load(struct lab *l, const struct bpp_segments *segments, struct bytes *answer)
{
    unsigned sw = 0x9000;
    *answer = BYTES_LIT("");
    for (size_t i = 0; sw == 0x9000 && answer->n == 0 && i < segments->n; i++)
        sw = lab_es10(l, segments->items[i].octets, answer);
    return sw;
}

struct result result_read(const struct server *s, struct bytes pir)
{
    struct rsp_ProfileInstallationResult r;
    const struct rsp_ProfileInstallationResultData *d = &r.profileInstallationResultData;
    const struct cert *card = &s->pki->of[CERT_EUICC].cert;
    struct ec_public *key = NULL;
    struct result out = { 0 };
    struct err e;
    if (asn1_decode(test_arena(), &rsp_ProfileInstallationResult_type, pir, ASN1_STRICT, &r, NULL) != 0)
        return out;
    struct rsp_tbs tbs = rsp_tbs_alone(d->raw);
    CHECK_OK(ec_public_new(card->curve, card->point, &key, &e), &e);
    out.right = rsp_verify(key, &tbs, r.euiccSignPIR, NULL) == 0 && bytes_equal(d->transactionId, s->transaction) &&
                bytes_equal(d->smdpOid, pb_of(s)->cert.rid) &&
                bytes_equal(d->notificationMetadata.notificationAddress, s->address) &&
                asn1_bit(d->notificationMetadata.profileManagementOperation, 0);
    ec_public_free(key);
    out.success = d->finalResult.which == rsp_ProfileInstallationResultData_finalResult_successResult;
    out.command = out.success ? -1 : d->finalResult.errorResult.bppCommandId;
    out.reason = out.success ? 0 : d->finalResult.errorResult.errorReason;
    out.iccid = d->notificationMetadata.iccid;
    out.seq = d->notificationMetadata.seqNumber;
    return out;
}

bool package_install(struct lab *l, const struct pki *pki, const struct package *p)
{
    struct server s = server_of(pki);
    struct bytes answer;
    if (!server_ready(&s, l))
        return false;
    struct bpp_segments segments = package_bind(&s, p);
    CHECK_EQ(package_load(l, &segments, &answer), 0x9000);
    struct result r = result_read(&s, answer);
    if (!r.success)
        printf("# not installed: command %d, reason %d, %s\n", (int)r.command, (int)r.reason,
               hex_encode(test_arena(), answer));
    return CHECK(r.right && r.success);
}
