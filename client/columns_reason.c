/* SPDX-License-Identifier: Apache-2.0 */
/* columns_reason.c: see columns_reason.h. Tables make the texts safe. */
#include "columns_reason.h"

#include "model/reason_said.h"

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

	return columns_print(style, "earlier reasons", earlier, reasons, err);
}
