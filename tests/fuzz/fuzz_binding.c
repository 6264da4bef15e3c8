/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"
#include "rsp/binding.h"

/* ES9+ and ES11 in ASN.1: requests, and answers of each function; what is read can be written and read again. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new(16 << 20);
    struct bytes body = bytes_make(data, size), again;
    enum rsp_function f, same;
    void *in;
    if (rsp_asn1_read_request(a, body, &f, &in, NULL) == 0 &&
        (rsp_asn1_write_request(a, f, in, &again, NULL) != 0 ||
         rsp_asn1_read_request(a, again, &same, &in, NULL) != 0 || same != f))
        fuzz_demand("what was written cannot be read");
    for (f = ES9_INITIATE_AUTHENTICATION; f <= ES11_AUTHENTICATE_CLIENT; f++) {
        void *out = arena_alloc(a, rsp_functions[f].response_size + 1);
        struct rsp_status status = { 0 };
        if (out && rsp_asn1_read_response(a, f, body, &status, out, NULL) == 0 && status.executed == RSP_SUCCESS &&
            rsp_asn1_write_response(a, f, NULL, out, &again, NULL) != 0)
            fuzz_demand("an answer that was read cannot be written");
    }
    arena_free(a);
    return 0;
}
