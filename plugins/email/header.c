/* SPDX-License-Identifier: Apache-2.0 */
/* header.c: see header.h. */
#include "header.h"

#include "clean.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>

#define WORD_BEGIN "=?UTF-8?Q?"
#define WORD_END "?="
#define LETTERS_DIGITS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
/* What RFC 2047, 5 (3) lets pass in every place, a name before an address included. */
#define PASSES LETTERS_DIGITS "!*+-/"

/* ---- encoded words ---- */

/* Whether the text as it stands would be read otherwise, or could not be folded. */
static bool needs_encoding(const char *text)
{
	size_t word = 0;

	for (const char *p = text; *p; p++) {
		bool blank = *p == ' ';
		bool lost = blank && (p == text || !p[1] || p[1] == ' ');
		word = blank ? 0 : word + 1;
		if ((unsigned char)*p >= 0x80 || lost || word > HEADER_WORD_MAX)
			return true;
	}
	return strstr(text, "=?");
}

/* One character as it stands in an encoded word; returns its length. */
static size_t encode(const char *at, size_t len, char ret[3 * 4 + 1])
{
	if (*at == ' ')
		return (size_t)sprintf(ret, "_");
	if (strchr(PASSES, *at))
		return (size_t)sprintf(ret, "%c", *at);
	for (size_t i = 0; i < len; i++)
		(void)sprintf(ret + 3 * i, "=%02X", (unsigned char)at[i]);
	return 3 * len;
}

static void put_encoded(FILE *out, const char *text, size_t column)
{
	char encoded[3 * 4 + 1];

	(void)fputs(WORD_BEGIN, out);
	column += strlen(WORD_BEGIN);
	for (size_t len; *text; text += len) {
		len = clean_char_len(text);
		size_t width = encode(text, len, encoded);
		if (column + width + strlen(WORD_END) > HEADER_ENCODED_LINE_MAX) {
			(void)fputs(WORD_END "\r\n " WORD_BEGIN, out);
			column = 1 + strlen(WORD_BEGIN);
		}
		(void)fputs(encoded, out);
		column += width;
	}
	(void)fputs(WORD_END, out);
}

/* ---- lines ---- */

static void put_folded(FILE *out, const char *text, size_t column)
{
	for (size_t word; *text; text += word) {
		word = 1 + strcspn(text + 1, " "); /* with the blank before it */
		if (column + word > HEADER_LINE_MAX) {
			(void)fputs("\r\n", out);
			column = 0;
		}
		(void)fwrite(text, 1, word, out);
		column += word;
	}
}

void header_text(FILE *out, const char *name, const char *text)
{
	char line[HEADER_TEXT_MAX + 1];

	(void)clean_line(text, line, sizeof line);
	int column = fprintf(out, "%s: ", name);
	if (needs_encoding(line))
		put_encoded(out, line, (size_t)column);
	else
		put_folded(out, line, (size_t)column);
	(void)fputs("\r\n", out);
}

static void put_quoted(FILE *out, const char *name)
{
	(void)fputc('"', out);
	for (; *name; name++)
		(void)fprintf(out, strchr("\"\\", *name) ? "\\%c" : "%c", *name);
	(void)fputc('"', out);
}

/* What does not fit behind the name stands in a line of its own. */
static void put_address(FILE *out, const struct address *address, size_t column)
{
	size_t width = strlen("\"\" <>") + strlen(address->name) + strlen(address->spec);
	bool encoded = needs_encoding(address->name);

	if (!address->name[0]) {
		(void)fputs(address->spec, out);
		return;
	}
	if (encoded)
		put_encoded(out, address->name, column);
	else
		put_quoted(out, address->name);
	(void)fprintf(out, "%s <%s>", encoded || column + width > HEADER_LINE_MAX ? "\r\n" : "", address->spec);
}

void header_addresses(FILE *out, const char *name, const struct address *addresses, size_t n)
{
	int column = fprintf(out, "%s: ", name);

	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			column = fprintf(out, ",\r\n ") - (int)strlen(",\r\n");
		put_address(out, &addresses[i], (size_t)column);
	}
	(void)fputs("\r\n", out);
}

/* ---- times ---- */

int64_t header_time(const char *rfc3339)
{
	struct tm tm = {0};
	const char *rest = strptime(rfc3339, "%Y-%m-%dT%H:%M:%S", &tm);

	if (rest && *rest == '.')
		for (rest++; isdigit((unsigned char)*rest); rest++)
			;
	if (!rest || strcmp(rest, "Z") != 0 || tm.tm_year < 70 || tm.tm_year > 8099)
		return -1;
	return (int64_t)timegm(&tm);
}

/* Not strftime(): its names are the locale's. */
void header_date(FILE *out, const char *name, int64_t unix_s)
{
	static const char days[][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
	static const char months[][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
					 "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	time_t time = (time_t)unix_s;
	struct tm tm;

	if (!gmtime_r(&time, &tm))
		return;
	(void)fprintf(out, "%s: %s, %02d %s %04d %02d:%02d:%02d +0000\r\n", name, days[tm.tm_wday], tm.tm_mday,
		      months[tm.tm_mon], tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
}
