/* SPDX-License-Identifier: Apache-2.0 */
/* span.h: lengths of time as the configuration writes them, and moments as RFC 3339 does. Pure. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#define SPAN_TIME_MAX 32 /* bytes of "2026-11-21T09:30:00Z" and more */

/* "30s", "10m", "2h", "7d" as seconds; 0: it is none of these, or too long to count. */
int64_t span_parse(const char *text);

/* UTC, whole seconds. Returns ret_text. */
const char *span_format(time_t at, char ret_text[SPAN_TIME_MAX]);

/* What span_format() writes; false for anything else. */
bool span_parse_time(const char *text, time_t *ret);
