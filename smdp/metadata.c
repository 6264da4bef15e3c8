/* SPDX-License-Identifier: Apache-2.0 */
#include "smdp/metadata.h"

#include "base/file.h"
#include "base/text.h"
#include "rsp/ids.h"
#include "schema/rsp.h"

enum { EVENTS = 4 };

static const char *const events[EVENTS] = { "install", "enable", "disable", "delete" };
static const char *const classes[] = { "test", "provisioning", "operational" };

/* Bits from names with commas between them. */
static int bits_of(const char *what, struct bytes list, const char *const *names, unsigned n, uint8_t *out,
                   struct err *e)
{
    *out = 0;
    while (list.n) {
        const uint8_t *comma = memchr(list.p, ',', list.n);
        struct bytes word = bytes_slice(list, 0, comma ? (size_t)(comma - list.p) : list.n);
        unsigned i = 0;
        while (i < n && !bytes_equal(bytes_text(names[i]), word))
            i++;
        if (i == n)
            return err_set(e, ERR_USAGE, "SGP.22 5.5.3", "\"%.*s\" is none of the %s", (int)word.n, word.p, what);
        *out |= (uint8_t)(0x80 >> i);
        list = bytes_slice(list, word.n + 1, list.n);
    }
    return 0;
}

static int notify_of(struct arena *a, const char *text, struct rsp_NotificationConfigurationInformation *out,
                     struct err *e)
{
    const char *equals = strchr(text, '=');
    uint8_t *bits = arena_alloc(a, 1);
    if (!bits)
        return err_set(e, ERR_MEMORY, NULL, "no memory for metadata");
    *bits = 0xF0;
    if (equals && bits_of("events", bytes_make(text, (size_t)(equals - text)), events, EVENTS, bits, e) != 0)
        return -1;
    out->profileManagementOperation = (struct asn1_bits){ bits, EVENTS };
    out->notificationAddress = bytes_text(equals ? equals + 1 : text);
    return fqdn_valid(out->notificationAddress, false)
               ? 0
               : err_set(e, ERR_USAGE, "SGP.22 5.5.3", "\"%s\" names no host", equals ? equals + 1 : text);
}

static int notify_all(struct arena *a, const struct metadata_texts *t, struct rsp_StoreMetadataRequest *m,
                      struct err *e)
{
    struct rsp_StoreMetadataRequest_notificationConfigurationInfo *list = arena_alloc(a, sizeof *list);
    struct rsp_NotificationConfigurationInformation *items = arena_array(a, t->n_notify, sizeof *items);
    if (!list || !items)
        return err_set(e, ERR_MEMORY, NULL, "no memory for metadata");
    for (size_t i = 0; i < t->n_notify; i++)
        if (notify_of(a, t->notify[i], &items[i], e) != 0)
            return err_within(e, "--notify");
    *list = (struct rsp_StoreMetadataRequest_notificationConfigurationInfo){ .n = t->n_notify, .items = items };
    m->notificationConfigurationInfo = t->n_notify ? list : NULL;
    return 0;
}

static int icon_of(struct arena *a, const char *path, struct rsp_StoreMetadataRequest *m, struct err *e)
{
    if (!path)
        return 0;
    if (file_read(a, path, METADATA_ICON_MAX, &m->icon, e) != 0)
        return -1;
    bool png = m->icon.n > 4 && memcmp(m->icon.p, "\x89PNG", 4) == 0;
    bool jpeg = m->icon.n > 3 && memcmp(m->icon.p, "\xFF\xD8\xFF", 3) == 0;
    if (!png && !jpeg)
        return err_set(e, ERR_VALUE, "SGP.22 5.5.3", "%s is neither PNG nor JPEG", path);
    m->has_iconType = true;
    m->iconType = png ? rsp_IconType_png : rsp_IconType_jpg;
    return 0;
}

static int owner_of(struct arena *a, const struct metadata_texts *t, struct rsp_StoreMetadataRequest *m, struct err *e)
{
    struct rsp_OperatorId *owner = arena_alloc(a, sizeof *owner);
    if (!t->owner)
        return 0;
    if (!owner)
        return err_set(e, ERR_MEMORY, NULL, "no memory for metadata");
    m->profileOwner = owner;
    if (plmn_from_text(a, bytes_text(t->owner), &owner->mccMnc, e) != 0 ||
        (t->gid1 && hex_decode(a, bytes_text(t->gid1), &owner->gid1, e) != 0) ||
        (t->gid2 && hex_decode(a, bytes_text(t->gid2), &owner->gid2, e) != 0))
        return err_within(e, "owner");
    return 0;
}

static int class_of(const char *name, int64_t *out, struct err *e)
{
    *out = rsp_ProfileClass_operational;
    for (int i = 0; name && i < 3; i++)
        if (strcmp(classes[i], name) == 0) {
            *out = i;
            return 0;
        }
    return name ? err_set(e, ERR_USAGE, "SGP.22 5.5.3", "--class is test, provisioning or operational") : 0;
}

static int rules_of(struct arena *a, const char *list, struct rsp_StoreMetadataRequest *m, struct err *e)
{
    static const char *const names[] = { "update", "1", "2" };
    uint8_t *bits = arena_alloc(a, 1);
    if (!list)
        return 0;
    if (!bits)
        return err_set(e, ERR_MEMORY, NULL, "no memory for metadata");
    if (bits_of("policy rules", bytes_text(list), names, 3, bits, e) != 0)
        return err_within(e, "--ppr");
    m->profilePolicyRules = (struct asn1_bits){ bits, 3 };
    return 0;
}

int metadata_make(struct arena *a, const struct metadata_texts *t, struct bytes *der, struct err *e)
{
    static const uint8_t iccid[10] = { 0x98 };
    struct rsp_StoreMetadataRequest m = { .iccid = BYTES_OF(iccid),
                                          .serviceProviderName = bytes_text(t->spn),
                                          .profileName = bytes_text(t->profile_name) };
    if (class_of(t->profile_class, &m.profileClass, e) != 0 || notify_all(a, t, &m, e) != 0 ||
        icon_of(a, t->icon, &m, e) != 0 || owner_of(a, t, &m, e) != 0 || rules_of(a, t->rules, &m, e) != 0)
        return -1;
    return asn1_encode(a, &rsp_StoreMetadataRequest_type, &m, der, e);
}
