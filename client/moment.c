/* SPDX-License-Identifier: Apache-2.0 */
/* moment.c: see moment.h. */
#include "moment.h"

#include "base/clock.h"
#include "base/numbers.h"

#include <time.h>

static bool parse_local(const char *text, int64_t *ret_wall_ms)
{
	static const char *const forms[] = {"%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d"};

	for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
		struct tm tm = {.tm_isdst = -1};
		const char *rest = strptime(text, forms[i], &tm);
		if (!rest || *rest)
			continue;
		*ret_wall_ms = (int64_t)mktime(&tm) * 1000;
		return true;
	}
	return false;
}

bool moment_parse(const char *text, enum moment_span span, int64_t *ret_wall_ms)
{
	int64_t now = clock_wall_ms();
	int64_t ms;

	if (!duration_parse_ms(text, &ms))
		return parse_local(text, ret_wall_ms) || time_parse_rfc3339(text, ret_wall_ms);
	if (span == MOMENT_FROM_NOW)
		*ret_wall_ms = ms < INT64_MAX - now ? now + ms : INT64_MAX;
	else
		*ret_wall_ms = ms < now ? now - ms : 0;
	return true;
}
