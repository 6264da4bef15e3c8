/* SPDX-License-Identifier: Apache-2.0 */
#include "saip/builder.h"

static const char CLAUSE[] = SAIP_CLAUSE("8.4.2"), CLAUSE_CDMA[] = SAIP_CLAUSE("8.4.3");

static int milenage(struct saip_builder *b, struct aka_key *key, const struct saip_AlgoParameter *p)
{
    b->part = p->opc;
    if (p->opc.n != sizeof key->opc)
        return saip_end(b, SAIP_BAD_VALUES, CLAUSE, "an OPc of 16 octets", "%zu octets", p->opc.n);
    aka_key_init(key, AKA_MILENAGE, p->key.p, p->opc.p);
    memcpy(key->r, p->rotationConstants.p, sizeof key->r);
    memcpy(key->c, p->xoringConstants.p, sizeof key->c);
    return 0;
}

/* Size of RES as the TS.48 packages code it: 02 is 128 bits, 01 is 64, 00 is 32. */
static int test_algorithm(struct saip_builder *b, struct aka_key *key, const struct saip_AlgoParameter *p)
{
    static const uint8_t sizes[] = { 4, 8, 16 }, none[sizeof key->opc] = { 0 };
    uint8_t option = p->algorithmOptions.p[0];
    (void)b;
    aka_key_init(key, AKA_XOR, p->key.p, none);
    key->res_octets = option < sizeof sizes ? sizes[option] : 16;
    return 0;
}

static const struct {
    int64_t id;
    int (*read)(struct saip_builder *, struct aka_key *, const struct saip_AlgoParameter *);
} algorithms[] = { { AKA_MILENAGE, milenage }, { AKA_XOR, test_algorithm } };

static int algorithm_read(struct saip_builder *b, struct aka_key *key, const struct saip_AlgoParameter *p)
{
    b->part = p->key;
    if (p->key.n != sizeof key->k)
        return saip_end(b, SAIP_BAD_VALUES, CLAUSE, "a key of 16 octets", "%zu octets", p->key.n);
    for (size_t i = 0; i < sizeof algorithms / sizeof *algorithms; i++)
        if (algorithms[i].id == p->algorithmID)
            return algorithms[i].read(b, key, p);
    b->part = p->raw;
    return saip_end(b, SAIP_FEATURE_NOT_SUPPORTED, CLAUSE, "Milenage (1), TUAK (2) or the test algorithm (3)", "%lld",
                    (long long)p->algorithmID);
}

static void sequence_read(struct saip_aka *aka, const struct saip_PE_AKAParameter *p)
{
    aka->sqn_options = p->sqnOptions.p[0];
    memcpy(aka->sqn_delta, p->sqnDelta.p, sizeof aka->sqn_delta);
    memcpy(aka->sqn_age_limit, p->sqnAgeLimit.p, sizeof aka->sqn_age_limit);
    for (size_t i = 0; i < 32 && i < p->sqnInit.n; i++)
        memcpy(aka->seq[i], p->sqnInit.items[i].p, sizeof aka->seq[i]);
}

/* mappingOptions: what comes from the other NAA.  The bits are those of a packaging tool, not of the format's text,
 * which we could not read; keys and constants have no other source in a mapping, so that their bits say nothing. */
enum { MAP_SEQUENCE = 0x08, MAP_DELTA = 0x04, MAP_AGE_LIMIT = 0x02 };

static int mapping_read(struct saip_builder *b, struct saip_aka *aka, const struct saip_MappingParameter *p)
{
    const struct saip_image *m = b->image;
    const struct saip_file *source = saip_adf(m, p->mappingSource);
    const uint8_t options = p->mappingOptions.p[0];
    size_t i = 0;
    while (i < m->n_akas && (!source || m->akas[i].adf != source))
        i++;
    b->part = p->mappingSource;
    if (i == m->n_akas)
        return saip_end(b, SAIP_BAD_VALUES, CLAUSE, "the AID of an NAA with parameters before this one", "another");
    const struct saip_aka *from = &m->akas[i];
    aka->key = from->key;
    if (options & MAP_SEQUENCE)
        aka->sequence = from->sequence;
    if (options & MAP_DELTA)
        memcpy(aka->sqn_delta, from->sqn_delta, sizeof aka->sqn_delta);
    if (options & MAP_AGE_LIMIT)
        memcpy(aka->sqn_age_limit, from->sqn_age_limit, sizeof aka->sqn_age_limit);
    return 0;
}

int saip_aka_install(struct saip_builder *b, const struct saip_ProfileElement *pe)
{
    const struct saip_PE_AKAParameter *p = &pe->akaParameter;
    struct saip_image *m = b->image;
    if (!b->naa)
        return saip_end(b, SAIP_INVALID_FORMAT, CLAUSE, "parameters behind the ADF of their NAA", "no ADF yet");
    for (size_t i = 0; i < m->n_akas; i++)
        if (m->akas[i].adf == b->naa)
            return saip_end(b, SAIP_BAD_VALUES, CLAUSE, "one set of parameters an NAA", "a second one for %s",
                            b->naa->name);
    if (m->n_akas == SAIP_AKAS_MAX)
        return saip_end(b, SAIP_NOT_ENOUGH_MEMORY, CLAUSE, "at most 8 NAAs with parameters", "one more");
    struct saip_aka *aka = &m->akas[m->n_akas];
    *aka = (struct saip_aka){ .adf = b->naa, .sequence = m->n_akas };
    sequence_read(aka, p);
    if ((p->algoConfiguration.which == saip_PE_AKAParameter_algoConfiguration_mappingParameter
             ? mapping_read(b, aka, &p->algoConfiguration.mappingParameter)
             : algorithm_read(b, &aka->key, &p->algoConfiguration.algoParameter)) != 0)
        return -1;
    m->n_akas++;
    return 0;
}

static int keep(struct saip_builder *b, struct bytes from, struct bytes *to)
{
    *to = from.p ? arena_copy(b->arena, from) : BYTES_NONE;
    return from.p && !to->p ? saip_no_memory(b) : 0;
}

int saip_cdma_install(struct saip_builder *b, const struct saip_ProfileElement *pe)
{
    const struct saip_PE_CDMAParameter *p = &pe->cdmaParameter;
    struct saip_image *m = b->image;
    if (!b->naa)
        return saip_end(b, SAIP_INVALID_FORMAT, CLAUSE_CDMA, "parameters behind the ADF of their NAA", "no ADF yet");
    if (m->n_cdmas == SAIP_CDMAS_MAX)
        return saip_end(b, SAIP_NOT_ENOUGH_MEMORY, CLAUSE_CDMA, "at most 4 NAAs with parameters", "one more");
    struct saip_cdma *cdma = &m->cdmas[m->n_cdmas++];
    cdma->adf = b->naa;
    return keep(b, p->authenticationKey, &cdma->key) || keep(b, p->ssd, &cdma->ssd) ||
                   keep(b, p->hrpdAccessAuthenticationData, &cdma->hrpd) ||
                   keep(b, p->simpleIPAuthenticationData, &cdma->simple_ip) ||
                   keep(b, p->mobileIPAuthenticationData, &cdma->mobile_ip)
               ? -1
               : 0;
}
