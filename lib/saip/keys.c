/* SPDX-License-Identifier: Apache-2.0 */
#include "saip/aka.h"
#include "saip/builder.h"

enum { SQN_FIRST_MAX = 0x07 }; /* SEQ has 43 bits (TS 33.102 C.1.1.1) */

static const char CLAUSE[] = SAIP_CLAUSE("8.4.2"), CLAUSE_CDMA[] = SAIP_CLAUSE("8.4.3");

static int algorithm_read(struct saip_builder *b, struct aka_key *key, const struct saip_AlgoParameter *p)
{
    struct err e;
    b->part = p->raw;
    if (saip_aka_key(p, key, &e) == 0)
        return 0;
    return saip_end(b, e.code == ERR_UNSUPPORTED ? SAIP_FEATURE_NOT_SUPPORTED : SAIP_BAD_VALUES, CLAUSE,
                    "an algorithm with keys and options of its sizes", "%.*s", (int)strcspn(e.what, ";"), e.what);
}

static int sequence_check(struct saip_builder *b, struct bytes number)
{
    b->part = number;
    return number.p[0] <= SQN_FIRST_MAX ? 0
                                        : saip_end(b, SAIP_BAD_VALUES, CLAUSE, "a number of at most 07FFFFFFFFFF",
                                                   "one that begins with %02X", number.p[0]);
}

static int sequence_read(struct saip_builder *b, struct saip_aka *aka, const struct saip_PE_AKAParameter *p)
{
    if (sequence_check(b, p->sqnDelta) != 0 || sequence_check(b, p->sqnAgeLimit) != 0)
        return -1;
    aka->sqn_options = p->sqnOptions.p[0];
    memcpy(aka->sqn_delta, p->sqnDelta.p, sizeof aka->sqn_delta);
    memcpy(aka->sqn_age_limit, p->sqnAgeLimit.p, sizeof aka->sqn_age_limit);
    for (size_t i = 0; i < 32 && i < p->sqnInit.n; i++) {
        if (sequence_check(b, p->sqnInit.items[i]) != 0)
            return -1;
        memcpy(aka->seq[i], p->sqnInit.items[i].p, sizeof aka->seq[i]);
    }
    return 0;
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
    if (sequence_read(b, aka, p) != 0 ||
        (p->algoConfiguration.which == saip_PE_AKAParameter_algoConfiguration_mappingParameter
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
