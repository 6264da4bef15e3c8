/* SPDX-License-Identifier: Apache-2.0 */
#include "powercut.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------------------------------------ the disk */

static int find(const struct sim_disk *d, const char *name)
{
    for (int i = 0; i < SIM_FILES; i++)
        if (strcmp(d->names[i], name) == 0)
            return i;
    return -1;
}

static void resize(struct arena *a, struct bytes *file, size_t n)
{
    uint8_t *p = arena_alloc(a, n);
    if (!p)
        abort();
    if (file->n)
        memcpy(p, file->p, file->n < n ? file->n : n);
    *file = bytes_make(p, n);
}

static void put(struct arena *a, struct bytes *file, size_t at, struct bytes octets)
{
    if (at + octets.n > file->n)
        resize(a, file, at + octets.n);
    if (octets.n)
        memcpy((uint8_t *)(uintptr_t)file->p + at, octets.p, octets.n);
}

static void make(struct arena *a, struct sim_disk *d, const struct sim_change *c, bool half)
{
    int holder;
    switch (c->kind) {
    case CHANGE_SECTOR:
        put(a, &d->files[c->inode], c->at, half ? bytes_slice(c->octets, 0, c->octets.n / 2) : c->octets);
        break;
    case CHANGE_LENGTH:
        resize(a, &d->files[c->inode], c->at);
        break;
    case CHANGE_NAME:
        holder = find(d, c->name);
        if (holder >= 0)
            d->names[holder][0] = '\0';
        memcpy(d->names[c->inode], c->name, sizeof c->name);
        break;
    case CHANGE_GONE:
        holder = find(d, c->name);
        if (holder >= 0)
            d->names[holder][0] = '\0';
        break;
    }
}

static void change(struct sim *s, struct sim_change c)
{
    if (s->n == SIM_CHANGES)
        abort();
    make(s->arena, &s->seen, &c, false);
    s->changes[s->n++] = c;
}

/* Pending changes that the barrier is for become durable, in their order. */
static void settle(struct sim *s, int inode, bool names)
{
    size_t left = 0;
    for (size_t i = 0; i < s->n; i++) {
        struct sim_change c = s->changes[i];
        bool is_name = c.kind == CHANGE_NAME || c.kind == CHANGE_GONE;
        if (names ? is_name : !is_name && c.inode == inode)
            make(s->arena, &s->durable, &c, false);
        else
            s->changes[left++] = c;
    }
    s->n = left;
}

static struct sim_disk copy(struct arena *a, const struct sim_disk *d)
{
    struct sim_disk out = *d;
    for (int i = 0; i < SIM_FILES; i++)
        if (d->files[i].n)
            out.files[i] = arena_copy(a, d->files[i]);
    return out;
}

struct bytes sim_after(const struct sim *s, const bool survives[], bool half, const char *name)
{
    struct sim_disk d = copy(s->arena, &s->durable);
    size_t last = s->n;
    for (size_t i = 0; half && i < s->n; i++)
        if (survives[i])
            last = i;
    for (size_t i = 0; i < s->n; i++)
        if (survives[i])
            make(s->arena, &d, &s->changes[i], i == last);
    int inode = find(&d, name);
    return inode < 0 ? BYTES_NONE : d.files[inode].p ? d.files[inode] : BYTES_LIT("");
}

struct bytes sim_content(const struct sim *s, const char *name)
{
    int inode = find(&s->seen, name);
    return inode < 0 ? BYTES_NONE : s->seen.files[inode].p ? s->seen.files[inode] : BYTES_LIT("");
}

/* ----------------------------------------------------------------------------- the calls */

enum verdict { GO_ON, GO_ON_AND_DIE, HALF, REFUSE };

/* Counts a call and says what becomes of it. */
static enum verdict counted(struct sim *s, enum sim_call call)
{
    if (s->dead) {
        errno = EIO;
        return REFUSE;
    }
    s->last = call;
    s->last_first = s->n;
    bool now = ++s->calls == s->at, past = s->at && s->calls > s->at;
    bool always = s->fault == FAIL_ALWAYS || s->fault == WRITE_SHORT_THEN_FAIL;
    if (!now && !(past && always))
        return GO_ON;
    errno = s->number;
    switch (s->fault) {
    case CUT_BEFORE:
        s->dead = true;
        errno = EIO;
        return REFUSE;
    case CUT_AFTER:
        return GO_ON_AND_DIE;
    case WRITE_SHORT:
        return HALF;
    case WRITE_SHORT_THEN_FAIL:
        return now && call == CALL_WRITE ? HALF : REFUSE;
    case FAIL_ONCE:
    case FAIL_ALWAYS:
        return REFUSE;
    default:
        return GO_ON;
    }
}

static int ended(struct sim *s, enum verdict v)
{
    s->dead = s->dead || v == GO_ON_AND_DIE;
    return 0;
}

