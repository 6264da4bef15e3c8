/* SPDX-License-Identifier: Apache-2.0
 *
 * Packages that mean harm: more of everything than the limits allow (lib/saip/limits.h), and thousands of changed ones,
 * after each of which the card is what it was. */
#include "cardlab.h"
#include "euicc/nvm.h"
#include "euicc/state.h"
#include "mutate.h"
#include "sample.h"
#include "saip/image.h"
#include "saip/limits.h"

/* ----------------------------------------------------------------------- too much of a thing */

/* Elements that go into the sample before its last one. */
#define GFM_HEAD "value50 ProfileElement ::= genericFileManagement : { gfm-header { identification 50 }, " \
                 "fileManagementCMD { { "
#define GFM_TAIL " } } }\n"

static void commands(struct buf *out)
{
    buf_text(out, GFM_HEAD "filePath : ''H");
    for (int i = 0; i < SAIP_COMMANDS_MAX; i++)
        buf_text(out, ", filePath : ''H");
    buf_text(out, GFM_TAIL);
}

static void deep(struct buf *out)
{
    buf_text(out, GFM_HEAD "filePath : ''H");
    for (int i = 0; i <= SAIP_DEPTH_MAX; i++)
        buf_text(out, ", createFCP : { fileDescriptor '7821'H, fileID '5F01'H, pinStatusTemplateDO '01'H }");
    buf_text(out, GFM_TAIL);
}

static void files(struct buf *out)
{
    buf_text(out, GFM_HEAD "filePath : ''H");
    for (int i = 0; i < SAIP_FILES_MAX; i++)
        buf_printf(out, ", createFCP : { fileDescriptor '4121'H, fileID '%04X'H, efFileSize '01'H }", 0x8000 + i);
    buf_text(out, GFM_TAIL);
}

static void octets(struct buf *out)
{
    buf_text(out, GFM_HEAD "filePath : ''H");
    for (int i = 0; i <= SAIP_IMAGE_MAX / SAIP_FILE_SIZE_MAX; i++)
        buf_printf(out, ", createFCP : { fileDescriptor '4121'H, fileID '%04X'H, efFileSize 'FFFF'H }", 0x8000 + i);
    buf_text(out, GFM_TAIL);
}

static void status_template(struct buf *out)
{
    buf_text(out, GFM_HEAD "createFCP : { fileDescriptor '7821'H, fileID '5F01'H, pinStatusTemplateDO '");
    for (int i = 0; i <= SAIP_STATUS_MAX; i++)
        buf_text(out, "01");
    buf_text(out, "'H }" GFM_TAIL);
}

static void modules(struct buf *out)
{
    for (int i = 0; i < SAIP_MODULES_MAX; i++)
        buf_printf(out, "value50 ProfileElement ::= rfm : { rfm-header { identification %d }, instanceAID"
                        " 'A00000000000%04X'H, tarList { '%06X'H }, minimumSecurityLevel '00'H, uiccAccessDomain '00'H,"
                        " uiccAdminAccessDomain '00'H }\n", 100 + i, i, i);
}

#define DOMAIN_HEAD \
    "value50 ProfileElement ::= securityDomain : { sd-Header { identification 50 }, instance {" \
    " applicationLoadPackageAID 'A0000001515350'H, classAID 'A000000151535041'H, instanceAID 'A000000151000001'H," \
    " applicationPrivileges '82DC20'H, applicationSpecificParametersC9 ''H }, keyList { "

static void keys(struct buf *out)
{
    buf_text(out, DOMAIN_HEAD);
    for (int i = 0; i <= SAIP_KEYS_MAX; i++)
        buf_printf(out, "%s{ keyUsageQualifier '18'H, keyIdentifier '%02X'H, keyVersionNumber '%02X'H, keyComponents {"
                        " { keyType '88'H, keyData '00'H } } }", i ? ", " : "", i & 0xFF, i >> 8);
    buf_text(out, " } }\n");
}

