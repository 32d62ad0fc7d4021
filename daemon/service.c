/* SPDX-License-Identifier: Apache-2.0 */
/* service.c: see service.h. sd_notify() sends one datagram and never waits for an answer. */
#include "service.h"

#include "base/clock.h"

#include <inttypes.h>
#include <stdio.h>

#ifdef HAVE_LIBSYSTEMD
#include <systemd/sd-daemon.h>

static void tell(const char *what)
{
	(void)sd_notify(0, what);
}

int64_t service_watchdog_ms(void)
{
	uint64_t usec = 0;
	return sd_watchdog_enabled(0, &usec) > 0 ? (int64_t)(usec / 1000) : 0;
}
#else
static void tell(const char *what)
{
	(void)what;
}

int64_t service_watchdog_ms(void)
{
	return 0;
}
#endif

void service_ready(const char *status)
{
	char text[256];
	(void)snprintf(text, sizeof text, "READY=1\nSTATUS=%s", status);
	tell(text);
}

void service_reloading(void)
{
	char text[64];
	(void)snprintf(text, sizeof text, "RELOADING=1\nMONOTONIC_USEC=%" PRId64, clock_mono_us());
	tell(text);
}

void service_reloaded(void)
{
	tell("READY=1");
}

void service_stopping(void)
{
	tell("STOPPING=1\nSTATUS=delivering what is under way");
}

void service_alive(void)
{
	tell("WATCHDOG=1");
}
