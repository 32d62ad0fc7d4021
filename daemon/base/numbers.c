/* SPDX-License-Identifier: Apache-2.0 */
/* numbers.c: see numbers.h. */
#include "base/numbers.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static const struct {
	const char *unit;
	int64_t ms;
} units[] = {{"d", 86400000}, {"h", 3600000}, {"m", 60000}, {"s", 1000}, {"ms", 1}};

bool number_parse_u64(const char *text, uint64_t max, uint64_t *ret_value)
{
	uint64_t value = 0;

	if (!*text)
		return false;
	for (; *text; text++) {
		if (*text < '0' || *text > '9')
			return false;
		uint64_t digit = (uint64_t)(*text - '0');
		if (value > (UINT64_MAX - digit) / 10)
			return false;
		value = value * 10 + digit;
	}
	if (value > max)
		return false;
	*ret_value = value;
	return true;
}

bool duration_parse_ms(const char *text, int64_t *ret_ms)
{
	char digits[20];
	size_t n = strspn(text, "0123456789");
	uint64_t value;

	if (n == 0 || n >= sizeof digits)
		return false;
	memcpy(digits, text, n);
	digits[n] = '\0';
	for (size_t i = 0; i < ARRAY_LEN(units); i++) {
		if (strcmp(text + n, units[i].unit) != 0)
			continue;
		if (!number_parse_u64(digits, (uint64_t)(INT64_MAX / units[i].ms), &value))
			return false;
		*ret_ms = (int64_t)value * units[i].ms;
		return true;
	}
	return false;
}

const char *duration_format(int64_t ms, char buf[static DURATION_TEXT_MAX])
{
	size_t i = 0;

	while (i + 1 < ARRAY_LEN(units) && (ms < units[i].ms || ms % units[i].ms != 0))
		i++;
	if (ms == 0)
		i = 3;
	(void)snprintf(buf, DURATION_TEXT_MAX, "%" PRId64 "%s", ms / units[i].ms, units[i].unit);
	return buf;
}

const char *bytes_format(int64_t bytes, char buf[static BYTES_TEXT_MAX])
{
	static const char *const names[] = {"B", "KiB", "MiB", "GiB", "TiB"};
	double amount = (double)bytes;
	size_t i = 0;

	for (; amount >= 1024 && i + 1 < ARRAY_LEN(names); i++)
		amount /= 1024;
	(void)snprintf(buf, BYTES_TEXT_MAX, "%.*f %s", i ? 1 : 0, amount, names[i]);
	return buf;
}

/* Splits wall_ms into whole seconds and the milliseconds above them. */
static struct tm to_utc(int64_t wall_ms, int *ret_ms)
{
	int64_t s = wall_ms / 1000;
	int64_t ms = wall_ms % 1000;
	if (ms < 0) {
		ms += 1000;
		s--;
	}
	time_t t = (time_t)s;
	struct tm tm = {0};
	(void)gmtime_r(&t, &tm);
	*ret_ms = (int)ms;
	return tm;
}

const char *time_format_rfc3339(int64_t wall_ms, char buf[static TIME_TEXT_MAX])
{
	int ms;
	struct tm tm = to_utc(wall_ms, &ms);
	size_t n = strftime(buf, TIME_TEXT_MAX - 8, "%Y-%m-%dT%H:%M:%S", &tm);
	(void)snprintf(buf + n, TIME_TEXT_MAX - n, ".%03dZ", ms);
	return buf;
}

