/* Inside lib/saip: what the functions of rules.c see, and how they tell what they find.
 *
 * They may be given anything that decodes, elements in any order and number included.
 */
#ifndef RSPKIT_SAIP_LOOK_H
#define RSPKIT_SAIP_LOOK_H

#include "saip/rules.h"

/* Where something is: element 0 is the package as a whole. */
struct saip_place {
    size_t element;     /* number, from 1 */
    const char *member; /* or NULL */
    struct bytes part;  /* of the element's octets, or absent */
};

/* One file that an element describes. */
struct saip_use {
    struct saip_place at;
    const struct saip_ProfileElement *pe;
    const struct saip_template_file *row; /* NULL: generic file management, or no row in this template */
    const struct saip_template *template; /* NULL: generic file management */
    const struct saip_Fcp *fcp;           /* NULL: the file is named without one */
    const struct saip_File *file;         /* the whole member; NULL: generic file management */
    enum saip_file_type type;
    bool link; /* a linkPath that leads somewhere */
};

struct saip_look {
    struct arena *arena;
    const struct saip_package *package;
    const struct saip_image *image; /* NULL: it can't be interpreted */
    const struct saip_result *result; /* of the interpretation */
    const struct saip_use *uses;
    size_t n_uses;
    /* of a card */
    const struct saip_needs *needs;
    const struct saip_card *card;
    const struct saip_policy *policy;
    /* the rule being asked */
    const struct saip_rule *rule;
    struct saip_sink sink;
    size_t *failed_elements; /* finding of SAIP_FAULTY by element: how many; [0] the package as a whole */
    size_t found;            /* findings of this rule so far */
};

/* Tells what was expected there and, by the format, what was found. */
void saip_found(struct saip_look *, struct saip_place, const char *expected, const char *found, ...)
    __attribute__((format(printf, 4, 5)));
/* Of a card: a sentence. */
void saip_says(struct saip_look *, const char *sentence, ...) __attribute__((format(printf, 2, 3)));

static inline struct saip_place saip_file_place(const struct saip_file *f)
{
    return (struct saip_place){ .element = f->element, .member = f->member };
}

/* The body as octets: of a link its target's, absent if that is not there. */
static inline struct bytes saip_body(const struct saip_file *f)
{
    return saip_is_df(f) || !f->body ? BYTES_NONE : bytes_make(f->body, f->size);
}

/* The package's header, if it begins with one; and the version that it tells, UINT32_MAX without. */
const struct saip_ProfileHeader *saip_look_header(const struct saip_look *);
uint32_t saip_look_version(const struct saip_look *);

/* Number from a big-endian octet string of at most four octets that count. */
uint32_t saip_number(struct bytes);

/* A key that everybody guesses: one octet again and again, or counted up. */
bool saip_is_placeholder(struct bytes key);

/* What elements make. */
enum saip_makes {
    SAIP_MAKES_MF = 1,
    SAIP_MAKES_USIM = 2,
    SAIP_MAKES_ISIM = 4,
    SAIP_MAKES_CSIM = 8,
    SAIP_MAKES_DF = 16,
    SAIP_MAKES_IOT = 32,
    SAIP_MAKES_NAA = SAIP_MAKES_USIM | SAIP_MAKES_ISIM | SAIP_MAKES_CSIM,
};
unsigned saip_makes(const struct saip_ProfileElement *);

typedef void saip_check_all(struct saip_look *);
typedef void saip_check_use(struct saip_look *, const struct saip_use *);
typedef void saip_check_file(struct saip_look *, const struct saip_file *);

/* check_order.c: elements, their order, services and templates */
saip_check_all saip_check_header, saip_check_end, saip_check_version, saip_check_kind_of_profile, saip_check_mf,
    saip_check_order, saip_check_once, saip_check_identification, saip_check_puk_place, saip_check_domain_first,
    saip_check_domain_late, saip_check_pin_context, saip_check_pol, saip_check_installs, saip_check_our_card;
/* check_services.c */
saip_check_all saip_check_service_unlisted, saip_check_service_unused, saip_check_template_unlisted,
    saip_check_template_unused, saip_check_template_known, saip_check_template_kind, saip_check_template_version;
saip_check_file saip_check_suci_schemes;
/* check_fcp.c */
saip_check_use saip_check_member, saip_check_content_given, saip_check_do_not_create, saip_check_fcp_ef,
    saip_check_fcp_df, saip_check_fcp_adf, saip_check_fcp_link, saip_check_gfm_any, saip_check_gfm_directory,
    saip_check_gfm_ef, saip_check_gfm_link, saip_check_descriptor_length, saip_check_descriptor_coding,
    saip_check_descriptor_byte, saip_check_descriptor_record, saip_check_descriptor_type, saip_check_template_fid,
    saip_check_sfi_coding, saip_check_special, saip_check_patterns, saip_check_ber_tlv_offset,
    saip_check_ber_tlv_pattern, saip_check_arr_form, saip_check_lcsi, saip_check_minimal, saip_check_short_size,
    saip_check_records, saip_check_record_count, saip_check_pst_form, saip_check_pattern_kept, saip_check_high_update;
/* check_files.c */
saip_check_file saip_check_link, saip_check_sfi_unique, saip_check_arr_record, saip_check_arr_coding,
    saip_check_arr_pin, saip_check_pin_status, saip_check_ber_tlv_objects;
/* check_codes.c */
saip_check_all saip_check_pin_scope, saip_check_pin_once, saip_check_puk_once, saip_check_puk_exists,
    saip_check_retries, saip_check_pin_digits, saip_check_puk_digits, saip_check_aka_key, saip_check_aka_opc,
    saip_check_sqn, saip_check_placeholder, saip_check_format_20;
/* check_modules.c */
saip_check_all saip_check_mno_only, saip_check_mno_extradition, saip_check_domain_state, saip_check_key_once,
    saip_check_component_once, saip_check_key_version, saip_check_key_length, saip_check_placeholder_ota,
    saip_check_tar_once, saip_check_tar_range, saip_check_rfm_tar, saip_check_security_level;
/* check_content.c */
saip_check_all saip_check_iccid_header, saip_check_iccid_luhn;
saip_check_file saip_check_iccid_file, saip_check_iccid_same, saip_check_dir_coding, saip_check_dir_aid,
    saip_check_dir_adf, saip_check_imsi, saip_check_ad, saip_check_hplmn, saip_check_acc, saip_check_spn,
    saip_check_plmn, saip_check_est, saip_check_services_files, saip_check_naa_files;

/* suits.c: the rules of cards */
saip_check_all saip_card_field_test, saip_card_policy_rule, saip_card_test_profile, saip_card_format_major,
    saip_card_format_minor, saip_card_template_demanded, saip_card_template_used, saip_card_service,
    saip_card_service_used, saip_card_runtime, saip_card_df_5gs, saip_card_get_identity, saip_card_additional_profile,
    saip_card_nvm, saip_card_ram;

#endif
