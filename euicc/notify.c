/* SPDX-License-Identifier: Apache-2.0
 *
 * Notifications: made here, listed, retrieved and removed by the LPA (SGP.22 3.5, 5.7.9, 5.7.10 and 5.7.11). */
#include "asn1/tlv.h"
#include "euicc/core.h"
#include "rsp/signed.h"

int notify_sign(struct arena *a, const struct euicc_key *key, struct bytes der, struct bytes *signature, struct err *e)
{
    struct rsp_tbs tbs = rsp_tbs_alone(der);
    return rsp_sign(a, key->key, &tbs, signature, e);
}

static int notify_one(struct euicc *card, struct nvm_batch *b, const struct euicc_profile *p, unsigned bit,
                      struct bytes address, uint64_t seq, struct err *e)
{
    struct arena *a = b->arena;
    const struct euicc_key *key = card_key(card, p->ci_pkid);
    const uint8_t event = (uint8_t)(0x80 >> bit);
    struct rsp_OtherSignedNotification n = { 0 };
    struct bytes metadata, der;
    if (!key)
        return err_set(e, ERR_INTERNAL, NULL, "the card has no key that signs for this profile");
    n.tbsOtherNotification = (struct rsp_NotificationMetadata){ .seqNumber = (int64_t)seq,
                                                                .profileManagementOperation = { &event, 8 },
                                                                .notificationAddress = address,
                                                                .iccid = p->iccid };
    n.euiccCertificate = key->euicc.der;
    n.eumCertificate = key->eum.der;
    if (asn1_encode(a, &rsp_NotificationMetadata_type, &n.tbsOtherNotification, &metadata, e) != 0 ||
        notify_sign(a, key, metadata, &n.euiccNotificationSignature, e) != 0 ||
        asn1_encode(a, &rsp_OtherSignedNotification_type, &n, &der, e) != 0)
        return -1;
    struct nvm_record r = { .type = REC_NOTIFICATION, .field = { rec_number(a, seq, 8), der, metadata } };
    nvm_put(b, &r);
    return 0;
}

int notify_event(struct euicc *card, struct nvm_batch *b, const struct euicc_profile *p, unsigned bit, uint64_t *seq,
                 struct err *e)
{
    const struct rsp_StoreMetadataRequest_notificationConfigurationInfo *list =
        p->metadata.notificationConfigurationInfo;
    for (size_t i = 0; list && i < list->n; i++) {
        if (!asn1_bit(list->items[i].profileManagementOperation, bit))
            continue;
        if (notify_one(card, b, p, bit, list->items[i].notificationAddress, *seq, e) != 0)
            return -1;
        ++*seq;
    }
    return 0;
}

void notify_sequence(struct nvm_batch *b, uint64_t next)
{
    struct nvm_record r = { .type = REC_SEQUENCE, .field = { rec_number(b->arena, next, 8) } };
    nvm_put(b, &r);
}

/* Does a notification's event pass the filter (absent: all)? */
static bool passes(struct arena *a, const struct euicc_notification *n, struct asn1_bits filter)
{
    struct rsp_NotificationMetadata m;
    if (!filter.p)
        return true;
    if (asn1_decode(a, &rsp_NotificationMetadata_type, n->metadata, ASN1_WIRE, &m, NULL) != 0)
        return false;
    for (size_t bit = 0; bit < 4; bit++)
        if (asn1_bit(m.profileManagementOperation, bit) && asn1_bit(filter, bit))
            return true;
    return false;
}

unsigned es10b_list_notification(struct euicc *card, struct arena *a, struct bytes command, struct buf *out)
{
    struct rsp_ListNotificationRequest q;
    struct buf list = buf_in(a), inner = buf_in(a);
    if (es10_decode(a, &rsp_ListNotificationRequest_type, command, &q))
        return SW_BAD_DATA;
    for (size_t i = 0; i < card->state.n_notifications; i++)
        if (passes(a, &card->state.notifications[i], q.profileManagementOperation))
            buf_add(&list, card->state.notifications[i].metadata);
    tlv_add(&inner, 0xA0, buf_bytes(&list));
    tlv_add(out, 0xBF28, buf_bytes(&inner));
    return SW_OK;
}

unsigned es10b_retrieve_notifications(struct euicc *card, struct arena *a, struct bytes command, struct buf *out)
{
    struct rsp_RetrieveNotificationsListRequest q;
    struct buf list = buf_in(a), inner = buf_in(a);
    if (es10_decode(a, &rsp_RetrieveNotificationsListRequest_type, command, &q))
        return SW_BAD_DATA;
    const struct rsp_RetrieveNotificationsListRequest_searchCriteria *s = q.searchCriteria;
    bool by_number = s && s->which == rsp_RetrieveNotificationsListRequest_searchCriteria_seqNumber;
    for (size_t i = 0; i < card->state.n_notifications; i++) {
        const struct euicc_notification *n = &card->state.notifications[i];
        bool wanted = by_number ? n->seq == (uint64_t)s->seqNumber
                                : passes(a, n, s ? s->profileManagementOperation : (struct asn1_bits){ NULL, 0 });
        if (wanted)
            buf_add(&list, n->der);
    }
    tlv_add(&inner, 0xA0, buf_bytes(&list));
    tlv_add(out, 0xBF2B, buf_bytes(&inner));
    return SW_OK;
}

unsigned es10b_remove_notification(struct euicc *card, struct arena *a, struct bytes command, struct buf *out)
{
    struct rsp_NotificationSentRequest q;
    struct rsp_NotificationSentResponse r = { .deleteNotificationStatus = 1 };
    struct nvm_batch b;
    if (es10_decode(a, &rsp_NotificationSentRequest_type, command, &q))
        return SW_BAD_DATA;
    for (size_t i = 0; i < card->state.n_notifications; i++)
        if (q.seqNumber >= 0 && card->state.notifications[i].seq == (uint64_t)q.seqNumber)
            r.deleteNotificationStatus = 0;
    if (r.deleteNotificationStatus == 0) {
        struct nvm_record gone = { .type = REC_NOTIFICATION_GONE,
                                   .field = { rec_number(a, (uint64_t)q.seqNumber, 8) } };
        nvm_begin(&b, a);
        nvm_put(&b, &gone);
        if (card_commit(card, &b, NULL) != 0)
            r.deleteNotificationStatus = 127;
    }
    return es10_answer(a, &rsp_NotificationSentResponse_type, &r, out);
}
