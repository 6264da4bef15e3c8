/* SPDX-License-Identifier: Apache-2.0
 *
 * FIPS 202 3.2: a state is 5 x 5 lanes of 64 bits, lane (x, y) at 5 y + x. */
#include "crypto/keccak.h"

enum { ROUNDS = 24, LANES = 25 };

static const uint64_t round_constants[ROUNDS] = {
    0x0000000000000001, 0x0000000000008082, 0x800000000000808A, 0x8000000080008000, 0x000000000000808B,
    0x0000000080000001, 0x8000000080008081, 0x8000000000008009, 0x000000000000008A, 0x0000000000000088,
    0x0000000080008009, 0x000000008000000A, 0x000000008000808B, 0x800000000000008B, 0x8000000000008089,
    0x8000000000008003, 0x8000000000008002, 0x8000000000000080, 0x000000000000800A, 0x800000008000000A,
    0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008,
};

static uint64_t left(uint64_t v, unsigned bits)
{
    return bits ? v << bits | v >> (64 - bits) : v;
}

static void theta(uint64_t a[LANES])
{
    uint64_t column[5];
    for (int x = 0; x < 5; x++)
        column[x] = a[x] ^ a[x + 5] ^ a[x + 10] ^ a[x + 15] ^ a[x + 20];
    for (int x = 0; x < 5; x++)
        for (int y = 0; y < 5; y++)
            a[5 * y + x] ^= column[(x + 4) % 5] ^ left(column[(x + 1) % 5], 1);
}

/* Lane (x, y) is turned by the t-th triangular number and goes to (y, 2x + 3y). */
static void rho_and_pi(uint64_t a[LANES])
{
    int x = 1, y = 0;
    uint64_t moving = a[1];
    for (unsigned t = 0; t < 24; t++) {
        int next = (2 * x + 3 * y) % 5;
        x = y;
        y = next;
        uint64_t there = a[5 * y + x];
        a[5 * y + x] = left(moving, (t + 1) * (t + 2) / 2 % 64);
        moving = there;
    }
}

static void chi(uint64_t a[LANES])
{
    for (int y = 0; y < LANES; y += 5) {
        const uint64_t row[5] = { a[y], a[y + 1], a[y + 2], a[y + 3], a[y + 4] };
        for (int x = 0; x < 5; x++)
            a[y + x] = row[x] ^ (~row[(x + 1) % 5] & row[(x + 2) % 5]);
    }
}

void keccak_f1600(uint8_t state[KECCAK_STATE])
{
    uint64_t a[LANES] = { 0 };
    for (int i = 0; i < KECCAK_STATE; i++)
        a[i / 8] |= (uint64_t)state[i] << 8 * (i % 8);
    for (int i = 0; i < ROUNDS; i++) {
        theta(a);
        rho_and_pi(a);
        chi(a);
        a[0] ^= round_constants[i];
    }
    for (int i = 0; i < KECCAK_STATE; i++)
        state[i] = (uint8_t)(a[i / 8] >> 8 * (i % 8));
}
