/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"
#include "net/http_head.h"

static bool is_printable(struct bytes b)
{
    for (size_t i = 0; i < b.n; i++)
        if (b.p[i] <= 0x20 || b.p[i] >= 0x7F)
            return false;
    return b.n > 0;
}

static void check_head(struct bytes input)
{
    struct http_head h;
    int status = http_head_parse(input, &h);
    if (status) {
        fuzz_demand(status >= 400 && status <= 599 ? NULL : "a refusal without a status");
        return;
    }
    fuzz_demand(is_printable(h.method) && is_printable(h.path) && h.path.p[0] == '/' ? NULL : "a path that is none");
    fuzz_demand(h.chunked && bytes_present(h.field[HTTP_CONTENT_LENGTH]) ? "two lengths" : NULL);
    fuzz_demand(h.length > INT64_MAX ? "a length beyond 63 bits" : NULL);
    for (int f = 0; f < HTTP_FIELDS; f++)
        for (size_t i = 0; i < h.field[f].n; i++)
            fuzz_demand(h.field[f].p[i] < 0x20 && h.field[f].p[i] != '\t' ? "a control character" : NULL);
}

struct decoded {
    struct http_chunks chunks;
    uint64_t n, sum;
    enum http_chunk last;
};

static void decode(struct decoded *d, struct bytes part)
{
    struct cursor in = cursor_over(part);
    struct bytes data;
    while ((d->last = http_chunk_next(&d->chunks, &in, &data)) == HTTP_CHUNK_DATA)
        for (size_t i = 0; i < data.n; i++) {
            d->n++;
            d->sum = d->sum * 31 + data.p[i];
        }
}

/* However the octets are cut, the body is the same. */
static void check_chunks(struct bytes input, size_t step)
{
    struct decoded whole = { .last = HTTP_CHUNK_MORE }, pieces = whole;
    decode(&whole, input);
    for (size_t at = 0; at < input.n && pieces.last == HTTP_CHUNK_MORE; at += step)
        decode(&pieces, bytes_slice(input, at, step));
    if (whole.last != pieces.last || whole.n != pieces.n || whole.sum != pieces.sum)
        fuzz_demand("chunks depend on how they are cut");
}

/* The first octet says how the others are cut. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes input = bytes_slice(bytes_make(data, size), 1, size);
    if (size == 0)
        return 0;
    check_head(input);
    check_chunks(input, 1 + data[0] % 16);
    return 0;
}
