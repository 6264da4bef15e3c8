/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/profile_check.h"

#include <stdio.h>

#include "base/cli.h"
#include "base/json.h"

/* --------------------------------------------------------------------------- findings */

/* Text of one kind of finding, as the rules tell them. */
struct report {
    struct buf errors, warnings;
    bool json, first;
};

static const char *severity_of(const struct saip_rule *r)
{
    return r->verdict == SAIP_WARNS ? "warning" : r->view == SAIP_CARD ? "refused" : "error";
}

static void member(struct buf *out, const char *name, const char *text, bool *first)
{
    json_name(out, name, first);
    json_string(out, bytes_text(text));
}

static void number(struct buf *out, const char *name, long long value, bool *first)
{
    json_name(out, name, first);
    buf_printf(out, "%lld", value);
}

static void place_json(struct buf *out, const struct saip_fault *f, bool *first)
{
    if (f->element) {
        number(out, "element", (long long)f->element, first);
        member(out, "kind", f->kind, first);
        number(out, "offset", (long long)f->offset, first);
    }
    if (f->identification >= 0)
        number(out, "identification", f->identification, first);
    if (f->member)
        member(out, "member", f->member, first);
    if (f->expected)
        member(out, "expected", f->expected, first);
}

static void finding_json(struct buf *out, const struct saip_finding *f, bool first_of_all)
{
    bool first = true;
    buf_text(out, first_of_all ? "{" : ",{");
    member(out, "severity", severity_of(f->rule), &first);
    member(out, "rule", f->rule->name, &first);
    member(out, "clause", f->fault.clause, &first);
    place_json(out, &f->fault, &first);
    member(out, "found", f->fault.found, &first);
    member(out, "next", f->rule->next, &first);
    buf_text(out, "}");
}

static void take(void *context, const struct saip_finding *f)
{
    struct report *r = context;
    struct buf *out = r->json || f->rule->verdict != SAIP_WARNS ? &r->errors : &r->warnings;
    char place[SAIP_PLACE_TEXT];
    if (r->json) {
        finding_json(out, f, r->first);
        r->first = false;
        return;
    }
    const struct saip_fault *fault = &f->fault;
    buf_printf(out, "%s: %s", severity_of(f->rule), f->rule->name);
    if (fault->expected)
        buf_printf(out, "\n  at: %s\n  expected: %s [%s]\n  found: %s\n", saip_fault_place(fault, place, sizeof place),
                   fault->expected, fault->clause, fault->found);
    else
        buf_printf(out, ": %s [%s]\n", fault->found, fault->clause);
    buf_printf(out, "  next: %s\n", f->rule->next);
}

static int print(struct report *r, struct err *e)
{
    const char *errors = buf_str(&r->errors), *warnings = buf_str(&r->warnings);
    if (!errors || !warnings)
        return err_set(e, ERR_MEMORY, NULL, "no memory for the findings");
    printf("%s%s", errors, warnings);
    return 0;
}

static struct report report_begin(struct arena *a, bool json)
{
    struct report r = { .errors = buf_in(a), .warnings = buf_in(a), .json = json, .first = true };
    if (json)
        buf_text(&r.errors, "{\"findings\":[");
    return r;
}

/* -------------------------------------------------------------------------- the package */

static int made_print(struct arena *a, const struct saip_package *p, struct err *e)
{
    struct saip_image *image = arena_alloc(a, sizeof *image);
    struct saip_result *result = arena_alloc(a, sizeof *result);
    if (!image || !result)
        return err_set(e, ERR_MEMORY, NULL, "no memory for the package");
    if (saip_interpret(a, p, image, result) == 0)
        printf("%zu elements, %zu files of %zu octets, %zu PINs, authentication keys: %zu\n", p->n, image->n_files,
               image->octets, image->n_pins, image->n_akas);
    return 0;
}

int profile_check(struct arena *a, const struct profile_check *c, const struct saip_package *p, struct err *e)
{
    struct report r = report_begin(a, c->json);
    struct saip_checked done;
    if (saip_check(a, p, (struct saip_sink){ take, &r }, &done, e) != 0)
        return -1;
    if (c->json)
        buf_printf(&r.errors, "],\"errors\":%zu,\"warnings\":%zu,\"asked\":%zu,\"skipped\":%zu}\n", done.errors,
                   done.warnings, done.asked, done.skipped);
    if (print(&r, e) != 0 || (!c->json && made_print(a, p, e) != 0))
        return -1;
    if (!c->json && done.skipped)
        printf("%zu of %zu rules were not asked: they look at what the elements make, which the errors hide\n",
               done.skipped, done.asked + done.skipped);
    if (!c->json)
        printf("%s: %zu error%s, %zu warning%s by %zu rules\n", c->path, done.errors, done.errors == 1 ? "" : "s",
               done.warnings, done.warnings == 1 ? "" : "s", done.asked);
    return done.errors ? EXIT_REFUSED : EXIT_DONE;
}

/* ----------------------------------------------------------------------------- the card */

int profile_check_card(struct arena *a, const struct profile_check *c, const struct saip_package *p,
                       const struct saip_card *card, struct err *e)
{
    const struct saip_policy policy = { 0 };
    struct report r = report_begin(a, c->json);
    struct saip_checked done;
    struct saip_needs needs;
    if (saip_needs_of(a, p, &needs, e) != 0)
        return -1;
    saip_check_card(&needs, card, &policy, (struct saip_sink){ take, &r }, &done);
    if (c->json)
        buf_printf(&r.errors, "],\"refused\":%zu,\"warnings\":%zu}\n", done.errors, done.warnings);
    if (print(&r, e) != 0)
        return -1;
    if (!c->json)
        printf("%s %s: %zu refused, %zu warnings\n", c->path,
               done.errors ? "does not suit the card" : "suits the card", done.errors, done.warnings);
    return done.errors ? EXIT_REFUSED : EXIT_DONE;
}

/* ---------------------------------------------------------------------------- the rules */

int profile_rules(struct arena *a, bool json, struct err *e)
{
    struct buf out = buf_in(a);
    for (size_t i = 0; i < saip_rules_count; i++) {
        const struct saip_rule *r = &saip_rules[i];
        bool first = true;
        if (!json) {
            buf_printf(&out, "| %s | %s | %s | %s |\n", r->name, severity_of(r), r->clause, r->next);
            continue;
        }
        buf_text(&out, i ? ",{" : "[{");
        member(&out, "rule", r->name, &first);
        member(&out, "severity", severity_of(r), &first);
        member(&out, "clause", r->clause, &first);
        member(&out, "next", r->next, &first);
        buf_text(&out, "}");
    }
    const char *text = buf_str(&out);
    if (!text)
        return err_set(e, ERR_MEMORY, NULL, "no memory for the list");
    printf("%s%s", text, json ? "]\n" : "");
    return 0;
}
