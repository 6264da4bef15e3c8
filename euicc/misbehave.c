/* SPDX-License-Identifier: Apache-2.0 */
#include "euicc/misbehave.h"

#include "euicc/quirks.h"

/* In the order in which they are asked. */
static const struct quirk quirks[] = {
    /* power and time */
    { "power-cut-apdu", VALUE_NUMBER, "the power goes at the n-th APDU, which is not done", .command = quirk_cut_apdu },
    { "power-cut-answer", VALUE_NUMBER, "the power goes at the answer of the n-th APDU", .response = quirk_cut_answer },
    { "power-cut-write", VALUE_NUMBER, "the power goes at the n-th write, which is not done",
      .power = quirk_cut_write },
    { "delay", VALUE_NUMBER, "each APDU takes n milliseconds more", .command = quirk_delay },
    /* memory */
    { "memory-full", VALUE_NONE, "no memory is left for profiles", .memory = quirk_memory_full },
    { "memory", VALUE_NUMBER, "at most n octets are free for profiles", .memory = quirk_memory },
    /* status words */
    { "sw", VALUE_STATUS, "INS/SW[/N], in hex but N: this status word for the N-th command of that instruction, or"
      " for all; INS \"any\"; an error is given instead of doing the command", .command = quirk_status_instead,
      .response = quirk_status_after },
    /* transport */
    { "always-61", VALUE_NONE, "data never come with the answer, only by GET RESPONSE", .command = quirk_always_61 },
    { "pieces", VALUE_NUMBER, "at most n octets come in one answer", .command = quirk_pieces },
    { "exact-le", VALUE_NONE, "Le 00 is answered by 6Cxx, the exact length", .command = quirk_exact_le_command,
      .response = quirk_exact_le },
    { "no-le", VALUE_NONE, "STORE DATA with Le is answered by 6700", .command = quirk_no_le },
    { "get-response-0x", VALUE_NONE, "GET RESPONSE is known in the class of the channel only",
      .command = quirk_get_response_0x },
    { "get-response-8x", VALUE_NONE, "GET RESPONSE is known in the proprietary class only",
      .command = quirk_get_response_8x },
    { "no-terminal-capability", VALUE_NONE, "TERMINAL CAPABILITY is answered by 6E00", .command = quirk_no_capability },
    { "terminal-capability-first", VALUE_NONE, "there is no ISD-R before TERMINAL CAPABILITY",
      .command = quirk_capability_first, .up = quirk_forget },
    { "no-channels", VALUE_NONE, "MANAGE CHANNEL is answered by 6881", .command = quirk_no_channels },
    { "isdr-aid", VALUE_OCTETS, "the ISD-R has this AID, in hex" },
    { "sgp02", VALUE_NONE, "a card of SGP.02: no version in the answer to SELECT, no ES10",
      .command = quirk_sgp02_command, .response = quirk_sgp02_response },
    /* changes of profiles */
    { "refresh-never", VALUE_NONE, "the refreshFlag is ignored: profiles change at once",
      .function = quirk_refresh_never },
    { "refresh-always", VALUE_NONE, "REFRESH is asked for without the refreshFlag", .function = quirk_refresh_always },
    { "switch-closes-channels", VALUE_NONE, "a change of profiles closes all channels",
      .result = quirk_closes_channels },
    { "only-aid", VALUE_NONE, "profiles are found by AID only", .function = quirk_only_aid },
    { "only-iccid", VALUE_NONE, "profiles are found by ICCID only", .function = quirk_only_iccid },
    { "busy", VALUE_NUMBER, "the first n changes of profiles are answered by catBusy", .function = quirk_busy },
    /* notifications */
    { "number-unsigned", VALUE_NONE, "sequence numbers lack the octet 00 that keeps them positive",
      .result = quirk_number_unsigned },
    { "number-long", VALUE_NONE, "sequence numbers have leading octets 00", .result = quirk_number_long },
    { "newest-first", VALUE_NONE, "notifications come with the highest number first", .result = quirk_reversed },
    { "one-by-one", VALUE_NONE, "notifications are retrieved by number only", .function = quirk_one_by_one },
    /* installation */
    { "result-held", VALUE_NONE, "the result of a failed installation is kept for the notifications; what follows is"
      " answered by 6A88", .function = quirk_after_result, .result = quirk_result_held },
    { "rules-untold", VALUE_NONE, "EUICCInfo2 does not tell forbidden policy rules", .info = quirk_rules_untold },
    { "vendor-a", VALUE_NONE, "an old card: package format 2.1, few services, 96 KiB", .memory = quirk_vendor_memory,
      .info = quirk_vendor_info, .install = quirk_vendor_install },
    { "vendor-b", VALUE_NONE, "a common card: package format 2.3, no BER-TLV files, no SUCI, 384 KiB",
      .memory = quirk_vendor_memory, .info = quirk_vendor_info, .install = quirk_vendor_install },
    { "vendor-c", VALUE_NONE, "a new card: package formats 2.3 and 3.3, every service of ours, 512 KiB",
      .memory = quirk_vendor_memory, .info = quirk_vendor_info, .install = quirk_vendor_install },
    { "boasts", VALUE_NONE, "EUICCInfo2 tells of every service and format, whatever the card then does",
      .info = quirk_boasts },
};
enum { QUIRKS = sizeof quirks / sizeof *quirks };

