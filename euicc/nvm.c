/* SPDX-License-Identifier: Apache-2.0 */
#include "euicc/nvm.h"

#include "base/checksum.h"
#include "base/cursor.h"
#include "euicc/nvm_records.h"

enum { HEAD = 8 + NVM_MARK + 4, BATCH_HEAD = 12 };

static const char MAGIC[] = "RSPCARD2";

/* --------------------------------------------------------------------------- records */

void nvm_begin(struct nvm_batch *b, struct arena *a)
{
    *b = (struct nvm_batch){ .arena = a, .octets = buf_in(a) };
}

void nvm_put(struct nvm_batch *b, const struct nvm_record *r)
{
    int n = NVM_FIELDS;
    while (n > 0 && !bytes_present(r->field[n - 1]))
        n--;
    buf_u8(&b->octets, r->type);
    buf_u8(&b->octets, (unsigned)n);
    for (int i = 0; i < n; i++) {
        bool present = bytes_present(r->field[i]);
        buf_u32(&b->octets, present ? (uint32_t)r->field[i].n + 1 : 0);
        buf_add(&b->octets, present ? r->field[i] : BYTES_LIT(""));
    }
    b->n++;
}

static int record_read(struct cursor *c, struct nvm_record *r)
{
    *r = (struct nvm_record){ .type = cursor_u8(c) };
    unsigned n = cursor_u8(c);
    for (unsigned i = 0; i < n && i < NVM_FIELDS; i++) {
        uint32_t length = cursor_u32(c);
        if (length)
            r->field[i] = cursor_take(c, length - 1);
    }
    return c->failed || n > NVM_FIELDS ? -1 : 0;
}

static int body_apply(struct bytes body, nvm_apply *apply, void *context, struct err *e)
{
    struct cursor c = cursor_over(body);
    struct nvm_record r;
    while (!cursor_done(&c)) {
        if (record_read(&c, &r) != 0)
            return err_set(e, ERR_VERIFY, NULL, "the card's memory holds what is no record");
        if (apply(context, &r, e) != 0)
            return -1;
    }
    return 0;
}

int nvm_batch_apply(struct nvm_batch *b, nvm_apply *apply, void *context, struct err *e)
{
    struct bytes body = buf_bytes(&b->octets);
    return body.p ? body_apply(body, apply, context, e) : err_set(e, ERR_MEMORY, NULL, "no memory for a change");
}

/* --------------------------------------------------------------------- the log as octets */

static int damaged(struct err *e, size_t at)
{
    return err_set(e, ERR_VERIFY, NULL,
                   "the card's memory is damaged at octet %zu; next: put a copy of the file back, or make a new card "
                   "with rsp-euicc init", at);
}

/* Octets of a batch before its mark. */
static struct bytes batch_octets(struct nvm_batch *b, struct err *e)
{
    struct bytes body = buf_bytes(&b->octets);
    struct buf out = buf_in(b->arena);
    if (body.n > NVM_BATCH_MAX) {
        err_set(e, ERR_LIMIT, NULL, "a change of %zu octets is too large", body.n);
        return BYTES_NONE;
    }
    buf_u32(&out, (uint32_t)body.n);
    buf_u32(&out, crc32_add(0, body));
    struct bytes sums = buf_bytes(&out);
    if (!body.p || !sums.p) {
        err_set(e, ERR_MEMORY, NULL, "no memory for a change");
        return BYTES_NONE;
    }
    buf_u32(&out, crc32_add(0, sums));
    buf_add(&out, body);
    struct bytes all = buf_bytes(&out);
    if (!all.p)
        err_set(e, ERR_MEMORY, NULL, "no memory for a change");
    return all;
}

/* A batch's length, body and checksums; false: not whole or not right. */
static bool batch_read(struct cursor *c, struct bytes *body)
{
    struct cursor head = *c;
    uint32_t n = cursor_u32(c), crc = cursor_u32(c);
    struct bytes sums = cursor_take(&head, 8);
    uint32_t own = cursor_u32(c);
    if (c->failed || own != crc32_add(0, sums))
        return false;
    *body = cursor_take(c, n);
    return !c->failed && crc == crc32_add(0, *body);
}

