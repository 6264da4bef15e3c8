/* SPDX-License-Identifier: Apache-2.0 */
#include "euicc/sqn.h"

enum { CHECK_WRAP = 0x02, CHECK_AGE = 0x04 };

uint64_t sqn_number(const uint8_t octets[6])
{
    uint64_t v = 0;
    for (int i = 0; i < 6; i++)
        v = v << 8 | octets[i];
    return v;
}

void sqn_octets(uint64_t v, uint8_t out[6])
{
    for (int i = 0; i < 6; i++)
        out[i] = (uint8_t)(v >> 8 * (5 - i));
}

uint64_t sqn_ms(const uint8_t array[SQN_SLOTS][6])
{
    uint64_t highest = 0;
    for (uint64_t slot = 0; slot < SQN_SLOTS; slot++) {
        uint64_t seq = sqn_number(array[slot]), sqn = seq << SQN_IND_BITS | slot;
        if (seq > 0 && sqn > highest)
            highest = sqn;
    }
    return highest;
}

enum sqn_verdict sqn_judge(const struct saip_aka *k, const uint8_t array[SQN_SLOTS][6], uint64_t sqn)
{
    uint64_t seq = sqn >> SQN_IND_BITS, seq_ms = sqn_ms(array) >> SQN_IND_BITS;
    if (k->sqn_options & CHECK_WRAP && seq > seq_ms && seq - seq_ms > sqn_number(k->sqn_delta))
        return SQN_TOO_FAR;
    if (k->sqn_options & CHECK_AGE && seq <= seq_ms && seq_ms - seq >= sqn_number(k->sqn_age_limit))
        return SQN_TOO_OLD;
    return seq > sqn_number(array[sqn % SQN_SLOTS]) ? SQN_FRESH : SQN_USED;
}