#define EACH(m, x) for (__typeof__(&(m)->active[0]) x = (m)->active; x < (m)->active + (m)->n; x++)

/* -------------------------------------------------------------------------- put in force */

static bool is(struct bytes w, const char *text)
{
    return bytes_equal(w, bytes_text(text));
}

static int hex_number(struct bytes text, size_t octets, uint64_t *out)
{
    struct arena *a = arena_new(256);
    struct bytes b;
    int result = a && text.n == 2 * octets ? hex_decode(a, text, &b, NULL) : -1;
    if (result == 0)
        *out = rec_value(b);
    arena_free(a);
    return result;
}

static int take_number(struct misbehaviour *x, struct bytes value)
{
    return decimal_decode(value, UINT32_MAX, &x->number[0], NULL);
}

static int take_octets(struct misbehaviour *x, struct bytes value)
{
    struct arena *a = arena_new(256);
    struct bytes b;
    int result = a && value.n <= 2 * sizeof x->octets ? hex_decode(a, value, &b, NULL) : -1;
    if (result == 0 && b.n >= 5) {
        memcpy(x->octets, b.p, b.n);
        x->n_octets = b.n;
    } else {
        result = -1;
    }
    arena_free(a);
    return result;
}

enum { INS_ANY = 0x100 };

static int take_status(struct misbehaviour *x, struct bytes value)
{
    struct bytes ins = text_word(&value, '/'), sw = text_word(&value, '/');
    x->number[0] = INS_ANY;
    if (!is(ins, "any") && hex_number(ins, 1, &x->number[0]) != 0)
        return -1;
    if (hex_number(sw, 2, &x->number[1]) != 0)
        return -1;
    return value.n ? decimal_decode(value, UINT32_MAX, &x->number[2], NULL) : 0;
}

static const struct {
    const char *what;
    int (*take)(struct misbehaviour *, struct bytes value);
} values[] = {
    [VALUE_NUMBER] = { "a number", take_number },
    [VALUE_OCTETS] = { "5 to 16 octets in hex", take_octets },
    [VALUE_STATUS] = { "INS/SW[/N]", take_status },
};

static int take(struct bytes text, struct misbehaviour *x, struct err *e)
{
    struct bytes value = text, name = text_word(&value, '=');
    *x = (struct misbehaviour){ 0 };
    for (size_t i = 0; i < QUIRKS; i++)
        if (is(name, quirks[i].name))
            x->quirk = &quirks[i];
    if (!x->quirk)
        return err_set(e, ERR_USAGE, NULL, "no misbehaviour is called \"%.*s\"; next: rsp-euicc quirks",
                       (int)name.n, name.p);
    if (x->quirk->value == VALUE_NONE)
        return name.n == text.n ? 0 : err_set(e, ERR_USAGE, NULL, "%s takes no value", x->quirk->name);
    return values[x->quirk->value].take(x, value) == 0 ? 0 : err_set(e, ERR_USAGE, NULL, "%s=%s is expected",
                                                                      x->quirk->name, values[x->quirk->value].what);
}

static int put(struct misbehave *m, const struct misbehaviour *x, struct err *e)
{
    EACH(m, old)
        if (old->quirk == x->quirk) {
            *old = *x;
            return 0;
        }
    if (m->n == MISBEHAVE_MAX)
        return err_set(e, ERR_USAGE, NULL, "at most %d misbehaviours at once; next: end them with \"none\"",
                       MISBEHAVE_MAX);
    m->active[m->n++] = *x;
    return 0;
}

int misbehave_add(struct misbehave *m, struct bytes text, struct err *e)
{
    struct misbehave new = *m;
    struct misbehaviour x;
    do {
        struct bytes one = text_word(&text, ',');
        if (is(one, "none"))
            new.n = 0;
        else if (take(one, &x, e) != 0 || put(&new, &x, e) != 0)
            return -1;
    } while (text.n);
    *m = new;
    return 0;
}

void misbehave_describe(const struct misbehave *m, struct buf *out)
{
    EACH(m, x)
        buf_printf(out, "%-26s %s\n", x->quirk->name, x->quirk->what);
    if (m->n == 0)
        buf_text(out, "the card behaves\n");
}

void misbehave_help(struct buf *out)
{
    static const char *const shown[] = { [VALUE_NONE] = "", [VALUE_NUMBER] = "=N", [VALUE_OCTETS] = "=HEX",
                                         [VALUE_STATUS] = "=.." };
    for (size_t i = 0; i < QUIRKS; i++)
        buf_printf(out, "  %s%-*s %s\n", quirks[i].name, (int)(26 - strlen(quirks[i].name)), shown[quirks[i].value],
                   quirks[i].what);
}

