/* SPDX-License-Identifier: Apache-2.0 */
/* columns.c: see columns.h. */
#include "columns.h"

#include "reason.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void column_text(struct table *table, const cJSON *object, const char *key)
{
	table_put(table, COLOUR_NONE, json_string(object, key));
}

void column_whole(struct table *table, const cJSON *object, const char *key)
{
	table_put_whole(table, json_string(object, key));
}

void column_word(struct table *table, const cJSON *object, const char *key)
{
	const char *word = json_string(object, key);
	table_put(table, word ? style_word(word) : COLOUR_NONE, word);
}

void column_list(struct table *table, const cJSON *object, const char *key)
{
	OWNED_STRBUF struct strbuf list = {0};
	const cJSON *item;

	cJSON_ArrayForEach (item, json_member(object, key)) {
		if (cJSON_IsString(item))
			strbuf_addf(&list, "%s%s", list.len ? ", " : "", item->valuestring);
	}
	table_put(table, COLOUR_NONE, list.len ? strbuf_str(&list) : NULL);
}

void column_number(struct table *table, const cJSON *object, const char *key)
{
	char text[24];
	bool there = cJSON_IsNumber(json_member(object, key));

	(void)snprintf(text, sizeof text, "%" PRId64, json_int(object, key, 0));
	table_put_right(table, there ? text : NULL);
}

void column_count(struct table *table, const cJSON *object, const char *key)
{
	if (table->style->terminal && json_int(object, key, 0) == 0)
		table_put_right(table, NULL);
	else
		column_number(table, object, key);
}

void column_bytes(struct table *table, const cJSON *object, const char *key)
{
	char buf[BYTES_TEXT_MAX];
	int64_t bytes = json_int(object, key, -1);

	table_put_right(table, bytes < 0 ? NULL : bytes_format(bytes, buf));
}

/* "2026-11-21 09:30:00 (3 min ago)", where there is room for both. */
static void put_time_and_age(struct table *table, const char *time)
{
	OWNED_STRBUF struct strbuf both = {0};
	char buf[STYLE_TIME_MAX];
	char age[STYLE_TIME_MAX];

	strbuf_adds(&both, style_time(table->style, time, buf));
	if (*style_ago(time, age))
		strbuf_addf(&both, " (%s)", age);
	table_put(table, COLOUR_NONE, strbuf_str(&both));
}

void column_time(struct table *table, const cJSON *object, const char *key)
{
	char buf[STYLE_TIME_MAX];
	const char *time = json_string(object, key);

	if (time && table->flush_left && table->style->terminal)
		put_time_and_age(table, time);
	else
		table_put(table, COLOUR_NONE, time ? style_time(table->style, time, buf) : NULL);
}

void column_ago(struct table *table, const cJSON *object, const char *key)
{
	char buf[STYLE_TIME_MAX];
	const char *time = json_string(object, key);

	if (time && table->style->terminal && *style_ago(time, buf))
		table_put(table, COLOUR_NONE, buf);
	else
		column_time(table, object, key);
}

const char *format_span(int64_t ms, char buf[static DURATION_TEXT_MAX])
{
	static const int64_t units[] = {86400000, 3600000, 60000, 1000};

	if (ms < 0)
		ms = 0;
	for (size_t i = 0; i < ARRAY_LEN(units); i++)
		if (ms >= units[i])
			return duration_format(ms - ms % units[i], buf);
	return duration_format(ms, buf);
}

void column_span(struct table *table, const cJSON *object, const char *key)
{
	char buf[DURATION_TEXT_MAX];
	int64_t ms = json_int(object, key, -1);

	table_put_right(table, ms < 0 ? NULL : format_span(ms, buf));
}

/* "demo 1.2.3", with the reason of a yank "demo 1.2.3: it leaks (by alice)", of a project's finding "demo 1.2.3 of
 * payments"; an event of the crate as a whole has no version, but may list some. */
static void column_subject(struct table *table, const cJSON *object, const char *key)
{
	OWNED_STRBUF struct strbuf subject = {0};
	const char *crate = json_string(object, key);
	const char *version = json_string(object, "version");
	const char *project = json_string(object, "project");
	int versions = cJSON_GetArraySize(json_member(object, "versions"));

	strbuf_adds(&subject, crate ? crate : "-");
	if (version)
		strbuf_addf(&subject, " %s%s%s", version, project ? " of " : "", project ? project : "");
	else if (versions > 0)
		strbuf_addf(&subject, " (%d version%s)", versions, versions == 1 ? "" : "s");
	reason_add_short(&subject, object);
	table_put(table, COLOUR_NONE, strbuf_str(&subject));
}

const struct column event_columns[] = {
	{"AT", "at", column_time},
	{"EVENT", "event", column_word},
	{"SEVERITY", "severity", column_word},
	{"REGISTRY", "registry", column_text},
	{"CRATE", "crate", column_subject},
	{0},
};

const struct column notifier_columns[] = {
	{"NOTIFIER", "notifier", column_text},
	{"PLUGIN", "plugin", column_text},
	{"STATE", "state", column_word},
	{"DELIVERED", "delivered", column_number},
	{"RETRIED", "retried", column_count},
	{"REJECTED", "rejected", column_count},
	{"WAITING", "waiting", column_count},
	{"DEAD", "dead", column_count},
	{"RESTARTS", "restarts", column_count},
	{"NOT CONFINED", "unconfined", column_list},
	{0},
};

void event_columns_reserve(struct table *table)
{
	static const char *const widest[] = {NULL, "metadata_changed", "critical"};

	for (size_t i = 0; i < ARRAY_LEN(widest); i++)
		if (widest[i])
			table_reserve(table, i, strlen(widest[i]));
}

size_t columns_count(const struct column *columns)
{
	size_t n = 0;

	while (columns[n].put)
		n++;
	return n;
}

void columns_put_head(struct table *table, const struct column *columns)
{
	for (; columns->put; columns++)
		table_put(table, COLOUR_BOLD, columns->head);
}

void columns_put(struct table *table, const struct column *columns, const cJSON *object)
{
	for (; columns->put; columns++)
		columns->put(table, object, columns->key);
}

void columns_put_lines(struct table *table, const struct column *columns, const cJSON *object)
{
	table->flush_left = true;
	for (; columns->put; columns++) {
		table_put(table, COLOUR_BOLD, columns->head);
		columns->put(table, object, columns->key);
	}
}

int columns_print(const struct style *style, const char *title, const struct column *columns, const cJSON *items,
		  struct err *err)
{
	OWNED_TABLE struct table table = {
		.style = style, .columns = columns_count(columns), .indent = title ? 2 : 0, .leave_out = true};
	const cJSON *item;

	if (!items || !items->child)
		return 0;
	if (title)
		style_title(style, title);
	columns_put_head(&table, columns);
	if (cJSON_IsObject(items))
		columns_put(&table, columns, items);
	else
		cJSON_ArrayForEach (item, items)
			columns_put(&table, columns, item);
	return table_print(&table, err);
}