/* What stands where a mark belongs: the mark, what a power cut leaves of one, or damage. */
static enum { MARK_WHOLE, MARK_TORN, MARK_DAMAGED } mark_read(struct cursor *c, const uint8_t mark[NVM_MARK])
{
    size_t here = cursor_left(c) < NVM_MARK ? cursor_left(c) : NVM_MARK;
    struct bytes got = cursor_take(c, here);
    if (here == NVM_MARK && memcmp(got.p, mark, NVM_MARK) == 0)
        return MARK_WHOLE;
    for (size_t i = 0; i < here; i++)
        if (got.p[i] != mark[i] && got.p[i] != 0)
            return MARK_DAMAGED;
    return cursor_done(c) ? MARK_TORN : MARK_DAMAGED;
}

static int head_read(struct cursor *c, uint8_t mark[NVM_MARK], struct err *e)
{
    struct bytes magic = cursor_take(c, 8), own = cursor_take(c, NVM_MARK);
    uint32_t crc = cursor_u32(c);
    if (c->failed || memcmp(magic.p, MAGIC, 8) != 0)
        return err_set(e, ERR_VALUE, NULL, "this is no card; next: make one with rsp-euicc init");
    if (crc != crc32_add(crc32_add(0, magic), own))
        return damaged(e, 8);
    memcpy(mark, own.p, NVM_MARK);
    return 0;
}

int nvm_log_read(struct bytes all, struct nvm_log *log, nvm_apply *apply, void *context, struct err *e)
{
    struct cursor c = cursor_over(all);
    if (head_read(&c, log->mark, e) != 0)
        return -1;
    log->end = HEAD;
    log->first = 0;
    for (struct bytes body; !cursor_done(&c);) {
        if (!batch_read(&c, &body)) {
            struct bytes rest = bytes_slice(all, log->end, all.n);
            return memmem(rest.p, rest.n, log->mark, NVM_MARK) ? damaged(e, log->end) : 0;
        }
        switch (mark_read(&c, log->mark)) {
        case MARK_TORN:
            return 0;
        case MARK_DAMAGED:
            return damaged(e, log->end + BATCH_HEAD + body.n);
        case MARK_WHOLE:
            break;
        }
        if (body_apply(body, apply, context, e) != 0)
            return -1;
        log->end = cursor_offset(&c);
        log->first = log->first ? log->first : log->end;
    }
    return 0;
}

/* Octets of a new log of one batch. */
static struct bytes whole_log(struct nvm_batch *b, const uint8_t mark[NVM_MARK], struct err *e)
{
    struct buf out = buf_in(b->arena);
    struct bytes batch = batch_octets(b, e);
    if (!batch.p)
        return BYTES_NONE;
    buf_text(&out, MAGIC);
    buf_add(&out, bytes_make(mark, NVM_MARK));
    struct bytes head = buf_bytes(&out);
    buf_u32(&out, head.p ? crc32_add(0, head) : 0);
    buf_add(&out, batch);
    buf_add(&out, bytes_make(mark, NVM_MARK));
    struct bytes all = buf_bytes(&out);
    if (!all.p)
        err_set(e, ERR_MEMORY, NULL, "no memory for the card's memory");
    return all;
}

/* -------------------------------------------------------------------- the log on its medium */

/* Each octet with the bits 81 and without 40: neither a flipped bit nor all eight make it 0. */
static void mark_make(uint8_t out[NVM_MARK], const uint8_t random[NVM_MARK])
{
    for (int i = 0; i < NVM_MARK; i++)
        out[i] = (random[i] & 0xBF) | 0x81;
}

int nvm_log_make(const struct nvm *medium, struct nvm_batch *b, const uint8_t random[NVM_MARK], struct err *e)
{
    uint8_t mark[NVM_MARK];
    mark_make(mark, random);
    struct bytes all = whole_log(b, mark, e);
    return all.p ? medium->replace(medium->context, all, e) : -1;
}