unsigned quirk_sw(struct bytes response)
{
    return response.n < 2 ? 0 : (unsigned)response.p[response.n - 2] << 8 | response.p[response.n - 1];
}

struct bytes quirk_status(struct arena *a, unsigned sw)
{
    return rec_number(a, sw, 2);
}

/* ------------------------------------------------------------------- points of the card */

static int append(void *context, struct bytes octets, struct err *e)
{
    struct misbehave *m = context;
    EACH(m, x)
        if (!m->dead && x->quirk->power && !x->quirk->power(x))
            m->dead = true;
    return m->dead ? err_set(e, ERR_IO, NULL, "the power is gone") : m->real.append(m->real.context, octets, e);
}

static int truncate_to(void *context, size_t octets, struct err *e)
{
    struct misbehave *m = context;
    return m->dead ? err_set(e, ERR_IO, NULL, "the power is gone") : m->real.truncate(m->real.context, octets, e);
}

static int barrier(void *context, struct err *e)
{
    struct misbehave *m = context;
    return m->dead ? err_set(e, ERR_IO, NULL, "the power is gone") : m->real.barrier(m->real.context, e);
}

static int replace(void *context, struct bytes all, struct err *e)
{
    struct misbehave *m = context;
    return m->dead ? err_set(e, ERR_IO, NULL, "the power is gone") : m->real.replace(m->real.context, all, e);
}

static int load(void *context, struct arena *a, struct bytes *all, struct err *e)
{
    struct misbehave *m = context;
    return m->real.load(m->real.context, a, all, e);
}

struct nvm misbehave_power_up(struct misbehave *m, const struct nvm *real)
{
    if (!m)
        return *real;
    m->dead = false;
    m->real = *real;
    EACH(m, x)
        if (x->quirk->up)
            x->quirk->up(x);
    return (struct nvm){ load, append, truncate_to, barrier, replace, m };
}

bool misbehave_command(struct euicc *card, struct arena *a, struct bytes *command, struct bytes *response)
{
    struct misbehave *m = card->env.misbehave;
    struct quirk_call call = { .card = card, .all = m, .arena = a, .command = *command };
    bool answered = false;
    if (!m)
        return false;
    EACH(m, x)
        if (!m->dead && !answered && x->quirk->command)
            answered = x->quirk->command(x, &call);
    *command = call.command;
    *response = m->dead ? BYTES_LIT("") : call.response;
    return answered || m->dead;
}

void misbehave_response(struct euicc *card, struct arena *a, struct bytes command, struct bytes *response)
{
    struct misbehave *m = card->env.misbehave;
    struct quirk_call call = { .card = card, .all = m, .arena = a, .command = command, .response = *response };
    if (!m)
        return;
    EACH(m, x)
        if (!m->dead && x->quirk->response)
            x->quirk->response(x, &call);
    *response = m->dead ? BYTES_LIT("") : call.response;
}

unsigned misbehave_function(struct euicc *card, struct arena *a, uint32_t tag, struct bytes *command, struct buf *out)
{
    struct misbehave *m = card->env.misbehave;
    struct quirk_call call = { .card = card, .all = m, .arena = a, .tag = tag, .command = *command };
    if (!m)
        return 0;
    EACH(m, x)
        if (x->quirk->function && x->quirk->function(x, &call)) {
            buf_add(out, call.response);
            return call.sw;
        }
    *command = call.command;
    return 0;
}

unsigned misbehave_result(struct euicc *card, struct arena *a, uint32_t tag, unsigned sw, struct buf *out)
{
    struct misbehave *m = card->env.misbehave;
    struct quirk_call call = { .card = card, .all = m, .arena = a, .tag = tag, .sw = sw };
    if (!m)
        return sw;
    call.response = buf_bytes(out);
    EACH(m, x)
        if (x->quirk->result)
            x->quirk->result(x, &call);
    struct bytes response = arena_copy(a, call.response);
    out->n = 0;
    buf_add(out, response);
    return call.sw;
}

struct bytes misbehave_isdr(const struct misbehave *m, struct bytes aid)
{
    for (size_t i = 0; m && i < m->n; i++)
        if (m->active[i].n_octets)
            return bytes_make(m->active[i].octets, m->active[i].n_octets);
    return aid;
}

size_t misbehave_memory(const struct misbehave *m, size_t free)
{
    for (size_t i = 0; m && i < m->n; i++)
        if (m->active[i].quirk->memory)
            free = m->active[i].quirk->memory(&m->active[i], free);
    return free;
}

void misbehave_info2(const struct misbehave *m, struct arena *a, struct rsp_EUICCInfo2 *info)
{
    for (size_t i = 0; m && i < m->n; i++)
        if (m->active[i].quirk->info)
            m->active[i].quirk->info(&m->active[i], a, info);
}

int64_t misbehave_install(const struct misbehave *m, struct arena *a, const struct saip_package *p)
{
    int64_t status = 0;
    for (size_t i = 0; m && i < m->n; i++)
        if (!status && m->active[i].quirk->install)
            status = m->active[i].quirk->install(&m->active[i], a, p);
    return status;
}
