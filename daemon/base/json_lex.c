/* SPDX-License-Identifier: Apache-2.0 */
/* json_lex.c: see json_lex.h. Each scanner returns the first byte after its token, NULL when it is none. */
#include "base/json_lex.h"

#include <string.h>

static bool is_digit(const char *p, const char *end)
{
	return p < end && *p >= '0' && *p <= '9';
}

static bool is_hex(char c)
{
	return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
}

static const char *lex_digits(const char *p, const char *end)
{
	if (!is_digit(p, end))
		return NULL;
	while (is_digit(p, end))
		p++;
	return p;
}

static const char *lex_number(const char *p, const char *end)
{
	p += *p == '-';
	if (p < end && *p == '0')
		p++;
	else
		p = lex_digits(p, end);
	if (p && p < end && *p == '.')
		p = lex_digits(p + 1, end);
	if (p && p < end && (*p == 'e' || *p == 'E')) {
		p++;
		p += p < end && (*p == '+' || *p == '-');
		p = lex_digits(p, end);
	}
	return p && is_digit(p, end) ? NULL : p; /* a leading zero */
}

static const char *lex_escape(const char *p, const char *end)
{
	if (p == end || *p == '\0' || !strchr("\"\\/bfnrtu", *p))
		return NULL;
	if (*p != 'u')
		return p + 1;
	if (end - p < 5 || memcmp(p, "u0000", 5) == 0)
		return NULL;
	for (int i = 1; i <= 4; i++)
		if (!is_hex(p[i]))
			return NULL;
	return p + 5;
}

static const char *lex_string(const char *p, const char *end)
{
	for (p++; p && p < end && *p != '"';) {
		if ((unsigned char)*p < 0x20)
			return NULL;
		p = *p == '\\' ? lex_escape(p + 1, end) : p + 1;
	}
	return p && p < end ? p + 1 : NULL;
}

static const char *lex_word(const char *p, const char *end)
{
	static const char *const words[] = {"true", "false", "null"};

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		size_t len = strlen(words[i]);
		if ((size_t)(end - p) >= len && memcmp(p, words[i], len) == 0)
			return p + len;
	}
	return NULL;
}

static const char *lex_token(const char *p, const char *end)
{
	if (*p == '"')
		return lex_string(p, end);
	if (*p == '-' || is_digit(p, end))
		return lex_number(p, end);
	return *p && strchr("{}[]:, \t\r\n", *p) ? p + 1 : lex_word(p, end);
}

int json_lex(const char *text, size_t len, struct err *err)
{
	const char *end = text + len;

	for (const char *p = text; p < end;) {
		const char *next = lex_token(p, end);
		if (!next)
			return err_set(err, ERR_BAD, "not JSON at byte %zu", (size_t)(p - text));
		p = next;
	}
	return 0;
}
