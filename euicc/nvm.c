/* SPDX-License-Identifier: Apache-2.0 */
#include "euicc/nvm.h"

#include "base/checksum.h"
#include "base/cursor.h"

/* record: length(4) type(1) {present(1) length(4) octets}.. crc(4); commit mark: type FF */
enum { MARK = 0xFF, RECORD_MAX = 8 << 20 };

void nvm_begin(struct nvm_batch *b, struct arena *a)
{
    *b = (struct nvm_batch){ .arena = a, .octets = buf_in(a) };
}

static void add(struct buf *out, struct arena *a, const struct nvm_record *r)
{
    struct buf body = buf_in(a);
    buf_u8(&body, r->type);
    for (int i = 0; i < NVM_FIELDS && r->type != MARK; i++) {
        buf_u8(&body, bytes_present(r->field[i]));
        buf_u32(&body, (uint32_t)r->field[i].n);
        buf_add(&body, r->field[i]);
    }
    struct bytes b = buf_bytes(&body);
    if (!b.p) {
        out->failed = true;
        return;
    }
    buf_u32(out, (uint32_t)b.n);
    buf_add(out, b);
    buf_u32(out, crc32_add(0, b));
}

void nvm_put(struct nvm_batch *b, const struct nvm_record *r)
{
    add(&b->octets, b->arena, r);
    b->n++;
}

struct bytes nvm_log(struct nvm_batch *b)
{
    static const struct nvm_record mark = { .type = MARK };
    add(&b->octets, b->arena, &mark);
    return buf_bytes(&b->octets);
}

int nvm_commit(const struct nvm *nvm, struct nvm_batch *b, struct err *e)
{
    if (b->n == 0)
        return 0;
    struct bytes octets = nvm_log(b);
    return octets.p ? nvm->append(nvm->context, octets, e) : err_set(e, ERR_MEMORY, NULL, "no memory for a record");
}

/* 0: a record, 1: nothing whole is left here */
static int read_record(struct cursor *c, struct nvm_record *r)
{
    struct cursor from = *c;
    uint32_t n = cursor_u32(c);
    struct bytes body = n <= RECORD_MAX ? cursor_take(c, n) : BYTES_NONE;
    uint32_t crc = cursor_u32(c);
    if (c->failed || !body.p || crc != crc32_add(0, body)) {
        *c = from;
        return 1;
    }
    struct cursor f = cursor_over(body);
    *r = (struct nvm_record){ .type = cursor_u8(&f) };
    for (int i = 0; i < NVM_FIELDS && !cursor_done(&f); i++) {
        bool present = cursor_u8(&f);
        struct bytes value = cursor_take(&f, cursor_u32(&f));
        r->field[i] = present ? value : BYTES_NONE;
    }
    return f.failed;
}

/* True if a whole record with a commit mark stands anywhere behind a place. */
static bool commit_follows(struct cursor c)
{
    static const uint8_t mark[] = { 0, 0, 0, 1, MARK };
    return cursor_left(&c) && memmem(c.p, cursor_left(&c), mark, sizeof mark) != NULL;
}

int nvm_replay(struct bytes all, struct arena *a, int (*apply)(void *, const struct nvm_record *, struct err *),
               void *context, struct err *e)
{
    struct cursor c = cursor_over(all), batch = c;
    struct nvm_record r;
    (void)a;
    while (!cursor_done(&c) && read_record(&c, &r) == 0) {
        if (r.type != MARK)
            continue;
        for (struct cursor again = batch; again.p < c.p && read_record(&again, &r) == 0;)
            if (r.type != MARK && apply(context, &r, e) != 0)
                return -1;
        batch = c;
    }
    if (!cursor_done(&c) && commit_follows(c))
        return err_set(e, ERR_VERIFY, NULL,
                       "the card's memory is damaged at octet %zu; next: put a copy of the file back, or make a new "
                       "card with rsp-euicc init", cursor_offset(&c));
    return 0;
}

/* -------------------------------------------------------------------------- in memory */

static int memory_load(void *context, struct arena *a, struct bytes *all, struct err *e)
{
    struct nvm_memory *m = context;
    *all = arena_copy(a, m->all.p ? m->all : BYTES_LIT(""));
    return all->p ? 0 : err_set(e, ERR_MEMORY, NULL, "no memory to read the card's memory");
}

static int memory_append(void *context, struct bytes octets, struct err *e)
{
    struct nvm_memory *m = context;
    m->appends++;
    bool cut = m->fail_at && m->appends >= m->fail_at;
    if (cut)
        octets = bytes_slice(octets, 0, m->appends == m->fail_at ? m->torn : 0);
    struct buf all = buf_in(m->arena);
    buf_add(&all, m->all);
    buf_add(&all, octets);
    m->all = buf_bytes(&all);
    return cut ? err_set(e, ERR_IO, NULL, "power was cut at write %ld", m->appends) : 0;
}

static int memory_replace(void *context, struct bytes all, struct err *e)
{
    struct nvm_memory *m = context;
    m->appends++;
    if (m->fail_at && m->appends >= m->fail_at)
        return err_set(e, ERR_IO, NULL, "power was cut at write %ld", m->appends);
    m->all = arena_copy(m->arena, all);
    return 0;
}

struct nvm nvm_in_memory(struct nvm_memory *m)
{
    return (struct nvm){ memory_load, memory_append, memory_replace, m };
}
