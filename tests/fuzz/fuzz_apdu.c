/* SPDX-License-Identifier: Apache-2.0 */
#include "euicc/core.h"
#include "euicc/vpcd.h"
#include "fuzz.h"
#include "rsp/ids.h"
#include "saip/package.h"
#include "world.h"

/* A card with a file of each structure takes any sequence of messages of a reader (controls and APDUs, each behind its
 * length in one octet), under either transmission protocol; every command gets an answer that the protocol allows. */
static struct euicc *card;
static struct nvm_memory memory;
static struct bytes fresh; /* its memory before the first command */

/* EF.ARR: record 1 everything, record 2 what PIN1 or the local PIN opens.  Files 2F11 to 2F15 with SFI 1 to 4, 7:
 * transparent, linear fixed, cyclic, BER-TLV, transparent with record 2; an ADF with a local PIN. */
static const char PACKAGE[] =
    "a ProfileElement ::= header : { major-version 2, minor-version 3, iccid '8949001000000000009F'H,"
    " eUICC-Mandatory-services { }, eUICC-Mandatory-GFSTEList { } }"
    " b ProfileElement ::= mf : { mf-header { mandated NULL, identification 1 }, templateID { 2 23 143 1 2 1 },"
    " mf { fileDescriptor : { pinStatusTemplateDO '0111'H } }, ef-iccid { },"
    " ef-dir { fileDescriptor : { fileDescriptor '42210026'H, efFileSize '26'H } },"
    " ef-arr { fileDescriptor : { fileDescriptor '42210018'H, efFileSize '30'H },"
    " fillFileContent : '80011B90008401329000'H, fillFileOffset : 14,"
    " fillFileContent : '80011BA010A406830101950108A406830181950108'H } }"
    " k ProfileElement ::= pukCodes : { puk-Header { mandated NULL, identification 6 },"
    " pukCodes { { keyReference pukAppl1, pukValue '3132333435363738'H } } }"
    " c ProfileElement ::= pinCodes : { pin-Header { mandated NULL, identification 2 }, pinCodes pinconfig : {"
    " { keyReference pinAppl1, pinValue '31323334FFFFFFFF'H, unblockingPINReference pukAppl1 },"
    " { keyReference 17, pinValue '35353535FFFFFFFF'H } } }"
    " d ProfileElement ::= genericFileManagement : { gfm-header { mandated NULL, identification 3 },"
    " fileManagementCMD { { filePath : ''H,"
    " createFCP : { fileDescriptor '4121'H, fileID '2F11'H, securityAttributesReferenced '01'H, efFileSize '08'H,"
    " shortEFID '08'H },"
    " createFCP : { fileDescriptor '42210004'H, fileID '2F12'H, securityAttributesReferenced '01'H, efFileSize '0C'H,"
    " shortEFID '10'H },"
    " createFCP : { fileDescriptor '46210003'H, fileID '2F13'H, securityAttributesReferenced '01'H, efFileSize '09'H,"
    " shortEFID '18'H }, fillFileContent : '000000'H,"
    " createFCP : { fileDescriptor '7921'H, fileID '2F14'H, securityAttributesReferenced '01'H, efFileSize '0200'H,"
    " shortEFID '20'H }, fillFileContent : '8003414243BF810103800146'H,"
    " createFCP : { fileDescriptor '4121'H, fileID '2F15'H, securityAttributesReferenced '02'H, efFileSize '02'H,"
    " shortEFID '38'H },"
    " createFCP : { fileDescriptor '7821'H, fileID '7F01'H, dfName 'A0000000090001'H,"
    " securityAttributesReferenced '01'H, pinStatusTemplateDO '0181'H } } } }"
    " e ProfileElement ::= pinCodes : { pin-Header { mandated NULL, identification 4 }, pinCodes pinconfig : {"
    " { keyReference secondPINAppl1, pinValue '39383736FFFFFFFF'H } } }"
    " f ProfileElement ::= end : { end-header { mandated NULL, identification 5 } }";

static int same_random(void *context, uint8_t *out, size_t n)
{
    (void)context;
    memset(out, 7, n);
    return 0;
}

