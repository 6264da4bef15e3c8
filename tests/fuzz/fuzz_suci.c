/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"
#include "rsp/mobile_identity.h"
#include "saip/suci_info.h"

static bool within(struct bytes part, struct bytes all)
{
    return part.n == 0 || (part.p >= all.p && part.p + part.n <= all.p + all.n);
}

/* A file of a USIM: its keys lie in it, and what is chosen is one of them. */
static void file(struct bytes body)
{
    struct suci_info info;
    struct suci_choice choice;
    if (suci_info_read(body, &info, NULL) != 0)
        return;
    for (size_t i = 0; i < info.n_keys; i++)
        if (info.keys[i].octets.n == 0 || !within(info.keys[i].octets, body))
            fuzz_demand("a key outside of the file");
    if (suci_info_choose(&info, &choice, NULL) == 0 && (choice.scheme == SUCI_NULL) == bytes_present(choice.key.octets))
        fuzz_demand("a scheme without its key, or a key without scheme");
}

static bool same(const struct suci *a, const struct suci *b)
{
    return a->type == b->type && a->scheme == b->scheme && a->key_id == b->key_id && bytes_equal(a->home, b->home) &&
           bytes_equal(a->routing, b->routing) && bytes_equal(a->output.key, b->output.key) &&
           bytes_equal(a->output.text, b->output.text) && bytes_equal(a->output.mac, b->output.mac);
}

/* A mobile identity: what was read is written so that it reads the same. */
static void identity(struct arena *a, struct bytes octets)
{
    struct suci s, again;
    struct buf out = buf_in(a);
    const char *supi;
    if (suci_read(a, octets, &s, NULL) != 0)
        return;
    if (suci_write(&s, &out, NULL) != 0 || suci_read(a, buf_bytes(&out), &again, NULL) != 0 || !same(&s, &again))
        fuzz_demand("an identity does not survive writing");
    supi_text(a, &s, s.output.text, &supi, NULL);
}

/* The first octet says which of the two it is. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new(1 << 16);
    struct bytes rest = bytes_slice(bytes_make(data, size), 1, size);
    if (size && data[0] & 1)
        file(rest);
    else if (size)
        identity(a, rest);
    arena_free(a);
    return 0;
}
