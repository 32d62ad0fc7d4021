/* SPDX-License-Identifier: Apache-2.0 */
/* reason.c: see reason.h. Tables make the texts safe. */
#include "reason.h"

#include "model/reason_said.h"

#include <stdio.h>
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

static const cJSON *reason_in(const cJSON *object, const char *key)
{
	return key ? json_member(object, key) : object;
}

static void put(struct table *table, const cJSON *reason, void (*write)(struct strbuf *, const cJSON *, reason_add *))
{
	OWNED_STRBUF struct strbuf words = {0};

	write(&words, reason, strbuf_adds);
	table_put(table, COLOUR_NONE, words.len ? strbuf_str(&words) : NULL);
}

void column_reason(struct table *table, const cJSON *object, const char *key)
{
	put(table, reason_in(object, key), reason_write_text);
}

void column_reason_by(struct table *table, const cJSON *object, const char *key)
{
	put(table, reason_in(object, key), reason_write_who);
}

void column_reason_time(struct table *table, const cJSON *object, const char *key)
{
	column_time(table, reason_in(object, key), "at");
}

int reason_print_earlier(const struct style *style, const cJSON *version, struct err *err)
{
	static const struct column earlier[] = {
		{"SEEN", "seen_at", column_time},
		{"UNTIL", "until", column_time},
		{"BY", NULL, column_reason_by},
		{"REASON", NULL, column_reason},
		{0},
	};
	const cJSON *reasons = json_member(version, "earlier_reasons");

	if (!reasons)
		return 0;
	int rc = columns_print(style, "earlier reasons", earlier, reasons, err);
	(void)putchar('\n');
	return rc;
}
