/* SPDX-License-Identifier: Apache-2.0 */
/*
 * alerts.h: a notification as the body of POST /api/v2/alerts (its OpenAPI
 * document: postableAlerts): one alert for each event that is a state of things. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <yankwatch/notifier.h>

struct alerts {
	char *body;      /* JSON; the caller frees it with free() */
	size_t n;        /* alerts in it */
	size_t standing; /* of these: no later event took them back */
};

/*
 * Alerts that nothing took back end at `until` (RFC 3339). `link` may be NULL.
 * False: out of memory, and nothing to free.
 */
bool alerts_make(const struct yw_message *message, const char *until, const char *link, struct alerts *ret);
