/* SPDX-License-Identifier: Apache-2.0 */
#include "lpa/pcsc.h"

#include <PCSC/winscard.h>
#include <string.h>

static const struct {
    LONG code;
    const char *what, *next;
} failures[] = {
    { SCARD_E_NO_SERVICE, "no PC/SC service runs here", "start pcscd" },
    { SCARD_E_SERVICE_STOPPED, "the PC/SC service has ended", "start pcscd" },
    { SCARD_E_NO_READERS_AVAILABLE, "there is no reader", "connect one, or give the card's socket with --card" },
    { SCARD_E_UNKNOWN_READER, "there is no such reader", "rsp-lpa readers" },
    { SCARD_E_READER_UNAVAILABLE, "the reader has gone", "connect it again" },
    { SCARD_E_NO_SMARTCARD, "no card is in the reader", "put the card in" },
    { SCARD_W_REMOVED_CARD, "the card was taken out", "put it in again" },
    { SCARD_W_UNPOWERED_CARD, "the card has no power", "take it out and put it in again" },
    { SCARD_W_UNRESPONSIVE_CARD, "the card does not answer to reset", "check how it lies in the reader" },
    { SCARD_W_UNSUPPORTED_CARD, "the reader cannot speak to this card", "try another reader" },
    { SCARD_W_RESET_CARD, "another program has reset the card", "end that program and start again" },
    { SCARD_E_SHARING_VIOLATION, "another program uses the card", "end that program" },
    { SCARD_E_NOT_TRANSACTED, "the card did not answer", "take it out and put it in again" },
    { SCARD_F_COMM_ERROR, "the connection to the card broke", "take it out and put it in again" },
    { SCARD_W_SECURITY_VIOLATION, "PC/SC does not let this user use cards", "ask who runs this machine" },
};

static int failed(LONG code, struct err *e)
{
    for (size_t i = 0; i < sizeof failures / sizeof *failures; i++)
        if (failures[i].code == code)
            return err_set(e, ERR_IO, NULL, "%s; next: %s", failures[i].what, failures[i].next);
    return err_set(e, ERR_IO, NULL, "PC/SC: %s", pcsc_stringify_error(code));
}

int pcsc_start(struct pcsc *p, struct err *e)
{
    SCARDCONTEXT context;
    *p = (struct pcsc){ 0 };
    LONG code = SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &context);
    if (code != SCARD_S_SUCCESS)
        return failed(code, e);
    p->context = context;
    return 0;
}

void pcsc_end(struct pcsc *p)
{
    pcsc_disconnect(p, false);
    if (p->context)
        SCardReleaseContext(p->context);
    p->context = 0;
}

static bool has_card(struct pcsc *p, const char *name)
{
    SCARD_READERSTATE state = { .szReader = name, .dwCurrentState = SCARD_STATE_UNAWARE };
    return SCardGetStatusChange(p->context, 0, &state, 1) == SCARD_S_SUCCESS &&
           (state.dwEventState & SCARD_STATE_PRESENT);
}

int pcsc_list(struct pcsc *p, struct arena *a, struct pcsc_reader out[PCSC_READERS_MAX], size_t *n, struct err *e)
{
    DWORD size = 0;
    *n = 0;
    LONG code = SCardListReaders(p->context, NULL, NULL, &size);
    char *names = code == SCARD_S_SUCCESS ? arena_alloc(a, size) : NULL;
    if (names)
        code = SCardListReaders(p->context, NULL, names, &size);
    if (code != SCARD_S_SUCCESS)
        return failed(code, e);
    if (!names)
        return err_set(e, ERR_MEMORY, NULL, "no memory for the names of the readers");
    for (const char *name = names; name < names + size && *name && *n < PCSC_READERS_MAX; name += strlen(name) + 1)
        out[(*n)++] = (struct pcsc_reader){ name, has_card(p, name) };
    return 0;
}

int pcsc_connect(struct pcsc *p, const char *reader, struct err *e)
{
    SCARDHANDLE card;
    DWORD protocol;
    LONG code = SCardConnect(p->context, reader, SCARD_SHARE_SHARED, SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1, &card,
                             &protocol);
    if (code == SCARD_S_SUCCESS) {
        p->card = card;
        p->protocol = protocol;
        code = SCardBeginTransaction(card);
    }
    if (code == SCARD_S_SUCCESS)
        return 0;
    pcsc_disconnect(p, false);
    failed(code, e);
    return err_at(e, "%s", reader);
}

void pcsc_disconnect(struct pcsc *p, bool reset)
{
    if (p->card) {
        SCardEndTransaction(p->card, SCARD_LEAVE_CARD);
        SCardDisconnect(p->card, reset ? SCARD_RESET_CARD : SCARD_LEAVE_CARD);
    }
    p->card = 0;
}

/* Case 4 is CLA INS P1 P2 Lc, Lc octets, Le. */
static struct bytes as_tpdu(const struct pcsc *p, struct bytes command)
{
    bool case_4 = command.n > 5 && command.p[4] && command.n == 6u + command.p[4];
    return p->protocol == SCARD_PROTOCOL_T0 && case_4 ? bytes_slice(command, 0, command.n - 1) : command;
}

int pcsc_transmit(struct pcsc *p, struct arena *a, struct bytes command, struct bytes *response, struct err *e)
{
    const SCARD_IO_REQUEST *how = p->protocol == SCARD_PROTOCOL_T0 ? SCARD_PCI_T0 : SCARD_PCI_T1;
    uint8_t answer[MAX_BUFFER_SIZE];
    DWORD n = sizeof answer;
    struct bytes tpdu = as_tpdu(p, command);
    LONG code = SCardTransmit(p->card, how, tpdu.p, tpdu.n, NULL, answer, &n);
    if (code == SCARD_S_SUCCESS && n == 0)
        code = SCARD_E_NOT_TRANSACTED; /* so pcscd tells of a card that is pulled out while it works */
    if (code != SCARD_S_SUCCESS)
        return failed(code, e);
    *response = arena_copy(a, bytes_make(answer, n));
    return response->p ? 0 : err_set(e, ERR_MEMORY, NULL, "no memory for an answer");
}
