/* SPDX-License-Identifier: Apache-2.0 */
/* clean.c: see clean.h. */
#include "clean.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define ELLIPSIS "\xe2\x80\xa6"

/* What has no form of its own, or moves what has one. */
static const struct {
	uint32_t first, last;
} hidden[] = {
	{0x00, 0x1f},     {0x7f, 0x9f},     {0x61c, 0x61c},   {0x180e, 0x180e}, {0x200b, 0x200f},   {0x2028, 0x202e},
	{0x2060, 0x206f}, {0xfeff, 0xfeff}, {0xfff9, 0xfffb}, {0xfffe, 0xffff}, {0xe0000, 0xe007f},
};

static bool is_hidden(uint32_t c)
{
	for (size_t i = 0; i < sizeof hidden / sizeof hidden[0]; i++)
		if (c >= hidden[i].first && c <= hidden[i].last)
			return true;
	return false;
}

size_t clean_char_len(const char *at)
{
	unsigned char c = (unsigned char)*at;
	return c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
}

/* The length of the character at `p`, 0 when it is none: overlong, a surrogate, cut. */
static size_t decode(const char *p, uint32_t *ret)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	const unsigned char *bytes = (const unsigned char *)p;
	size_t len = clean_char_len(p);

	if (bytes[0] < 0x80) {
		*ret = bytes[0];
		return 1;
	}
	if (bytes[0] < 0xc2 || bytes[0] > 0xf4)
		return 0;
	uint32_t c = bytes[0] & (0x7fu >> len);
	for (size_t i = 1; i < len; i++) {
		if ((bytes[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (bytes[i] & 0x3fu);
	}
	*ret = c;
	return c >= least[len] && c <= 0x10ffff && (c < 0xd800 || c > 0xdfff) ? len : 0;
}

/* Fills the piece; returns how many bytes of the text it stands for. */
static size_t take(struct clean *c)
{
	uint32_t code = 0;
	size_t len = decode(c->at, &code);
	int shown;

	if (len == 0)
		shown = snprintf(c->piece, sizeof c->piece, "\\x%02x", (unsigned char)*c->at);
	else if (code == '\t')
		shown = snprintf(c->piece, sizeof c->piece, " ");
	else if (!is_hidden(code) || (c->lines && code == '\n'))
		shown = snprintf(c->piece, sizeof c->piece, "%.*s", (int)len, c->at);
	else
		shown = snprintf(c->piece, sizeof c->piece, "\\u{%x}", code);
	c->len = (size_t)shown;
	return len ? len : 1;
}

bool clean_next(struct clean *c)
{
	if (!*c->at)
		return false;
	size_t taken = take(c);
	if (c->len > c->max) {
		c->at += strlen(c->at);
		c->len = strlen(strcpy(c->piece, ELLIPSIS));
		return true;
	}
	c->max -= c->len;
	c->at += taken;
	return true;
}

const char *clean_line(const char *text, char *buf, size_t size)
{
	struct clean c = {.at = text, .max = size - sizeof ELLIPSIS};
	char *out = buf;

	for (; clean_next(&c); out += c.len)
		memcpy(out, c.piece, c.len);
	*out = '\0';
	return buf;
}
