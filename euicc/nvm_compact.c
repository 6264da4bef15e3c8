/* SPDX-License-Identifier: Apache-2.0
 *
 * What in a log is obsolete: found from the newest record to the oldest, by rules that are data. */
#include "euicc/nvm_records.h"

struct entry {
    struct nvm_record record;
    bool gone;
};

/* Keys of records seen so far; open addressing. */
struct seen {
    const struct nvm_record **slots;
    size_t mask;
};

struct compaction {
    struct arena *arena;
    const struct nvm_rule *rules;
    size_t n_rules;
    struct entry *entries;
    size_t n, size;
    struct seen seen;
};

static struct nvm_rule rule_of(const struct compaction *k, uint8_t type)
{
    return type < k->n_rules ? k->rules[type] : (struct nvm_rule){ .kind = NVM_KEEP };
}

static int collect(void *context, const struct nvm_record *r, struct err *e)
{
    struct compaction *k = context;
    if (k->n == k->size) {
        size_t size = k->size ? 2 * k->size : 256;
        struct entry *more = arena_array(k->arena, size, sizeof *more);
        if (!more)
            return err_set(e, ERR_MEMORY, NULL, "no memory to write the card anew");
        if (k->n)
            memcpy(more, k->entries, k->n * sizeof *more);
        k->entries = more;
        k->size = size;
    }
    k->entries[k->n++].record = *r;
    return 0;
}

/* ------------------------------------------------------------------------------- keys */

static uint64_t hash(uint8_t type, const struct bytes *fields, size_t keys)
{
    uint64_t h = 0xCBF29CE484222325u ^ type; /* FNV-1a */
    for (size_t f = 0; f < keys; f++)
        for (size_t i = 0; i < fields[f].n; i++)
            h = (h ^ fields[f].p[i]) * 0x100000001B3u;
    return h ^ h >> 29;
}

static bool same_keys(const struct nvm_record *a, const struct nvm_record *b, size_t keys)
{
    for (size_t i = 0; i < keys; i++)
        if (!bytes_equal(a->field[i], b->field[i]))
            return false;
    return true;
}

/* The newer record of a type with these keys, or the free slot where it would stand. */
static const struct nvm_record **seen_at(struct compaction *k, uint8_t type, const struct nvm_record *like, size_t keys)
{
    size_t i = (size_t)hash(type, like->field, keys) & k->seen.mask;
    while (k->seen.slots[i] && !(k->seen.slots[i]->type == type && same_keys(k->seen.slots[i], like, keys)))
        i = (i + 1) & k->seen.mask;
    return &k->seen.slots[i];
}

static bool ended(struct compaction *k, const struct nvm_record *r)
{
    for (size_t type = 0; type < k->n_rules; type++) {
        struct nvm_rule rule = k->rules[type];
        if (rule.kind == NVM_END && (rule.ends >> (r->type & 63) & 1) && *seen_at(k, (uint8_t)type, r, rule.keys))
            return true;
    }
    return false;
}

/* True if a newer one of the same type stands for it.  Of octets over one another only the same extent counts here. */
static bool replaced(struct compaction *k, const struct nvm_record *r)
{
    struct nvm_rule rule = rule_of(k, r->type);
    if (rule.kind == NVM_KEEP)
        return false;
    const struct nvm_record **slot = seen_at(k, r->type, r, rule.keys + (rule.kind == NVM_OVERLAY));
    if (!*slot) {
        *slot = r;
        return rule.kind == NVM_END;
    }
    return rule.kind != NVM_OVERLAY || (*slot)->field[rule.keys + 1].n >= r->field[rule.keys + 1].n;
}

/* --------------------------------------------------------------------------- overlays */

static uint64_t number(struct bytes b)
{
    uint64_t v = 0;
    for (size_t i = 0; i < b.n && i < 8; i++)
        v = v << 8 | b.p[i];
    return v;
}

/* Do the octets of two records touch?  Then `newer` becomes both, its own on top; -1 without memory. */
static int merge(struct compaction *k, const struct nvm_record *older, struct nvm_record *newer, size_t keys,
                 bool *merged)
{
    uint64_t a = number(older->field[keys]), b = number(newer->field[keys]);
    struct bytes *x = &newer->field[keys + 1];
    const struct bytes y = older->field[keys + 1];
    uint64_t start = a < b ? a : b, end = a + y.n > b + x->n ? a + y.n : b + x->n;
    *merged = a <= b + x->n && b <= a + y.n;
    if (!*merged)
        return 0;
    uint8_t *p = arena_alloc(k->arena, (size_t)(end - start));
    if (!p)
        return -1;
    if (y.n)
        memcpy(p + (a - start), y.p, y.n);
    if (x->n)
        memcpy(p + (b - start), x->p, x->n);
    *x = bytes_make(p, (size_t)(end - start));
    if (a < b)
        newer->field[keys] = older->field[keys];
    return 0;
}

/* Merges older ones into entry `i` until none touches it: at the end the extents of a key lie apart. */
static int overlay(struct compaction *k, size_t i)
{
    struct nvm_record *r = &k->entries[i].record;
    size_t keys = rule_of(k, r->type).keys;
    bool merged = true;
    while (merged) {
        merged = false;
        for (size_t j = i; j-- > 0 && !merged;) {
            struct entry *older = &k->entries[j];
            if (older->gone || older->record.type != r->type || !same_keys(&older->record, r, keys))
                continue;
            if (merge(k, &older->record, r, keys, &merged) != 0)
                return -1;
            older->gone = older->gone || merged;
        }
    }
    return 0;
}

/* ---------------------------------------------------------------------------- the whole */

static int seen_begin(struct compaction *k)
{
    size_t size = 16;
    while (size < 2 * k->n + 2)
        size *= 2;
    k->seen = (struct seen){ arena_array(k->arena, size, sizeof *k->seen.slots), size - 1 };
    return k->seen.slots ? 0 : -1;
}

static void sweep(struct compaction *k)
{
    size_t kept[256] = { 0 };
    for (size_t i = k->n; i-- > 0;) {
        struct entry *x = &k->entries[i];
        struct nvm_rule rule = rule_of(k, x->record.type);
        x->gone = ended(k, &x->record) || replaced(k, &x->record) ||
                  (rule.kind == NVM_KEEP && rule.most && kept[x->record.type] == rule.most);
        kept[x->record.type] += !x->gone;
    }
}

int nvm_compacted(struct arena *a, struct bytes all, const struct nvm_rule *rules, size_t n_rules,
                  struct nvm_batch *out, struct err *e)
{
    struct compaction k = { .arena = a, .rules = rules, .n_rules = n_rules };
    struct nvm_log log;
    nvm_begin(out, a);
    if (nvm_log_read(all, &log, collect, &k, e) != 0)
        return -1;
    bool enough = seen_begin(&k) == 0;
    if (enough)
        sweep(&k);
    for (size_t i = 0; enough && i < k.n; i++)
        if (!k.entries[i].gone && rule_of(&k, k.entries[i].record.type).kind == NVM_OVERLAY)
            enough = overlay(&k, i) == 0;
    for (size_t i = 0; enough && i < k.n; i++)
        if (!k.entries[i].gone)
            nvm_put(out, &k.entries[i].record);
    return enough && !out->octets.failed ? 0 : err_set(e, ERR_MEMORY, NULL, "no memory to write the card anew");
}
