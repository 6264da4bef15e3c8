/* Inside lib/saip: what well-known files say.  The rows of contents.c name the clause of each decoder. */
#ifndef RSPKIT_SAIP_DECODERS_H
#define RSPKIT_SAIP_DECODERS_H

#include "saip/contents.h"

/* decode_subscriber.c: who it is, whom to call, which services */
saip_decoder decode_iccid, decode_languages, decode_directory, decode_power, decode_imsi, decode_provider,
    decode_access_classes, decode_search_period, decode_administrative, decode_emergency, decode_dialling,
    decode_usim_services, decode_isim_services, decode_enabled_services, decode_message_parameters, decode_message,
    decode_message_status, decode_broadcast, decode_broadcast_ranges, decode_access_points, decode_last_network,
    decode_equivalent_home, decode_session_keys, decode_session_key_gsm, decode_menu_title;

/* decode_network.c: networks, where the device was, 5G, IMS */
saip_decoder decode_networks_with_technology, decode_networks, decode_network_names, decode_operator_list,
    decode_operator_list_5g, decode_display_list, decode_location_cs, decode_location_ps, decode_location_eps,
    decode_location_5gs, decode_concealment, decode_routing, decode_identities, decode_object_text, decode_proxy;

/* ------------------------------------------------------------------ decode_words.c: for decoders */

/* ", " or the end of a line, before what is not the first. */
void words_comma(struct buf *out);
void words_item(struct buf *out);
/* "262-01" of three octets; D is any digit (TS 31.102 4.2.59), "*".  False if it is no PLMN. */
bool words_plmn(struct buf *out, struct bytes);
/* A text in quotes, nothing if it is empty. */
void words_quoted(struct buf *out, void (*alphabet)(struct buf *, struct bytes), struct bytes text);
/* The names of bits that are set, from the lowest on; bits without a name in hex. */
void words_bits(struct buf *out, unsigned value, const char *const *names, size_t n);
#define WORDS_BITS(out, value, names) words_bits(out, value, names, sizeof names / sizeof *names)
/* Items of `size` octets: each is written by `one`, those of FF are left out; "empty" if all are. */
bool words_list(struct buf *out, struct bytes, size_t size, bool (*one)(struct buf *, struct bytes));
/* A telephone number of packed digits behind type and plan (TS 24.008 10.5.4.7). */
void words_number(struct buf *out, uint8_t type, struct bytes);

#endif
