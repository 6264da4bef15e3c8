/* A configuration with every kind of value and of section, for tests and for the fuzzer. */
#ifndef RSPKIT_TESTS_CONFIG_EXAMPLE_H
#define RSPKIT_TESTS_CONFIG_EXAMPLE_H

#include "server/config.h"

enum { HOSTS_MAX = 4, INTERFACES_MAX = 2, LISTENERS_MAX = 2, CERTIFICATES_MAX = 2 };

struct example_certificates {
    const char *name, *folder;
};

struct example_listener {
    const char *name;
    struct config_address listen;
    const char *interfaces[INTERFACES_MAX];
    size_t n_interfaces;
    const struct example_certificates *certificates;
    bool plain;
};

struct example_server {
    const char *data, *title, *peer, *list, *addresses[HOSTS_MAX], *labels[HOSTS_MAX];
    size_t n_addresses, n_labels;
    int64_t workers, session;
    int log;
};

struct example_limits {
    int64_t attempts;
};

struct example {
    struct example_server server;
    struct example_limits limits;
    struct example_listener listeners[LISTENERS_MAX];
    size_t n_listeners;
    struct example_certificates certificates[CERTIFICATES_MAX];
    size_t n_certificates;
};

static const char *const example_levels[] = { "errors", "requests", "everything", NULL };
static const char *const example_interfaces[] = { "es2", "es9", NULL };

static const struct config_key example_server[] = {
    { "data", CONFIG_PATH_AT(struct example_server, data), .required = true, .help = "The folder of the database." },
    { "addresses", CONFIG_HOSTS_AT(struct example_server, addresses, n_addresses), .required = true,
      .help = "The names that devices know this server by.\nThe first one is the main one." },
    { "title", CONFIG_TEXT_AT(struct example_server, title), .min = 2, .max = 8, .fallback = "Sample",
      .help = "What the server calls itself." },
    { "peer", CONFIG_HOST_AT(struct example_server, peer), .help = "The server to tell of events." },
    { "list", CONFIG_PLACE_AT(struct example_server, list), .help = "Where a list is." },
    { "labels", CONFIG_WORDS_AT(struct example_server, labels, n_labels), .fallback = "a;1, b#2",
      .help = "Free words." },
    { "workers", CONFIG_NUMBER_AT(struct example_server, workers), .min = 1, .max = 64, .fallback = "8",
      .help = "Threads that answer." },
    { "session-time", CONFIG_DURATION_AT(struct example_server, session), .min = 60, .max = 86400, .fallback = "10m",
      .help = "How long a session waits for its next message." },
    { "log", CONFIG_CHOICE_AT(struct example_server, log), .choices = example_levels, .fallback = "requests",
      .help = "What is logged." },
    { NULL },
};

static const struct config_key example_limits[] = {
    { "attempts", CONFIG_NUMBER_AT(struct example_limits, attempts), .fallback = "3", .help = "Attempts." },
    { NULL },
};

static const struct config_key example_listener[] = {
    { "listen", CONFIG_ADDRESS_AT(struct example_listener, listen), .required = true, .help = "Where it listens." },
    { "interfaces", CONFIG_WORDS_AT(struct example_listener, interfaces, n_interfaces), .choices = example_interfaces,
      .fallback = "es9", .help = "What is served." },
    { "certificates",
      CONFIG_REFERENCE_AT(struct example_listener, certificates, struct example_certificates, "certificates"),
      .help = "Whose certificate is shown." },
    { "plain", CONFIG_YES_NO_AT(struct example_listener, plain), .fallback = "no", .help = "Without TLS." },
    { NULL },
};

static const struct config_key example_certificates[] = {
    { "folder", CONFIG_PATH_AT(struct example_certificates, folder), .required = true, .help = "Where they are." },
    { NULL },
};

static inline int example_check(const void *item, struct err *e)
{
    const struct example_listener *l = item;
    return l->plain && l->certificates ? err_set(e, ERR_VALUE, NULL, "plain = yes and certificates exclude each other")
                                       : 0;
}

static const struct config_section example_sections[] = {
    { "server", .required = true, CONFIG_SINGLE(struct example, server), .keys = example_server,
      .help = "The server." },
    { "limits", CONFIG_SINGLE(struct example, limits), .keys = example_limits, .help = "Limits." },
    { "listener", .required = true,
      CONFIG_NAMED(struct example, listeners, n_listeners, struct example_listener, name), .sample_name = "public",
      .keys = example_listener, .check = example_check, .help = "A place where requests come in." },
    { "certificates", CONFIG_NAMED(struct example, certificates, n_certificates, struct example_certificates, name),
      .sample_name = "p256", .keys = example_certificates, .help = "Keys and certificates." },
    { NULL },
};

static const struct config_table example_table = { example_sections, "What the example reads at its start." };

#endif