static int new_inode(const struct sim *s)
{
    for (int i = 0; i < SIM_FILES; i++) {
        bool named = s->seen.names[i][0] || s->durable.names[i][0] || s->open[i];
        for (size_t k = 0; k < s->n; k++)
            named = named || s->changes[k].inode == i;
        if (!named)
            return i;
    }
    abort();
}

static int sim_open(void *context, const char *path, int flags, unsigned mode)
{
    struct sim *s = context;
    int inode = find(&s->seen, path);
    (void)mode;
    if (inode < 0 && !(flags & O_CREAT)) {
        errno = ENOENT;
        return -1;
    }
    if (!(flags & (O_CREAT | O_TRUNC))) {
        s->open[inode]++;
        return inode;
    }
    enum verdict v = counted(s, CALL_OTHER);
    if (v == REFUSE)
        return -1;
    if (inode < 0) {
        struct sim_change c = { .kind = CHANGE_NAME, .inode = new_inode(s) };
        snprintf(c.name, sizeof c.name, "%s", path);
        s->durable.files[c.inode] = s->seen.files[c.inode] = BYTES_NONE;
        change(s, c);
        inode = c.inode;
    } else if (flags & O_TRUNC) {
        change(s, (struct sim_change){ .kind = CHANGE_LENGTH, .inode = inode });
    }
    s->open[inode]++;
    ended(s, v);
    return inode;
}

static int sim_close(void *context, int fd)
{
    ((struct sim *)context)->open[fd]--;
    return 0;
}

static int sim_lock(void *context, int fd, const char *path)
{
    (void)context;
    (void)fd;
    (void)path;
    return 0;
}

static long sim_size(void *context, int fd)
{
    return (long)((struct sim *)context)->seen.files[fd].n;
}

static long sim_read(void *context, int fd, uint8_t *out, size_t n, size_t at)
{
    struct sim *s = context;
    struct bytes part = bytes_slice(s->seen.files[fd], at, n);
    if (part.n)
        memcpy(out, part.p, part.n);
    return (long)part.n;
}

/* A change a sector. */
static long sim_write(void *context, int fd, const uint8_t *p, size_t n, size_t at)
{
    struct sim *s = context;
    enum verdict v = counted(s, CALL_WRITE);
    if (v == REFUSE)
        return -1;
    if (v == HALF)
        n = n > 1 ? n / 2 : 1;
    for (size_t done = 0; done < n;) {
        size_t part = SECTOR - (at + done) % SECTOR;
        part = part < n - done ? part : n - done;
        change(s, (struct sim_change){ .kind = CHANGE_SECTOR, .inode = fd, .at = at + done,
                                       .octets = arena_copy(s->arena, bytes_make(p + done, part)) });
        done += part;
    }
    ended(s, v);
    return (long)n;
}

static int sim_truncate(void *context, int fd, size_t octets)
{
    struct sim *s = context;
    enum verdict v = counted(s, CALL_OTHER);
    if (v == REFUSE)
        return -1;
    change(s, (struct sim_change){ .kind = CHANGE_LENGTH, .inode = fd, .at = octets });
    return ended(s, v);
}

static int sim_sync(void *context, int fd)
{
    struct sim *s = context;
    enum verdict v = counted(s, CALL_BARRIER);
    if (v == REFUSE)
        return -1;
    settle(s, fd, false);
    return ended(s, v);
}

static int sim_rename(void *context, const char *from, const char *to)
{
    struct sim *s = context;
    enum verdict v = counted(s, CALL_OTHER);
    int inode = find(&s->seen, from);
    if (v == REFUSE)
        return -1;
    if (inode < 0)
        abort();
    struct sim_change c = { .kind = CHANGE_NAME, .inode = inode };
    snprintf(c.name, sizeof c.name, "%s", to);
    change(s, c);
    return ended(s, v);
}

static int sim_unlink(void *context, const char *path)
{
    struct sim *s = context;
    int inode = find(&s->seen, path);
    if (inode < 0) {
        errno = ENOENT;
        return -1;
    }
    enum verdict v = counted(s, CALL_OTHER);
    if (v == REFUSE)
        return -1;
    struct sim_change c = { .kind = CHANGE_GONE, .inode = inode };
    snprintf(c.name, sizeof c.name, "%s", path);
    change(s, c);
    return ended(s, v);
}

static int sim_sync_folder(void *context, const char *path)
{
    struct sim *s = context;
    enum verdict v = counted(s, CALL_BARRIER);
    (void)path;
    if (v == REFUSE)
        return -1;
    settle(s, 0, true);
    return ended(s, v);
}

void sim_start(struct sim *s, struct arena *a, struct bytes content)
{
    *s = (struct sim){ .system = { sim_open, sim_close, sim_lock, sim_size, sim_read, sim_write, sim_truncate,
                                   sim_sync, sim_rename, sim_unlink, sim_sync_folder, s },
                       .arena = a };
    snprintf(s->durable.names[0], sizeof s->durable.names[0], "%s", SIM_NAME);
    s->durable.files[0] = arena_copy(a, content);
    s->seen = copy(a, &s->durable);
}
