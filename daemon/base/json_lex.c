/* SPDX-License-Identifier: Apache-2.0 */
/* json_lex.c: see json_lex.h. */
#include "base/json_lex.h"

#include <string.h>

bool json_is_digit(const char *p, const char *end)
{
	return p < end && *p >= '0' && *p <= '9';
}

static const char *lex_digits(const char *p, const char *end)
{
	if (!json_is_digit(p, end))
		return NULL;
	while (json_is_digit(p, end))
		p++;
	return p;
}

const char *json_lex_number(const char *p, const char *end)
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
	return p && json_is_digit(p, end) ? NULL : p; /* a leading zero */
}

static const char *lex_hex4(const char *p, const char *end, uint32_t *ret)
{
	static const char digits[] = "00112233445566778899aAbBcCdDeEfF";
	uint32_t value = 0;

	if (end - p < 4)
		return NULL;
	for (const char *stop = p + 4; p < stop; p++) {
		const char *digit = memchr(digits, *p, sizeof digits - 1);
		if (!digit)
			return NULL;
		value = value << 4 | (uint32_t)(digit - digits) / 2;
	}
	*ret = value;
	return p;
}

/* Behind "\u": one character, of two escapes where it is a pair of surrogates. */
static const char *lex_unicode(const char *p, const char *end, uint32_t *ret)
{
	uint32_t low = 0;

	p = lex_hex4(p, end, ret);
	if (!p || *ret == 0 || (*ret >= 0xdc00 && *ret <= 0xdfff))
		return NULL;
	if (*ret < 0xd800 || *ret > 0xdfff)
		return p;
	if (end - p < 2 || p[0] != '\\' || p[1] != 'u')
		return NULL;
	p = lex_hex4(p + 2, end, &low);
	if (low < 0xdc00 || low > 0xdfff)
		return NULL;
	*ret = 0x10000 + ((*ret - 0xd800) << 10 | (low - 0xdc00));
	return p;
}

static char *put_utf8(char *out, uint32_t point)
{
	if (point < 0x80) {
		*out++ = (char)point;
		return out;
	}
	unsigned more = point < 0x800 ? 1 : point < 0x10000 ? 2 : 3;
	*out++ = (char)(0xff00u >> (more + 1) | point >> 6 * more);
	while (more-- > 0)
		*out++ = (char)(0x80 | (point >> 6 * more & 0x3f));
	return out;
}

const char *json_lex_escape(const char *p, const char *end, char **out)
{
	static const char names[] = "\"\\/bfnrt";
	static const char bytes[] = "\"\\/\b\f\n\r\t";
	uint32_t point = 0;

	if (p == end)
		return NULL;
	const char *name = memchr(names, *p, sizeof names - 1);
	if (name) {
		*(*out)++ = bytes[name - names];
		return p + 1;
	}
	p = *p == 'u' ? lex_unicode(p + 1, end, &point) : NULL;
	if (p)
		*out = put_utf8(*out, point);
	return p;
}
