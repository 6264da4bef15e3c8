/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"
#include "rsp/explain.h"

/* Requests and answers of every function; what is read can be written, read again, and shown. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1)
        return 0;
    struct arena *a = arena_new(16 << 20);
    enum rsp_function f = (enum rsp_function)(data[0] % RSP_FUNCTIONS);
    void *in = arena_alloc(a, rsp_functions[f].request_size), *out = arena_alloc(a, rsp_functions[f].response_size + 1);
    struct rsp_header header = { 0 };
    struct rsp_status status;
    struct bytes body = bytes_make(data + 1, size - 1), again;
    if (rsp_read_request(a, f, body, &header, in, NULL) == 0 &&
        rsp_write_request(a, f, &header, in, &again, NULL) == 0 &&
        rsp_read_request(a, f, again, &header, in, NULL) != 0)
        fuzz_demand("what was written cannot be read");
    rsp_read_response(a, f, body, &status, out, NULL);
    struct buf shown = buf_in(a);
    explain_json(&shown, f, size % 2, body, 40);
    arena_free(a);
    return 0;
}
