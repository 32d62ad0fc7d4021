/* SPDX-License-Identifier: Apache-2.0 */
/* csv.c: see csv.h. */
#include "csv.h"

#include <string.h>

struct csv_column {
	const char *head;
	const char *in; /* NULL: a member of the event itself; else of this object in it */
	const char *key;
};

/* docs/SOCKET.md tells of them; new ones are added at the end. */
static const struct csv_column columns[] = {
	{"seq", NULL, "seq"},
	{"id", NULL, "id"},
	{"at", NULL, "at"},
	{"registry", NULL, "registry"},
	{"crate", NULL, "crate"},
	{"version", NULL, "version"},
	{"event", NULL, "event"},
	{"severity", NULL, "severity"},
	{"project", NULL, "project"},
	{"yanked", NULL, "yanked"},
	{"checksum", NULL, "checksum"},
	{"previous_checksum", "previous", "checksum"},
	{"detail", NULL, "detail"},
	{"reason", "reason", "text"},
	{"reason_by", "reason", "by"},
	{"replacement", "replacement", "version"},
	{"projects_hit", NULL, "findings"},
	{"observed_at", NULL, "observed_at"},
	{"prev_hash", NULL, "prev_hash"},
	{"hash", NULL, "hash"},
};

static void put_field(struct strbuf *out, const char *text)
{
	bool is_formula = *text && strchr("=+-@\t\r", *text);

	if (!is_formula && !text[strcspn(text, "\",\r\n")]) {
		strbuf_adds(out, text);
		return;
	}
	strbuf_addc(out, '"');
	if (is_formula)
		strbuf_addc(out, '\'');
	for (; *text; text++) {
		if (*text == '"')
			strbuf_addc(out, '"');
		strbuf_addc(out, *text);
	}
	strbuf_addc(out, '"');
}

/* The projects by name, once each: of one there may be several lockfiles. */
static void put_projects(struct strbuf *out, const cJSON *findings)
{
	OWNED_STRBUF struct strbuf names = {0};
	const cJSON *finding;
	const char *before = "";

	cJSON_ArrayForEach (finding, findings) {
		const char *name = json_string(finding, "project");
		if (!name || strcmp(name, before) == 0)
			continue;
		strbuf_addf(&names, "%s%s", names.len ? " " : "", name);
		before = name;
	}
	put_field(out, strbuf_str(&names));
	out->failed |= strbuf_failed(&names);
}

static void put_value(struct strbuf *out, const cJSON *value)
{
	if (cJSON_IsString(value))
		put_field(out, value->valuestring);
	else if (cJSON_IsBool(value))
		strbuf_adds(out, cJSON_IsTrue(value) ? "true" : "false");
	else if (cJSON_IsNumber(value))
		strbuf_addf(out, "%.0f", value->valuedouble);
	else if (cJSON_IsArray(value))
		put_projects(out, value);
}

void csv_write_head(struct strbuf *out)
{
	for (size_t i = 0; i < ARRAY_LEN(columns); i++)
		strbuf_addf(out, "%s%s", i ? "," : "", columns[i].head);
	strbuf_adds(out, "\r\n");
}

void csv_write_event(struct strbuf *out, const cJSON *event)
{
	for (size_t i = 0; i < ARRAY_LEN(columns); i++) {
		const cJSON *object = columns[i].in ? json_member(event, columns[i].in) : event;
		if (i)
			strbuf_addc(out, ',');
		put_value(out, json_member(object, columns[i].key));
	}
	strbuf_adds(out, "\r\n");
}
