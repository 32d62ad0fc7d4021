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

static void add_who(struct strbuf *out, const cJSON *reason, const char *by, reason_add *add_name)
{
	strbuf_adds(out, "by ");
	add_name(out, by);
	if (!cJSON_IsBool(json_member(reason, "by_owner")))
		return;
	strbuf_adds(out, json_bool(reason, "by_owner", false)
				 ? ", an owner of the crate"
				 : ", not an owner of the crate: probably a registry administrator");
}

void reason_sentence(struct strbuf *out, const cJSON *reason, reason_add *add_text, reason_add *add_name)
{
	const char *text = json_string(reason, "text");
	const char *by = json_string(reason, "by");
	bool is_known = (text && *text) || cJSON_IsNull(cJSON_GetObjectItemCaseSensitive(reason, "text"));

	if (text && *text) {
		add_text(out, text);
		if (json_bool(reason, "cut", false))
			strbuf_adds(out, " [...]");
	} else if (is_known) {
		strbuf_adds(out, "no reason given");
	}
	if (!by)
		return;
	strbuf_adds(out, is_known ? " (" : "");
	add_who(out, reason, by, add_name);
	strbuf_adds(out, is_known ? ")" : "");
}
