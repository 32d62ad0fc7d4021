/* SPDX-License-Identifier: Apache-2.0 */
/* quoted_printable.c: see quoted_printable.h. */
#include "quoted_printable.h"

#include <stdbool.h>
#include <string.h>

struct encoder {
	FILE *out;
	size_t column;
};

static bool passes(const char *at, size_t left, size_t column)
{
	char c = *at;

	if (c == ' ' || c == '\t')
		return left > 1 && at[1] != '\n'; /* at the end of a line servers drop it */
	if (column == 0 && (c == '.' || (left >= 5 && memcmp(at, "From ", 5) == 0)))
		return false;
	return c > ' ' && c <= '~' && c != '=';
}

/* "=" alone ends a line that goes on: it needs the last column for itself. */
static void make_room(struct encoder *encoder, size_t len, bool line_ends_behind)
{
	if (encoder->column + len <= (size_t)(line_ends_behind ? QP_LINE_MAX : QP_LINE_MAX - 1))
		return;
	(void)fputs("=\r\n", encoder->out);
	encoder->column = 0;
}

static void put_byte(struct encoder *encoder, const char *at, size_t left)
{
	bool line_ends_behind = left == 1 || at[1] == '\n';

	make_room(encoder, passes(at, left, encoder->column) ? 1 : 3, line_ends_behind);
	/* Asked again: in a new line more has to be encoded. */
	bool plain = passes(at, left, encoder->column);
	(void)fprintf(encoder->out, plain ? "%c" : "=%02X", (unsigned char)*at);
	encoder->column += plain ? 1 : 3;
}

void quoted_printable(FILE *out, const char *text, size_t len)
{
	struct encoder encoder = {.out = out};

	for (size_t i = 0; i < len; i++) {
		if (text[i] == '\n') {
			(void)fputs("\r\n", out);
			encoder.column = 0;
		} else {
			put_byte(&encoder, text + i, len - i);
		}
	}
	if (len == 0 || text[len - 1] != '\n')
		(void)fputs("\r\n", out);
}
