/* SPDX-License-Identifier: Apache-2.0 */
/* service.h: what systemd is told; nothing happens where there is no systemd. */
#pragma once

#include "base/defs.h"

void service_ready(const char *status);
void service_reloading(void);
void service_reloaded(void); /* well or not: the reload is over */
void service_stopping(void);
void service_alive(void);

/* How often systemd wants to see service_alive(), in ms; 0 = never. */
int64_t service_watchdog_ms(void);
