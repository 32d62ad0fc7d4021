/* SPDX-License-Identifier: Apache-2.0 */
/* reason_said.c: see reason_said.h. */
#include "model/reason_said.h"

void reason_put_members(struct json_writer *w, const struct reason_said *said)
{
	if (said->has_text)
		json_put_string_or_null(w, "text", said->text);
	if (said->has_text && said->cut)
		json_put_bool(w, "cut", true);
	if (said->by)
		json_put_string(w, "by", said->by);
	if (said->by && said->owner != REASON_OWNER_UNKNOWN)
		json_put_bool(w, "by_owner", said->owner == REASON_OWNER);
	if (said->at_ms)
		json_put_time(w, "at", said->at_ms);
}

void reason_put(struct json_writer *w, const char *key, const struct reason_said *said)
{
	json_open(w, key, '{');
	reason_put_members(w, said);
	json_close(w, '}');
}

void reason_write_text(struct strbuf *out, const cJSON *reason, reason_add *add_text)
{
	const char *text = json_string(reason, "text");

	if (text && *text)
		add_text(out, text);
	else if (text || cJSON_IsNull(cJSON_GetObjectItemCaseSensitive(reason, "text")))
		strbuf_adds(out, "no reason given");
}

void reason_write_who(struct strbuf *out, const cJSON *reason, reason_add *add_name)
{
	const char *by = json_string(reason, "by");

	if (!by)
		return;
	add_name(out, by);
	if (!cJSON_IsBool(json_member(reason, "by_owner")))
		return;
	strbuf_adds(out, json_bool(reason, "by_owner", false)
				 ? ", an owner of the crate"
				 : ", not an owner of the crate: probably a registry administrator");
}

void reason_sentence(struct strbuf *out, const cJSON *reason, reason_add *add_text, reason_add *add_name)
{
	size_t before = out->len;

	reason_write_text(out, reason, add_text);
	bool has_text = out->len > before;
	if (!json_string(reason, "by"))
		return;
	strbuf_adds(out, has_text ? " (by " : "by ");
	reason_write_who(out, reason, add_name);
	strbuf_adds(out, has_text ? ")" : "");
}
