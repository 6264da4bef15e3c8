/* SPDX-License-Identifier: Apache-2.0
 *
 * Profiles against the audit trail. */
#include "rsp/ids.h"
#include "smdp/core.h"
#include "smdp/manage.h"

enum { VERIFY_PAGE = 256, VERIFY_MEMORY = 16 << 20 };

/* The newest entry about the profile is the one of its last change; one that nobody touched since its import, whose
 * entry is about the type, has none. */
static int entry_of(struct smdp *s, struct arena *a, const struct store_record *p, bool *agrees, struct err *e)
{
    struct bytes batch = p->v[PROFILE_BATCH].b;
    const struct store_query newest = { .kind = KIND_AUDIT, .column = AUDIT_SUBJECT, .value.b = p->v[PROFILE_ICCID].b,
                                        .newest_first = true, .limit = 1 };
    struct store_records found;
    struct store_record imported;
    if (store_find(s->service.store, a, &newest, &found, e) != 0 ||
        store_get(s->service.store, a, KIND_AUDIT, batch, &imported, e) != 0)
        return -1;
    *agrees = found.n ? bytes_equal(found.items[0].v[AUDIT_BATCH].b, batch) : imported.version != 0;
    return 0;
}

static int verify_page(struct smdp *s, struct arena *a, struct store_query *q, int64_t *n, struct err *e)
{
    struct store_records page;
    if (store_find(s->service.store, a, q, &page, e) != 0)
        return -1;
    for (size_t i = 0; i < page.n; i++, ++*n) {
        bool agrees;
        if (entry_of(s, a, &page.items[i], &agrees, e) != 0)
            return -1;
        if (agrees)
            continue;
        err_set(e, ERR_VERIFY, NULL, "it is not as its last entry in the audit trail left it: an old record was put "
                "back, or the entry taken out; next: compare it with a backup");
        return err_at(e, "profile %s", iccid_text(a, page.items[i].v[PROFILE_ICCID].b));
    }
    q->after = page.n ? page.items[page.n - 1].serial : 0;
    return page.n == q->limit;
}

int smdp_profiles_verify(struct smdp *s, int64_t *n, struct err *e)
{
    struct store_query q = { .kind = KIND_PROFILE, .limit = VERIFY_PAGE };
    struct arena *a = arena_new(VERIFY_MEMORY);
    int result = a ? 1 : err_set(e, ERR_MEMORY, NULL, "no memory for a page of profiles");
    for (*n = 0; result == 1; arena_reset(a))
        result = verify_page(s, a, &q, n, e);
    arena_free(a);
    return result;
}
