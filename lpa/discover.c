/* SPDX-License-Identifier: Apache-2.0
 *
 * Profile discovery and event retrieval: SGP.22 3.4.4, 3.6.2, 5.8.
 *
 * An event record does not say whether its address is one of an SM-DP+ or of a further SM-DS.  Both take the same
 * InitiateAuthentication and AuthenticateServer, with the event ID as matching ID; the certificate that the card has
 * verified then says which one it is, and so how the session goes on. */
#include "base/text.h"
#include "lpa/core.h"
#include "rsp/ids.h"
#include "rsp/refusal.h"

enum {
    DEPTH_MAX = 4,            /* the standard has 2: root, alternative, SM-DP+ (SGP.22 3.6.1.2) */
    EVENT_ID_MAX = 255,       /* as an activation code */
    LEAD_MEMORY = 64 << 20,   /* octets for one lead: none takes the memory of those behind it */
};

struct search {
    struct lpa *lpa;
    struct lpa_discovery *d;
    struct arena *kept; /* of the conversation: what outlives a lead */
};

static void lose(struct lpa_lead *lead, enum lpa_end end)
{
    lead->became = LPA_LOST;
    lead->end = end;
}

/* ----------------------------------------------------------------------------------- events */

static bool event_id_valid(struct bytes id)
{
    for (size_t i = 0; i < id.n; i++)
        if (id.p[i] <= ' ' || id.p[i] > '~')
            return false;
    return id.n > 0 && id.n <= EVENT_ID_MAX;
}

static bool same_place(const struct lpa_lead *a, const struct lpa_lead *b)
{
    return bytes_equal_nocase(a->address, b->address) && bytes_equal(a->event_id, b->event_id);
}

static bool told_before(const struct lpa_discovery *d, const struct lpa_lead *lead)
{
    for (const struct lpa_lead *other = d->leads; other < lead; other++)
        if (same_place(other, lead))
            return true;
    return false;
}

/* Whether an event may be followed; otherwise why not. */
static enum lpa_end event_check(const struct lpa_discovery *d, struct lpa_lead *lead)
{
    if (!fqdn_valid(lead->address, false))
        return lpa_fail(LPA_SERVER, &lead->err, "the event's address is no host name", "tell the operator");
    if (!event_id_valid(lead->event_id))
        return lpa_fail(LPA_SERVER, &lead->err, "the event ID is no text of 1 to 255 characters", "tell the operator");
    if (told_before(d, lead))
        return lpa_fail(LPA_SERVER, &lead->err, "the event was told before, so it leads round in a circle",
                        "tell the operator");
    if (lead->depth > DEPTH_MAX)
        return lpa_fail(LPA_SERVER, &lead->err, "too many SM-DSs stand one behind the other", "tell the operator");
    return LPA_DONE;
}

/* NULL: there are too many. */
static struct lpa_lead *lead_add(struct search *s, struct bytes address, struct bytes event_id, unsigned depth)
{
    struct lpa_discovery *d = s->d;
    if (d->n == LPA_LEADS_MAX)
        return NULL;
    struct lpa_lead *lead = &d->leads[d->n++];
    *lead = (struct lpa_lead){ .address = arena_copy(s->kept, address), .event_id = arena_copy(s->kept, event_id),
                               .depth = depth };
    lead->download.code = (struct activation_code){ .address = lead->address, .matching_id = lead->event_id };
    return lead;
}

static enum lpa_end follow(struct search *s, struct lpa_lead *lead, unsigned may_be);

/* One after the other, in the order received (SGP.22 3.6.2 step 4). */
static enum lpa_end events_follow(struct search *s, const struct es11_events *events, unsigned depth)
{
    for (size_t i = 0; i < events->n; i++) {
        struct lpa_lead *lead = lead_add(s, events->items[i].rspServerAddress, events->items[i].eventId, depth);
        if (!lead) {
            s->d->left_out += events->n - i;
            return LPA_DONE;
        }
        enum lpa_end end = event_check(s->d, lead);
        if (end != LPA_DONE)
            lose(lead, end);
        else if (!s->d->list)
            end = follow(s, lead, IS_SMDP | IS_SMDS);
        if (end == LPA_READER)
            return end;
    }
    return LPA_DONE;
}

/* ES11 ends with its answer: there is no session to be cancelled at an SM-DS. */
static enum lpa_end events_retrieve(struct search *s, struct lpa_lead *lead, const struct session *session)
{
    struct es9_authenticate_client q = { session->transaction_id, session->response };
    struct es11_authenticate_client_done r = { 0 };
    lpa_progress(s->lpa, "asking for events", 0, 0);
    lead->smds = true;
    enum lpa_end end = server_call(s->lpa, lead->address, ES11_AUTHENTICATE_CLIENT, &q, &r, &lead->download.status,
                                   &lead->err);
    if (end != LPA_DONE)
        return end;
    lead->became = LPA_EVENTS;
    lead->events = r.eventEntries.n;
    return events_follow(s, &r.eventEntries, lead->depth + 1);
}

/* -------------------------------------------------------------------------------- following */

