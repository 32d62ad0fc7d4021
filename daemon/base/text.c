/* SPDX-License-Identifier: Apache-2.0 */
/* text.c: see text.h. */
#include "base/text.h"

#include <stdio.h>
#include <string.h>
#include <wchar.h>

/* Decodes one character; returns its length in bytes, 0 when it is not valid. */
static size_t utf8_decode(const unsigned char *p, size_t len, uint32_t *ret_point)
{
	static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
	size_t n = p[0] < 0x80 ? 1 : p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : p[0] >= 0xc2 ? 2 : 0;
	uint32_t point = n == 1 ? p[0] : n == 0 ? 0 : p[0] & (0x7fu >> n);

	if (n == 0 || n > len || p[0] > 0xf4)
		return 0;
	for (size_t i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		point = point << 6 | (p[i] & 0x3f);
	}
	if (point < smallest[n] || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff))
		return 0;
	*ret_point = point;
	return n;
}

bool text_is_utf8(const char *bytes, size_t len)
{
	const unsigned char *p = (const unsigned char *)bytes;
	uint32_t point;

	while (len > 0) {
		size_t n = utf8_decode(p, len, &point);
		if (n == 0)
			return false;
		p += n;
		len -= n;
	}
	return true;
}

struct range {
	uint32_t first, last;
};

static bool in_ranges(uint32_t point, const struct range *ranges, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (point >= ranges[i].first && point <= ranges[i].last)
			return true;
	return false;
}

/* Controls, and what reorders or hides text: bidi, zero-width, separators, tags. */
static bool is_unsafe(uint32_t point)
{
	static const struct range unsafe[] = {
		{0x00, 0x1f},     {0x7f, 0x9f},     {0xad, 0xad},       {0x61c, 0x61c},
		{0x180e, 0x180e}, {0x200b, 0x200f}, {0x2028, 0x202e},   {0x2060, 0x206f},
		{0xfeff, 0xfeff}, {0xfff9, 0xfffb}, {0xe0000, 0xe007f},
	};
	return in_ranges(point, unsafe, ARRAY_LEN(unsafe));
}

const char *text_safe(const char *text, char *buf, size_t size)
{
	const unsigned char *p = (const unsigned char *)text;
	size_t left = strlen(text);
	size_t out = 0;
	size_t cut = 0; /* where "..." has room */
	char piece[16];

	while (left > 0) {
		uint32_t point = 0;
		size_t n = utf8_decode(p, left, &point);
		if (n == 0)
			(void)snprintf(piece, sizeof piece, "\\x%02x", p[0]);
		else if (point == '\\')
			(void)snprintf(piece, sizeof piece, "\\\\");
		else if (is_unsafe(point))
			(void)snprintf(piece, sizeof piece, "\\u{%x}", (unsigned)point);
		else
			(void)snprintf(piece, sizeof piece, "%.*s", (int)n, (const char *)p);
		size_t len = strlen(piece);
		if (out + len >= size) {
			out = cut;
			if (cut + sizeof "..." <= size) {
				memcpy(buf + out, "...", 3);
				out += 3;
			}
			break;
		}
		memcpy(buf + out, piece, len);
		out += len;
		if (out + sizeof "..." <= size)
			cut = out;
		p += n ? n : 1;
		left -= n ? n : 1;
	}
	if (size > 0)
		buf[out] = '\0';
	return buf;
}

/* As the C library knows it in a locale of UTF-8. In another one: East Asian wide and emoji blocks take two columns,
 * the commonest combining marks none. */
static size_t point_width(uint32_t point)
{
	static const struct range wide[] = {
		{0x1100, 0x115f}, {0x2e80, 0x303e}, {0x3041, 0xa4cf},   {0xac00, 0xd7a3},   {0xf900, 0xfaff},
		{0xfe30, 0xfe6f}, {0xff00, 0xff60}, {0x1f300, 0x1f64f}, {0x1f900, 0x1f9ff}, {0x20000, 0x3fffd},
	};
	static const struct range combining[] = {{0x300, 0x36f}, {0x20d0, 0x20ff}, {0xfe00, 0xfe0f}};
	int known = point < 0x80 ? 1 : wcwidth((wchar_t)point);

	if (known >= 0)
		return (size_t)known;
	if (in_ranges(point, combining, ARRAY_LEN(combining)))
		return 0;
	return in_ranges(point, wide, ARRAY_LEN(wide)) ? 2 : 1;
}

size_t text_prefix(const char *text, size_t columns, size_t *ret_width)
{
	const unsigned char *p = (const unsigned char *)text;
	size_t len = strlen(text);
	size_t at = 0;
	size_t width = 0;

	while (at < len) {
		uint32_t point = 0;
		size_t n = utf8_decode(p + at, len - at, &point);
		size_t its_width = n ? point_width(point) : 1;
		if (width + its_width > columns)
			break;
		width += its_width;
		at += n ? n : 1;
	}
	*ret_width = width;
	return at;
}

size_t text_width(const char *text)
{
	size_t width;

	(void)text_prefix(text, SIZE_MAX, &width);
	return width;
}