int nvm_log_open(struct nvm_log *log, const struct nvm *medium, nvm_apply *apply, void *context, struct err *e)
{
    struct arena *a = arena_new((size_t)512 << 20);
    struct bytes all;
    *log = (struct nvm_log){ .medium = *medium };
    if (!a)
        return err_set(e, ERR_MEMORY, NULL, "no memory to read a card");
    int result = medium->load(medium->context, a, &all, e);
    if (result == 0)
        result = nvm_log_read(all, log, apply, context, e);
    if (result == 0 && all.n > log->end)
        result = medium->truncate(medium->context, log->end, e) != 0 || medium->barrier(medium->context, e) != 0 ? -1
                                                                                                                 : 0;
    arena_free(a);
    return result;
}

static int durable(const struct nvm *m, struct bytes octets, struct err *e)
{
    return m->append(m->context, octets, e) != 0 || m->barrier(m->context, e) != 0 ? -1 : 0;
}

int nvm_log_commit(struct nvm_log *log, struct nvm_batch *b, struct err *e)
{
    const struct nvm *m = &log->medium;
    if (b->n == 0)
        return 0;
    if (log->broken)
        return err_set(e, ERR_WRONG_STATE, NULL, "the card's memory has failed; next: power the card down and up");
    struct bytes octets = batch_octets(b, e);
    if (!octets.p)
        return -1;
    if (durable(m, octets, e) == 0 && durable(m, bytes_make(log->mark, NVM_MARK), e) == 0) {
        log->end += octets.n + NVM_MARK;
        return 0;
    }
    log->broken = m->truncate(m->context, log->end, NULL) != 0 || m->barrier(m->context, NULL) != 0;
    return -1;
}

enum { SLACK = 64 << 10 }; /* octets that may be obsolete */

int nvm_log_compact(struct nvm_log *log, const struct nvm_rule *rules, size_t n_rules, struct err *e)
{
    if (log->broken || log->end < 2 * log->first + SLACK)
        return 0;
    struct arena *a = arena_new((size_t)512 << 20);
    struct nvm_batch b;
    struct bytes all, fresh = BYTES_NONE;
    if (!a)
        return err_set(e, ERR_MEMORY, NULL, "no memory to write the card anew");
    if (log->medium.load(log->medium.context, a, &all, e) == 0 &&
        nvm_compacted(a, all, rules, n_rules, &b, e) == 0)
        fresh = whole_log(&b, log->mark, e);
    int result = fresh.p ? log->medium.replace(log->medium.context, fresh, e) : -1;
    if (result == 0)
        log->end = log->first = fresh.n;
    arena_free(a);
    return result;
}

/* -------------------------------------------------------------------------- in memory */

static int memory_load(void *context, struct arena *a, struct bytes *all, struct err *e)
{
    struct nvm_memory *m = context;
    *all = arena_copy(a, m->all.p ? m->all : BYTES_LIT(""));
    return all->p ? 0 : err_set(e, ERR_MEMORY, NULL, "no memory to read a card");
}

static int memory_append(void *context, struct bytes octets, struct err *e)
{
    struct nvm_memory *m = context;
    size_t n = m->all.n + octets.n;
    if (n > m->size) {
        size_t size = n > 2 * m->size ? n : 2 * m->size;
        uint8_t *p = arena_alloc(m->arena, size);
        if (!p)
            return err_set(e, ERR_IO, NULL, "no room in the memory that stands for a card's");
        if (m->all.n)
            memcpy(p, m->all.p, m->all.n);
        m->all.p = p;
        m->size = size;
    }
    memcpy((uint8_t *)(uintptr_t)m->all.p + m->all.n, octets.p, octets.n);
    m->all.n = n;
    return 0;
}

static int memory_truncate(void *context, size_t octets, struct err *e)
{
    struct nvm_memory *m = context;
    (void)e;
    m->all = bytes_slice(m->all, 0, octets);
    return 0;
}

static int memory_barrier(void *context, struct err *e)
{
    (void)context;
    (void)e;
    return 0;
}

static int memory_replace(void *context, struct bytes all, struct err *e)
{
    struct nvm_memory *m = context;
    if (m->all.p)
        m->all.n = 0;
    return memory_append(context, all, e);
}

struct nvm nvm_in_memory(struct nvm_memory *m)
{
    return (struct nvm){ memory_load, memory_append, memory_truncate, memory_barrier, memory_replace, m };
}