/* The fraction and the offset that follow "HH:MM:SS". */
static bool parse_zone(const char *text, int64_t *ret_ms)
{
	int64_t ms = 0;
	int hours;
	int minutes;
	int used = 0;

	if (*text == '.') {
		int64_t scale = 100;
		size_t n = strspn(++text, "0123456789");
		if (n == 0)
			return false;
		for (size_t i = 0; i < n; i++, scale /= 10)
			ms += (text[i] - '0') * scale;
		text += n;
	}
	if (strcmp(text, "Z") == 0 || strcmp(text, "z") == 0) {
		*ret_ms = ms;
		return true;
	}
	if ((*text != '+' && *text != '-') || strspn(text + 1, "0123456789:") != 5 ||
	    sscanf(text + 1, "%2d:%2d%n", &hours, &minutes, &used) != 2 || used != 5 || text[6] != '\0' || hours > 23 ||
	    minutes > 59)
		return false;
	int64_t offset = (hours * 60 + minutes) * INT64_C(60000);
	*ret_ms = *text == '+' ? ms - offset : ms + offset;
	return true;
}

/* Exactly `n` digits at *text, then `end` (0 = nothing is asked); moves *text past both. */
static bool parse_part(const char **text, size_t n, char end, int min, int max, int *ret)
{
	int value = 0;

	for (size_t i = 0; i < n; i++) {
		if ((*text)[i] < '0' || (*text)[i] > '9')
			return false;
		value = value * 10 + ((*text)[i] - '0');
	}
	if (value < min || value > max || (end && (*text)[n] != end))
		return false;
	*text += n + (end != 0);
	*ret = value;
	return true;
}

static int days_of(int year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
	return days[month - 1] + (month == 2 && leap);
}

static bool parse_date(const char **text, struct tm *tm)
{
	int year;
	int month;

	if (!parse_part(text, 4, '-', 0, 9999, &year) || !parse_part(text, 2, '-', 1, 12, &month) ||
	    !parse_part(text, 2, 0, 1, days_of(year, month), &tm->tm_mday))
		return false;
	tm->tm_year = year - 1900;
	tm->tm_mon = month - 1;
	return true;
}

static bool parse_clock(const char **text, struct tm *tm)
{
	return parse_part(text, 2, ':', 0, 23, &tm->tm_hour) && parse_part(text, 2, ':', 0, 59, &tm->tm_min) &&
	       parse_part(text, 2, 0, 0, 60, &tm->tm_sec);
}

bool time_parse_rfc3339(const char *text, int64_t *ret_wall_ms)
{
	struct tm tm = {0};
	int64_t zone_ms = 0;

	if (!parse_date(&text, &tm))
		return false;
	if (*text != '\0') {
		if (!strchr("Tt ", *text++) || !parse_clock(&text, &tm) || !parse_zone(text, &zone_ms))
			return false;
	}
	*ret_wall_ms = (int64_t)timegm(&tm) * 1000 + zone_ms;
	return true;
}

void hex_encode(const void *bytes, size_t len, char *ret_text)
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *in = bytes;

	for (size_t i = 0; i < len; i++) {
		ret_text[2 * i] = digits[in[i] >> 4];
		ret_text[2 * i + 1] = digits[in[i] & 15];
	}
	ret_text[2 * len] = '\0';
}

/* One more than the digit's value; 0 = no digit. */
static const unsigned char hex_digits[256] = {
	['0'] = 1,  ['1'] = 2,  ['2'] = 3,  ['3'] = 4,  ['4'] = 5,  ['5'] = 6,  ['6'] = 7,  ['7'] = 8,
	['8'] = 9,  ['9'] = 10, ['a'] = 11, ['b'] = 12, ['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16,
	['A'] = 11, ['B'] = 12, ['C'] = 13, ['D'] = 14, ['E'] = 15, ['F'] = 16,
};

bool hex_decode(const char *text, size_t len, void *ret_bytes)
{
	const unsigned char *in = (const unsigned char *)text;
	unsigned char *out = ret_bytes;

	if (strlen(text) != 2 * len)
		return false;
	for (size_t i = 0; i < len; i++) {
		unsigned high = hex_digits[in[2 * i]];
		unsigned low = hex_digits[in[2 * i + 1]];
		if (!high || !low)
			return false;
		out[i] = (unsigned char)((high - 1) << 4 | (low - 1));
	}
	return true;
}
