/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"
#include "mutate.h"
#include "saip/image.h"
#include "saip/limits.h"
#include "saip/rules.h"

/* What every image is, whatever the package was: a tree whose parts fit together. */
static const char *file_fault(const struct saip_image *m, const struct saip_file *f, size_t *n)
{
    const struct saip_file *real = saip_real(f);
    if (++*n > m->n_files || f->number >= m->n_files)
        return "more files than were counted";
    if (f->link && (f->link->link || f->link->link_path.p))
        return "a link that leads to a link";
    if (!saip_is_df(f) &&
        (!real->body || real->size == 0 || real->size > SAIP_FILE_SIZE_MAX || real->used > real->size))
        return "a file without its body";
    if ((f->type == SAIP_LINEAR || f->type == SAIP_CYCLIC) &&
        (!f->record_length || f->size % f->record_length || f->size != real->size))
        return "records that don't fill their file";
    if (f->type == SAIP_ADF && !f->link && !f->aid.n)
        return "an ADF without an AID";
    for (const struct saip_file *c = saip_is_df(f) && !f->link ? f->children : NULL; c; c = c->next) {
        const char *fault = c->parent != f              ? "a file that is its own parent's stranger"
                            : saip_child(f, c->fid) != c ? "two files of one identifier"
                                                         : file_fault(m, c, n);
        if (fault)
            return fault;
    }
    return NULL;
}

static const char *image_fault(const struct saip_image *m)
{
    size_t n = 0;
    const char *fault = m->mf && m->mf->type == SAIP_MF ? file_fault(m, m->mf, &n) : "no MF";
    if (fault)
        return fault;
    if (n != m->n_files || m->octets > SAIP_IMAGE_MAX)
        return "files that nobody finds";
    for (size_t i = 0; i < m->n_pins; i++)
        if (saip_pin_in(m, m->pins[i].context, m->pins[i].reference) != &m->pins[i])
            return "a PIN that is not found where it is";
    for (size_t i = 0; i < m->n_akas; i++)
        if (m->akas[i].adf->type != SAIP_ADF || m->akas[i].sequence >= m->n_akas)
            return "keys without an NAA";
    return NULL;
}

static const char *result_fault(int failed, const struct saip_result *r)
{
    const struct saip_fault *last = r->n ? &r->faults[r->n - 1] : NULL;
    if (failed && (!r->aborted || !last || !last->clause || !last->expected || !last->found[0]))
        return "a refusal that says nothing";
    return !failed && r->aborted ? "an installation that was ended" : NULL;
}

static void take(void *context, const struct saip_finding *f)
{
    size_t *findings = context;
    ++*findings;
    if (!f->rule || !f->fault.clause || !f->fault.expected || !f->fault.found[0])
        fuzz_demand("a finding without rule, clause or sentence");
}

/* What decodes strictly encodes to the same octets; what installs is whole, and what doesn't says why; the rules find
 * something in it, if it is not our card that lacks something. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new(64 << 20);
    struct saip_package p;
    struct bytes der = bytes_make(data, size), again;
    if (saip_decode(a, der, ASN1_STRICT, &p, NULL) == 0) {
        struct saip_image *image = arena_alloc(a, sizeof *image);
        struct saip_result *result = arena_alloc(a, sizeof *result);
        if (saip_encode(a, &p, &again, NULL) == 0 && !bytes_equal(der, again))
            fuzz_demand("the package encodes to other octets");
        if (image && result) {
            int failed = saip_install(a, &p, image, result);
            fuzz_demand(result_fault(failed, result));
            if (!failed)
                fuzz_demand(image_fault(image));
            struct saip_checked done = { 0 };
            size_t findings = 0;
            bool checked = saip_check(a, &p, (struct saip_sink){ take, &findings }, &done, NULL) == 0;
            if (checked && findings != done.errors + done.warnings)
                fuzz_demand("other findings than the totals tell");
            if (checked && failed && findings == 0 && saip_result_status(result) != SAIP_MEMORY_FAILURE)
                fuzz_demand("a package that does not install, without a finding");
            if (saip_response(a, result, &again, NULL) != 0)
                fuzz_demand("a result that cannot be told");
        }
    }
    arena_free(a);
    return 0;
}

#ifdef LIBFUZZER
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t room);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t room, unsigned seed);

/* Mostly as a tree of TLVs, whose lengths stay right. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t room, unsigned seed)
{
    uint64_t state = seed | 1ull << 32;
    struct arena *a = seed % 4 ? arena_new(64 << 20) : NULL;
    struct bytes changed = a ? mutate_der(a, bytes_make(data, size), &state) : BYTES_NONE;
    size_t n = changed.p && changed.n <= room ? changed.n : 0;
    if (n)
        memcpy(data, changed.p, n);
    arena_free(a);
    return n ? n : LLVMFuzzerMutate(data, size, room);
}
#endif