static void put_profile(struct arena *a)
{
    static const uint8_t iccid[] = { 0x98, 0x94, 0, 1, 0, 0, 0, 0, 0x90, 0 };
    static const uint8_t metadata[] = "\xBF\x25\x14\x5A\x0A\x98\x94\x00\x01\x00\x00\x00\x00\x90\x00"
                                      "\x91\x01x\x92\x03y.1";
    struct saip_package p;
    struct bytes der;
    struct nvm_batch b;
    if (saip_parse(a, bytes_text(PACKAGE), &p, NULL) != 0 || saip_encode(a, &p, &der, NULL) != 0)
        abort();
    struct nvm_record profile = { REC_PROFILE,
                                  { BYTES_OF(iccid), BYTES_LIT("\xA0\0\0\5\x59\x10\x10\xFF\xFF\xFF\xFF\x89\0\0\x10\0"),
                                    bytes_make(metadata, sizeof metadata - 1), der, BYTES_LIT("\x88\x37\1"),
                                    card->state.keys[0].ci_pkid } },
                      enabled = { REC_PROFILE_STATE, { BYTES_OF(iccid), BYTES_LIT("\1") } };
    nvm_begin(&b, a);
    nvm_put(&b, &profile);
    nvm_put(&b, &enabled);
    if (card_commit(card, &b, NULL) != 0)
        abort();
}

/* What an input has changed does not reach the next one. */
static void open_card(void)
{
    struct nvm nvm = nvm_in_memory(&memory);
    struct euicc_env env = { .nvm = nvm, .random = same_random };
    if (card && bytes_equal(memory.all, fresh))
        return;
    euicc_close(card);
    card = NULL;
    arena_free(memory.arena);
    memory = (struct nvm_memory){ .arena = arena_new(16 << 20) };
    memory.all = arena_copy(memory.arena, fresh);
    memory.size = memory.all.n;
    if (!memory.all.p || euicc_open(&env, &card, NULL) != 0)
        abort();
}

static void make_card(void)
{
    static struct pki pki;
    struct pki_plan plan;
    struct arena *a = arena_new((size_t)256 << 20);
    uint8_t scalar[32];
    struct bytes eid;
    pki_plan_init(&plan, 1780000000);
    if (eid_from_text(a, bytes_text(plan.eid), &eid, NULL) != 0 || pki_make(a, &plan, &pki, NULL) != 0 ||
        ec_key_scalar(pki.of[CERT_EUICC].key, scalar, NULL) != 0)
        abort();
    struct euicc_identity id = { .eid = eid, .n_keys = 1, .n_cis = 1 };
    id.keys[0].euicc = pki.of[CERT_EUICC].der;
    id.keys[0].eum = pki.of[CERT_EUM].der;
    id.keys[0].scalar = BYTES_OF(scalar);
    id.cis[0] = pki.of[CERT_CI].der;
    memory.arena = a;
    struct nvm nvm = nvm_in_memory(&memory);
    struct euicc_env env = { .nvm = nvm, .random = same_random };
    if (euicc_make(&nvm, &id, NULL) != 0 || euicc_open(&env, &card, NULL) != 0)
        abort();
    pki_end(&pki);
    put_profile(a);
    static uint8_t octets[1 << 16];
    if (memory.all.n > sizeof octets)
        abort();
    memcpy(octets, memory.all.p, memory.all.n);
    fresh = bytes_make(octets, memory.all.n);
    euicc_close(card);
    card = NULL;
    arena_free(a);
    memory.arena = NULL;
}

/* No more than a short APDU carries; under T=0 never data in both directions, nor more than was asked for. */
static const char *fault_of(enum transport_protocol protocol, struct bytes message, struct bytes answer)
{
    size_t asked = message.n == 5 && message.p[4] ? message.p[4] : 256u;
    if (message.n == 1)
        return bytes_present(answer) != (message.p[0] == VPCD_ATR) ? "an answer to a control" : NULL;
    if (answer.n < 2)
        return message.n ? "an answer without status word" : NULL;
    if (answer.n > 258)
        return "an answer longer than 256 octets";
    if (protocol == TRANSPORT_T0 && answer.n > 2 && (message.n != 5 || answer.n - 2 > asked))
        return "an answer that T=0 does not allow";
    return NULL;
}

static void talk(enum transport_protocol protocol, struct bytes all)
{
    struct transport t = { .card = card, .protocol = protocol };
    transport_reset(&t);
    for (size_t at = 0; at < all.n;) {
        struct bytes message = bytes_slice(all, at + 1, all.p[at]), answer;
        struct arena *a = arena_new(1 << 20);
        vpcd_message(&t, a, message, &answer);
        fuzz_demand(fault_of(protocol, message, answer));
        arena_free(a);
        at += 1 + message.n;
        if (!message.n)
            break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!fresh.p)
        make_card();
    open_card();
    talk(TRANSPORT_ANY, bytes_make(data, size));
    talk(TRANSPORT_T0, bytes_make(data, size));
    return 0;
}
