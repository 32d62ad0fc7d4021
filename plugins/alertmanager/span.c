/* SPDX-License-Identifier: Apache-2.0 */
/* span.c: see span.h. */
#include "span.h"

#include <string.h>

#define TIME_FORMAT "%Y-%m-%dT%H:%M:%SZ"
#define DIGITS_MAX 6

static int64_t unit_s(const char *name)
{
	static const struct {
		const char *name;
		int64_t seconds;
	} units[] = {{"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86400}};

	for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
		if (strcmp(name, units[i].name) == 0)
			return units[i].seconds;
	return 0;
}

int64_t span_parse(const char *text)
{
	size_t digits = strspn(text, "0123456789");
	int64_t count = 0;

	if (digits == 0 || digits > DIGITS_MAX)
		return 0;
	for (size_t i = 0; i < digits; i++)
		count = count * 10 + (text[i] - '0');
	return count * unit_s(text + digits);
}

const char *span_format(time_t at, char ret_text[SPAN_TIME_MAX])
{
	struct tm parts;

	if (!gmtime_r(&at, &parts) || strftime(ret_text, SPAN_TIME_MAX, TIME_FORMAT, &parts) == 0)
		ret_text[0] = '\0';
	return ret_text;
}

bool span_parse_time(const char *text, time_t *ret)
{
	struct tm parts = {0};
	const char *end = strptime(text, TIME_FORMAT, &parts);

	if (!end || *end)
		return false;
	*ret = timegm(&parts);
	return true;
}
