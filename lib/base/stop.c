/* SPDX-License-Identifier: Apache-2.0 */
#include "base/stop.h"

#include <stddef.h>

static volatile sig_atomic_t asked;

static void on_signal(int number)
{
    (void)number;
    asked = 1;
}

void stop_begin(sigset_t *waiting)
{
    const struct sigaction action = { .sa_handler = on_signal };
    sigset_t ours;
    sigemptyset(&ours);
    sigaddset(&ours, SIGINT);
    sigaddset(&ours, SIGTERM);
    sigprocmask(SIG_BLOCK, &ours, waiting);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

bool stop_asked(void)
{
    return asked;
}

void stop_end(const sigset_t *waiting)
{
    sigprocmask(SIG_SETMASK, waiting, NULL);
}