static void components(struct buf *out)
{
    buf_text(out, DOMAIN_HEAD "{ keyUsageQualifier '18'H, keyIdentifier '01'H, keyVersionNumber '01'H,"
                  " keyComponents {");
    for (int i = 0; i <= SAIP_COMPONENTS_MAX; i++)
        buf_printf(out, "%s{ keyType '%02X'H, keyData '00'H }", i ? ", " : "", i);
    buf_text(out, " } } } }\n");
}

/* Eight local PINs for each of nine DFs. */
static void pins(struct buf *out)
{
    for (int i = 0; i < 9; i++) {
        buf_printf(out, GFM_HEAD "createFCP : { fileDescriptor '7821'H, fileID '5F%02X'H, pinStatusTemplateDO '81'H }"
                        GFM_TAIL, i);
        buf_text(out, "value51 ProfileElement ::= pinCodes : { pin-Header { identification 51 },"
                      " pinCodes pinconfig : {");
        for (int k = 1; k <= 8; k++)
            buf_printf(out, "%s{ keyReference secondPINAppl%d, pinValue '31323334FFFFFFFF'H }", k > 1 ? ", " : "", k);
        buf_text(out, " } }\n");
    }
}

static void naas(struct buf *out)
{
    for (int i = 0; i < SAIP_AKAS_MAX; i++) {
        buf_printf(out, GFM_HEAD "createFCP : { fileDescriptor '7821'H, fileID '7E%02X'H,"
                        " dfName 'A0000000871002EE%02X'H, pinStatusTemplateDO '01'H }" GFM_TAIL, i, i);
        buf_text(out, "value51 ProfileElement ::= akaParameter : { aka-header { identification 51 }, algoConfiguration"
                      " algoParameter : { algorithmID milenage, algorithmOptions '00'H, key"
                      " '00000000000000000000000000000000'H, opc '00000000000000000000000000000000'H } }\n");
    }
}

/* Each to the next, the last to EF.ICCID: nine links. */
static void links(struct buf *out)
{
    buf_text(out, GFM_HEAD "filePath : ''H");
    for (int i = 0; i < 9; i++)
        buf_printf(out, ", createFCP : { fileID '2E%02X'H, linkPath '%04X'H }", i, i < 8 ? 0x2E01 + i : 0x2FE2);
    buf_text(out, GFM_TAIL);
}

static const struct {
    const char *name;
    void (*write)(struct buf *);
    enum saip_status status;
    const char *expected;
} floods[] = {
    { "commands of file management", commands, SAIP_NOT_ENOUGH_MEMORY, "16,384 commands" },
    { "DFs in each other", deep, SAIP_NOT_ENOUGH_MEMORY, "8 DFs" },
    { "files", files, SAIP_NOT_ENOUGH_MEMORY, "2,048 files" },
    { "octets of files", octets, SAIP_NOT_ENOUGH_MEMORY, "2 MiB" },
    { "key references of a PIN status template", status_template, SAIP_BAD_VALUES, "26 key references" },
    { "domains, applications and RFM", modules, SAIP_NOT_ENOUGH_MEMORY, "256 domains" },
    { "keys of a domain", keys, SAIP_NOT_ENOUGH_MEMORY, "256 keys" },
    { "components of a key", components, SAIP_NOT_ENOUGH_MEMORY, "16 components" },
    { "PINs", pins, SAIP_NOT_ENOUGH_MEMORY, "64 PINs" },
    { "NAAs with keys", naas, SAIP_NOT_ENOUGH_MEMORY, "8 NAAs" },
    { "links in a row", links, SAIP_BAD_VALUES, "file that is there" },
};

static bool flooded(void (*write)(struct buf *), struct saip_package *p)
{
    struct buf out = buf_in(test_arena());
    struct err e;
    write(&out);
    return CHECK_OK(saip_parse(test_arena(), bytes_text(sample_with_elements(buf_str(&out))), p, &e), &e);
}

