/* SPDX-License-Identifier: Apache-2.0 */
/* visible.c: see visible.h. */
#include "visible.h"

#include "base/text.h"

#include <string.h>

#define ESCAPED_MAX 9 /* bytes that text_safe() makes of a byte at most: of a control \u{7f}, of 4 bytes \u{e007f} */

static bool begins_character(char c)
{
	return ((unsigned char)c & 0xc0) != 0x80;
}

/* One blank for each run of blanks and line ends, none at the ends; true when it was cut. */
static bool fold(struct strbuf *out, const char *text, size_t max)
{
	size_t characters = 0;
	bool gap = false;

	for (const char *p = text; *p; p++) {
		if (strchr(" \t\r\n\v\f", *p)) {
			gap = out->len > 0;
			continue;
		}
		if (begins_character(*p)) {
			characters += gap ? 2 : 1;
			if (characters > max)
				return true;
		}
		if (gap)
			strbuf_addc(out, ' ');
		gap = false;
		strbuf_addc(out, *p);
	}
	return false;
}

void visible_add(struct strbuf *out, const char *text, size_t max)
{
	OWNED_STRBUF struct strbuf folded = {0};

	bool cut = fold(&folded, text, max);
	size_t room = folded.len * ESCAPED_MAX + 1;
	OWNED_MEM char *safe = malloc(room);
	if (!safe || strbuf_failed(&folded)) {
		out->failed = true;
		return;
	}
	strbuf_adds(out, text_safe(strbuf_str(&folded), safe, room));
	if (cut)
		strbuf_adds(out, "…");
}

bool visible_is_plain_command(const char *text)
{
	return text[0] &&
	       !text[strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 ._+@/=:-")];
}
