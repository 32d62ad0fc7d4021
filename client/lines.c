/* SPDX-License-Identifier: Apache-2.0 */
/* lines.c: see lines.h. */
#include "lines.h"

#include <string.h>

void lines_release(struct lines *lines)
{
	strbuf_release(&lines->line);
}

bool lines_take(void *arg, const char *bytes, size_t len)
{
	struct lines *lines = arg;
	const char *end = bytes + len;

	lines->line.limit = LINE_MAX_BYTES;
	while (bytes < end) {
		const char *stop = memchr(bytes, '\n', (size_t)(end - bytes));
		strbuf_add(&lines->line, bytes, (size_t)((stop ? stop : end) - bytes));
		if (strbuf_failed(&lines->line))
			return false;
		if (!stop)
			break;
		if (!lines->take(lines->ctx, strbuf_str(&lines->line), lines->line.len))
			return false;
		strbuf_reset(&lines->line);
		bytes = stop + 1;
	}
	return true;
}