/* A default SM-DP+ that has no order for this card (SGP.22 5.6.3). */
static bool nothing_there(const struct lpa_lead *lead)
{
    const struct rsp_status *status = &lead->download.status;
    const struct rsp_refusal *r = rsp_refusal_find(status->subject, status->reason);
    return lead->event_id.n == 0 && r && (r->code == RSP_EID_OTHER || r->code == RSP_MATCHING_ID);
}

/* What stays of a lead when its memory goes. */
static void settle(struct search *s, struct lpa_lead *lead, enum lpa_end end)
{
    struct rsp_status *status = &lead->download.status;
    if (end == LPA_SERVER && !lead->smds && nothing_there(lead))
        lead->became = LPA_NOTHING;
    else if (end != LPA_DONE && lead->became == LPA_NOT_ASKED)
        lose(lead, end);
    else if (end == LPA_DONE && !lead->smds)
        lead->became = LPA_INSTALLED;
    struct bytes *const texts[] = { &status->subject, &status->reason, &status->identifier, &status->message,
                                    &lead->download.iccid };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        *texts[i] = arena_copy(s->kept, *texts[i]);
}

static enum lpa_end ask(struct search *s, struct lpa_lead *lead, unsigned may_be)
{
    struct session session = { .address = lead->address, .matching_id = lead->event_id, .may_be = may_be };
    enum lpa_end end = session_open(s->lpa, &session, &lead->err);
    lead->download.status = session.status;
    if (end != LPA_DONE)
        return end;
    return session.is == IS_SMDS ? events_retrieve(s, lead, &session)
                                 : download_in(s->lpa, &session, &lead->download, &lead->err);
}

/* LPA_READER if the card has gone, LPA_DONE otherwise: what became of the lead stands in it. */
static enum lpa_end follow(struct search *s, struct lpa_lead *lead, unsigned may_be)
{
    struct arena *before = s->lpa->arena, *own = arena_new(LEAD_MEMORY);
    if (!own) {
        lose(lead, lpa_fail(LPA_FAILED, &lead->err, "no memory for a conversation", NULL));
        return LPA_DONE;
    }
    s->lpa->arena = own;
    lpa_progress(s->lpa, arena_printf(s->kept, "asking %s", text_plain(s->kept, lead->address)), 0, 0);
    enum lpa_end end = ask(s, lead, may_be);
    settle(s, lead, end);
    s->lpa->arena = before;
    arena_free(own);
    return end == LPA_READER ? end : LPA_DONE;
}

/* ------------------------------------------------------------------------- SGP.22 3.4.4 */

static enum lpa_end addresses(struct lpa *l, struct rsp_EuiccConfiguredAddressesResponse *out, struct err *e)
{
    struct rsp_EuiccConfiguredAddressesRequest q = { 0 };
    return lpa_es10(l, "ES10a", "GetEuiccConfiguredAddresses", &rsp_EuiccConfiguredAddressesRequest_type, &q,
                    &rsp_EuiccConfiguredAddressesResponse_type, out, e);
}

static bool operational_installed(const struct lpa_discovery *d)
{
    for (size_t i = 0; i < d->n; i++)
        if (d->leads[i].became == LPA_INSTALLED && d->leads[i].download.operational)
            return true;
    return false;
}

static enum lpa_end steps(struct search *s, struct bytes smdp, struct bytes smds)
{
    enum lpa_end end = LPA_DONE;
    if (smdp.n && !s->d->list)
        end = follow(s, lead_add(s, smdp, BYTES_LIT(""), 0), IS_SMDP);
    if (end != LPA_DONE || !smds.n || operational_installed(s->d))
        return end;
    struct lpa_lead *root = lead_add(s, smds, BYTES_LIT(""), 0);
    root->smds = true;
    return follow(s, root, IS_SMDS);
}

static enum lpa_end first_failure(const struct lpa_discovery *d, struct err *e)
{
    for (size_t i = 0; i < d->n; i++)
        if (d->leads[i].became == LPA_LOST) {
            *e = d->leads[i].err;
            return d->leads[i].end;
        }
    return LPA_DONE;
}

enum lpa_end lpa_discover(struct lpa *l, struct lpa_discovery *d, struct err *e)
{
    struct search s = { .lpa = l, .d = d, .kept = l->arena };
    struct rsp_EuiccConfiguredAddressesResponse of_card;
    d->skipped = false;
    d->n = d->left_out = 0;
    enum lpa_end end = d->power_on ? has_operational(l, &d->skipped, e) : LPA_DONE;
    if (end == LPA_DONE && !d->skipped)
        end = addresses(l, &of_card, e);
    if (end != LPA_DONE || d->skipped)
        return end;
    struct bytes smds = bytes_present(d->smds) ? d->smds : of_card.rootDsAddress;
    if (!smds.n && (d->list || !of_card.defaultDpAddress.n))
        return lpa_fail(LPA_CARD, e, "the card names no server to ask",
                        "give an SM-DS with --smds, or download with an activation code");
    end = steps(&s, of_card.defaultDpAddress, smds);
    return first_failure(d, e) != LPA_DONE ? first_failure(d, e) : end;
}
