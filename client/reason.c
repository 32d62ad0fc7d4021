/* SPDX-License-Identifier: Apache-2.0 */
/* reason.c: see reason.h. */
#include "reason.h"

#include "model/reason_said.h"

#include <string.h>

static void add_short(struct strbuf *out, const char *text)
{
	size_t len = strlen(text);
	size_t end = len < REASON_SHORT_MAX ? len : REASON_SHORT_MAX;

	while (end < len && end > 0 && ((unsigned char)text[end] & 0xc0) == 0x80)
		end--;
	strbuf_add(out, text, end);
	strbuf_adds(out, end < len ? "..." : "");
}

void reason_add_short(struct strbuf *out, const cJSON *event)
{
	OWNED_STRBUF struct strbuf sentence = {0};

	reason_sentence(&sentence, json_member(event, "reason"), add_short, add_short);
	if (sentence.len)
		strbuf_addf(out, ": %s", strbuf_str(&sentence));
	if (json_string(event, "source"))
		strbuf_adds(out, "; told by the audit trail alone");
}
