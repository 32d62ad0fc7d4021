/* SPDX-License-Identifier: Apache-2.0 */
/* reply_head.c: see reply_head.h. */
#include "net/reply_head.h"

#include <string.h>
#include <strings.h>
#include <time.h>

#define DAYS_BEFORE_1970 719162          /* since the first day of the year 1 */
#define DATE_MAX_S INT64_C(253402300799) /* the last second of the year 9999 */

/* Which of the names of three letters begins the text; -1 = none. */
static int find_name(const char *text, const char *names, int n)
{
	for (int i = 0; i < n; i++)
		if (memcmp(text, names + (size_t)i * 3, 3) == 0)
			return i;
	return -1;
}

static int two_digits(const char *text)
{
	return 10 * (text[0] - '0') + (text[1] - '0');
}

static bool fits(char c, char form)
{
	if (form == '0')
		return c >= '0' && c <= '9';
	return form == 'a' ? (c | 0x20) >= 'a' && (c | 0x20) <= 'z' : c == form;
}

/* The form that servers send, letter by letter: strptime() takes ten times as long, twice a reply. */
static bool read_usual_form(const char *value, struct tm *ret)
{
	static const char form[] = "aaa, 00 aaa 0000 00:00:00 GMT";

	for (size_t i = 0; i < sizeof form; i++)
		if (!fits(value[i], form[i]))
			return false;
	*ret = (struct tm){
		.tm_mday = two_digits(value + 5),
		.tm_mon = find_name(value + 8, "JanFebMarAprMayJunJulAugSepOctNovDec", 12),
		.tm_year = 100 * two_digits(value + 12) + two_digits(value + 14) - 1900,
		.tm_hour = two_digits(value + 17),
		.tm_min = two_digits(value + 20),
		.tm_sec = two_digits(value + 23),
	};
	return find_name(value, "SunMonTueWedThuFriSat", 7) >= 0 && ret->tm_mon >= 0 && ret->tm_hour < 24 &&
	       ret->tm_min < 60 && ret->tm_sec < 60;
}

static bool is_leap_year(int year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

/* 0: there is no such day, or it is out of bounds. */
static int64_t seconds_of(const struct tm *tm)
{
	static const int days_before[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365};
	int year = tm->tm_year + 1900;
	int before = year - 1;
	int leap = is_leap_year(year);
	int length = days_before[tm->tm_mon + 1] - days_before[tm->tm_mon] + (tm->tm_mon == 1 && leap);
	int64_t days = INT64_C(365) * before + before / 4 - before / 100 + before / 400 + days_before[tm->tm_mon] +
		       (tm->tm_mon > 1 && leap) + tm->tm_mday - 1 - DAYS_BEFORE_1970;
	int64_t seconds = ((days * 24 + tm->tm_hour) * 60 + tm->tm_min) * 60 + tm->tm_sec;

	return tm->tm_mday >= 1 && tm->tm_mday <= length && seconds > 0 && seconds <= DATE_MAX_S ? seconds : 0;
}

/* curl_getdate() guesses: to it "31 Feb" is March. */
int64_t reply_head_date(const char *value)
{
	static const char *const forms[] = {"%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT",
					    "%a %b %e %H:%M:%S %Y"};
	struct tm tm;

	if (read_usual_form(value, &tm))
		return seconds_of(&tm);
	for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
		tm = (struct tm){0};
		const char *end = strptime(value, forms[i], &tm);
		int64_t seconds = end && !*end ? seconds_of(&tm) : 0;
		if (seconds)
			return seconds;
	}
	return 0;
}

/* What becomes of a value that is too long, or comes twice. */
enum keep {
	KEEP_WHOLE,  /* too long: as if it were not there; twice: the last */
	KEEP_CUT,    /* its beginning; the last */
	KEEP_JOINED, /* its beginning; one after the other */
};

struct header_row {
	const char *name;
	size_t name_len;
	size_t offset, size; /* in struct reply_head */
	enum keep keep;
};
#define NAME(text) (text), sizeof(text) - 1
#define HEAD(member) offsetof(struct reply_head, member), sizeof((struct reply_head *)0)->member
static const struct header_row header_rows[] = {
	{NAME("etag"), HEAD(etag), KEEP_WHOLE},
	{NAME("last-modified"), HEAD(last_modified), KEEP_WHOLE},
	{NAME("date"), HEAD(date), KEEP_WHOLE},
	{NAME("content-encoding"), HEAD(content_encoding), KEEP_JOINED},
	{NAME("transfer-encoding"), HEAD(transfer_encoding), KEEP_JOINED},
	{NAME("www-authenticate"), HEAD(authenticate), KEEP_CUT},
};

/* The value without the blanks around it. */
static void keep_value(struct reply_head *head, const struct header_row *row, const char *value, size_t len)
{
	char *to = (char *)head + row->offset;
	size_t room = row->size - 1;

	while (len > 0 && strchr(" \t", *value)) {
		value++;
		len--;
	}
	while (len > 0 && strchr(" \t\r\n", value[len - 1]))
		len--;
	if (row->keep == KEEP_JOINED && *to) {
		size_t before = strlen(to);
		to[before] = ',';
		to += before + (before < room);
		room -= before + (before < room);
	}
	if (len > room)
		len = row->keep == KEEP_WHOLE ? 0 : room;
	memcpy(to, value, len);
	to[len] = '\0';
}

void reply_head_line(struct reply_head *head, const char *line, size_t len)
{
	if (len > 5 && memcmp(line, "HTTP/", 5) == 0)
		*head = (struct reply_head){0};
	for (size_t i = 0; i < ARRAY_LEN(header_rows); i++) {
		const struct header_row *row = &header_rows[i];
		size_t n = row->name_len;
		if (len > n && (line[0] | 0x20) == row->name[0] && line[n] == ':' &&
		    strncasecmp(line, row->name, n) == 0)
			keep_value(head, row, line + n + 1, len - n - 1);
	}
}

/* Would be sent back in a request, where a lone CR may end a line for some servers. */
static bool has_control(const char *value)
{
	for (; *value; value++)
		if ((unsigned char)*value < 0x20 || *value == 0x7f)
			return true;
	return false;
}

const char *reply_head_etag(const struct reply_head *head)
{
	return has_control(head->etag) ? "" : head->etag;
}