TEST(too_much)
{
    for (size_t i = 0; i < sizeof floods / sizeof *floods; i++) {
        struct saip_image *image = arena_alloc(test_arena(), sizeof *image);
        struct saip_package p;
        struct saip_result r;
        test_row("%s", floods[i].name);
        if (!flooded(floods[i].write, &p) || !CHECK_EQ(saip_install(test_arena(), &p, image, &r), -1))
            continue;
        CHECK_EQ(saip_result_status(&r), floods[i].status);
        if (!CHECK(strstr(r.faults[r.n - 1].expected, floods[i].expected) != NULL))
            printf("# expected: %s\n", r.faults[r.n - 1].expected);
    }
}

/* ------------------------------------------------------------------------- changed packages */

/* The card's records but for what a refused installation leaves: its notification, and the numbers of those. */
static int remember(void *out, const struct nvm_record *r, struct err *e)
{
    static const uint8_t passing[] = { REC_NOTIFICATION, REC_NOTIFICATION_GONE, REC_SEQUENCE, REC_RESULT, REC_BEGUN,
                                       REC_BEGUN_END };
    (void)e;
    if (memchr(passing, r->type, sizeof passing))
        return 0;
    buf_u8(out, r->type);
    for (size_t i = 0; i < NVM_FIELDS; i++) {
        buf_u32(out, (uint32_t)r->field[i].n);
        buf_add(out, r->field[i]);
    }
    return 0;
}

static struct bytes remains(struct lab *l)
{
    struct buf out = buf_in(test_arena());
    struct nvm_batch batch;
    struct err e;
    if (!CHECK_OK(nvm_compacted(test_arena(), bytes_make(l->log, l->n), state_rules, state_n_rules, &batch, &e), &e) ||
        !CHECK_OK(nvm_batch_apply(&batch, remember, &out, &e), &e))
        return BYTES_NONE;
    return buf_bytes(&out);
}

struct tally {
    int installed, refused;
};

/* One download of a changed package; if it is refused, nothing of it is left. */
static void try(struct lab *l, struct bytes package, struct tally *t)
{
    const struct pki *pki = lab_pki(LAB_P256);
    struct bytes before = remains(l), answer;
    struct server s = server_of(pki);
    struct package p = { .upp = package };
    if (!server_ready(&s, l))
        return;
    struct bpp_segments segments = package_bind(&s, &p);
    CHECK_EQ(package_load(l, &segments, &answer), 0x9000);
    struct result r = result_read(&s, answer);
    CHECK(r.right);
    t->installed += r.success;
    t->refused += !r.success;
    if (r.success) {
        CHECK_TEXT(lab_say(l, "BF330C 5A0A 989400010000000000F9"), "BF3303800100");
        return;
    }
    CHECK_BYTES(remains(l), before);
    CHECK(lab_power(l));
    CHECK_BYTES(remains(l), before);
    lab_clean(l);
}

/* With the ICCID that the metadata say, in EF.ICCID. */
static struct bytes package_iccid_of_ts48(struct bytes upp)
{
    struct bytes old = unhex("98001032547698103214"), copy = arena_copy(test_arena(), upp);
    uint8_t *at = memmem(copy.p, copy.n, old.p, old.n);
    if (CHECK(at != NULL))
        memcpy(at, unhex("989400010000000000F9").p, old.n);
    return copy;
}

static void change_and_try(struct bytes package, int changes, uint64_t seed)
{
    struct tally t = { 0 };
    struct lab l;
    if (lab_open(&l, 1))
        for (int i = 0; i < changes; i++) {
            test_row("change %d", i + 1);
            try(&l, mutate_der(test_arena(), package, &seed), &t);
        }
    lab_close(&l);
    test_row("of both kinds there were some");
    CHECK(t.installed >= changes / 10);
    CHECK(t.refused >= changes / 5);
}

TEST(changed_sample)
{
    change_and_try(package_operator("000102030405060708090A0B0C0D0E0F"), 150, 1);
}

TEST(changed_ts48)
{
    const char *path = test_data("ts48-v7/bertlv_suci.der");
    if (path)
        change_and_try(package_iccid_of_ts48(test_file(path)), 60, 2);
    else
        test_skip("no test data ts48-v7");
}
