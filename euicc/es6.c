/* SPDX-License-Identifier: Apache-2.0
 *
 * ES6.UpdateMetadata (SGP.22 5.4.1).
 *
 * An operator's server sends INSTALL [for personalisation] and STORE DATA to the MNO-SD in packets secured by SCP80,
 * which this card does not open.  In laboratory mode it takes the two commands as they are inside such a packet. */
#include "asn1/tlv.h"
#include "euicc/core.h"

/* ----------------------------------------------------------------------- UpdateMetadata */

enum field { NAME_PROVIDER, NAME_PROFILE, ICON_TYPE, ICON, RULES, SERVICE_DATA, FIELDS };
static const uint32_t tags[FIELDS] = { 0x91, 0x92, 0x93, 0x94, 0x99, 0xBF22 };

/* The fields of a request, each at most once and in their order.  Read by hand: an INTEGER of no octets takes the icon
 * away, and no decoder lets that pass. */
static unsigned fields_read(struct bytes command, struct tlv fields[FIELDS])
{
    struct cursor c = cursor_over(command), inside;
    struct tlv outer, member;
    int next = 0;
    memset(fields, 0, FIELDS * sizeof *fields);
    if (tlv_next(&c, ASN1_WIRE, &outer, NULL) != 0 || !cursor_done(&c) || outer.tag != 0xBF2A)
        return SW_BAD_DATA;
    for (inside = cursor_over(outer.value); !cursor_done(&inside); next++) {
        if (tlv_next(&inside, ASN1_WIRE, &member, NULL) != 0)
            return SW_BAD_DATA;
        while (next < FIELDS && tags[next] != member.tag)
            next++;
        if (next == FIELDS)
            return SW_BAD_DATA;
        fields[next] = member;
    }
    return next ? 0 : SW_BAD_DATA;
}

/* Both there and filled, both there and empty, or both absent. */
static bool icon_consistent(const struct tlv fields[FIELDS])
{
    struct bytes type = fields[ICON_TYPE].value, icon = fields[ICON].value;
    return bytes_present(type) == bytes_present(icon) && (type.n == 0) == (icon.n == 0);
}

/* Rules can only be taken away: what is there AND what is sent (SGP.22 2.9.3.2). */
static unsigned rules_update(struct arena *a, struct tlv given, struct asn1_bits *rules)
{
    struct bytes v = given.value;
    if (!v.p)
        return 0;
    if (v.n > 1 && v.p[1] & 0x80)
        return SW_NOT_SUPPORTED; /* pprUpdateControl */
    if (v.n == 1 ? v.p[0] != 0 : v.n > 1 && v.p[0] > 7)
        return SW_BAD_DATA;
    uint8_t *left = arena_alloc(a, 1);
    if (!left)
        return SW_INTERNAL;
    *left = rules->n && v.n > 1 ? rules->p[0] & v.p[1] : 0;
    *rules = *left ? (struct asn1_bits){ left, 8 } : (struct asn1_bits){ NULL, 0 };
    return 0;
}

static unsigned metadata_update(struct arena *a, const struct tlv fields[FIELDS], struct rsp_StoreMetadataRequest *m)
{
    struct bytes type = fields[ICON_TYPE].value, icon = fields[ICON].value;
    if (!icon_consistent(fields) || fields[SERVICE_DATA].value.p || type.n > 1 || (type.n && type.p[0] > 1))
        return SW_BAD_DATA; /* EUICCInfo2 says that service specific data is not supported */
    if (fields[NAME_PROVIDER].value.p)
        m->serviceProviderName = fields[NAME_PROVIDER].value;
    if (fields[NAME_PROFILE].value.p)
        m->profileName = fields[NAME_PROFILE].value;
    if (icon.p) {
        m->has_iconType = type.n;
        m->iconType = type.n ? type.p[0] : 0;
        m->icon = icon.n ? icon : BYTES_NONE;
    }
    return rules_update(a, fields[RULES], &m->profilePolicyRules);
}

unsigned es6_update_metadata(struct euicc *card, struct arena *a, const struct euicc_profile *p, struct bytes command)
{
    struct rsp_StoreMetadataRequest m = p->metadata, checked;
    struct tlv fields[FIELDS];
    struct bytes der;
    unsigned sw = fields_read(command, fields);
    if (!sw)
        sw = metadata_update(a, fields, &m);
    if (sw)
        return sw;
    /* what does not fit the type is refused here: texts that are too long or no UTF-8, an icon that is too large */
    if (asn1_encode(a, &rsp_StoreMetadataRequest_type, &m, &der, NULL) != 0 ||
        asn1_decode(a, &rsp_StoreMetadataRequest_type, der, ASN1_WIRE, &checked, NULL) != 0)
        return SW_BAD_DATA;
    struct nvm_record changed = { .type = REC_METADATA, .field = { p->iccid, der } };
    struct nvm_batch b;
    nvm_begin(&b, a);
    nvm_put(&b, &changed);
    return card_commit(card, &b, NULL) == 0 ? SW_OK : SW_INTERNAL;
}

/* ------------------------------------------------------------------------------ commands */

/* The reserved AID by which a profile's own ISD-P is meant (SGP.22 Annex D), in an INSTALL [for personalisation]:
 * load file, module, application, privileges, parameters, token. */
static const uint8_t OWN_ISDP[] = { 0, 0, 16, 0xA0, 0, 0, 5, 0x59, 0x10, 0x10, 0xFF, 0xFF, 0xFF, 0xFF, 0x89, 0, 0, 0x0F,
                                    0, 0, 0, 0 };

static bool possible(const struct euicc *card)
{
    return card->env.operator_in_clear && state_enabled(&card->state);
}

unsigned es6_personalise(struct euicc *card, unsigned channel, const struct apdu *a)
{
    card->personalising = false;
    if (!possible(card))
        return SW_WRONG_INS;
    if (a->p1 != 0x20 || a->p2 != 0)
        return SW_WRONG_P1P2;
    if (!bytes_equal(a->data, BYTES_OF(OWN_ISDP)))
        return SW_REFERENCE_NOT_FOUND;
    card->personalising = true;
    card->personalised_channel = channel;
    return SW_OK;
}

unsigned es6_store_data(struct euicc *card, unsigned channel, const struct apdu *a)
{
    struct bytes command;
    if (!possible(card))
        return SW_CONDITIONS;
    if (!card->personalising || card->personalised_channel != channel)
        return SW_CONDITIONS;
    if (a->p1 != 0x10 && a->p1 != 0x90)
        return SW_WRONG_P1P2;
    unsigned sw = isdr_assemble(card, channel, a, &command);
    if (sw || !command.p)
        return sw ? sw : SW_OK;
    card->personalising = false;
    sw = es6_update_metadata(card, card->outgoing, card->uicc.profile, command);
    isdr_forget(card);
    return sw;
}
