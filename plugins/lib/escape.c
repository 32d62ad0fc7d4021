/* SPDX-License-Identifier: Apache-2.0 */
/* escape.c: see escape.h. */
#include "lib/escape.h"

#include <string.h>

static int is_control(unsigned char c)
{
	return c < 0x20 || c == 0x7f;
}

static int is_continuation(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

/* A cut at `len` that would leave a part of a character takes all of it. */
static size_t whole_characters(const char *bytes, size_t len, size_t all)
{
	if (len < all)
		while (len > 0 && is_continuation(bytes[len]))
			len--;
	return len;
}

/* How many of the bytes fit into `room` when they are escaped. */
static size_t fitting(const char *bytes, size_t len, size_t room)
{
	size_t n = 0;

	for (size_t used = 0; n < len; n++) {
		used += is_control((unsigned char)bytes[n]) ? strlen("\\xNN") : 1;
		if (used > room)
			break;
	}
	return whole_characters(bytes, n, len);
}

const char *escape_controls(const char *bytes, size_t len, char *buf, size_t size)
{
	char *out = buf;

	while (len > 0 && strchr(" \t\r\n", bytes[len - 1]))
		len--;
	len = fitting(bytes, len, size - 1);
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)bytes[i];
		if (is_control(c))
			out += sprintf(out, "\\x%02x", c);
		else
			*out++ = (char)c;
	}
	*out = '\0';
	return buf;
}

void escape_json_inside(FILE *out, const char *text)
{
	for (const char *p = text; *p; p++) {
		if (*p == '"' || *p == '\\')
			(void)fprintf(out, "\\%c", *p);
		else if (is_control((unsigned char)*p))
			(void)fprintf(out, "\\u%04x", (unsigned char)*p);
		else
			(void)fputc(*p, out);
	}
}

void escape_json(FILE *out, const char *text)
{
	(void)fputc('"', out);
	escape_json_inside(out, text);
	(void)fputc('"', out);
}

void escape_uri(FILE *out, const char *text)
{
	static const char unreserved[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";

	for (const char *p = text; *p; p++)
		(void)fprintf(out, strchr(unreserved, *p) ? "%c" : "%%%02X", (unsigned char)*p);
}
