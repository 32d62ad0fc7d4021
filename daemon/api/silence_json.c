/* SPDX-License-Identifier: Apache-2.0 */
/* silence_json.c: see silence_json.h. */
#include "api/silence_json.h"

#include <string.h>

static const char *const state_names[SILENCE_STATES] = {
	[SILENCE_ACTIVE] = "active",
	[SILENCE_EXPIRED] = "expired",
	[SILENCE_REMOVED] = "removed",
};

enum silence_state silence_state(const struct silence_row *row, int64_t now_ms)
{
	if (row->removed_ms)
		return SILENCE_REMOVED;
	return row->silence.ends_ms > now_ms ? SILENCE_ACTIVE : SILENCE_EXPIRED;
}

bool silence_state_parse(const char *name, enum silence_state *ret)
{
	for (size_t i = 0; i < SILENCE_STATES; i++) {
		if (strcmp(name, state_names[i]) == 0) {
			*ret = (enum silence_state)i;
			return true;
		}
	}
	return false;
}

static void put_match(struct json_writer *w, const struct silence_match *match)
{
	const struct {
		const char *key, *value;
	} texts[] = {
		{"registry", match->registry},
		{"crate", match->crate},
		{"version", match->version},
		{"project", match->project},
	};

	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		if (texts[i].value)
			json_put_string(w, texts[i].key, texts[i].value);
	if (!match->kinds)
		return;
	json_open(w, "events", '[');
	for (unsigned kind = 0; kind < EVENT_KINDS; kind++)
		if (match->kinds & 1u << kind)
			json_put_string(w, NULL, event_kind_name((enum event_kind)kind));
	json_close(w, ']');
}

void silence_write(struct json_writer *w, const struct silence_row *row, int64_t now_ms)
{
	json_open(w, NULL, '{');
	json_put_string(w, "id", row->id);
	json_put_string(w, "state", state_names[silence_state(row, now_ms)]);
	put_match(w, &row->silence.match);
	json_put_string(w, "author", row->silence.author);
	json_put_string(w, "comment", row->silence.comment);
	json_put_time(w, "created_at", row->created_ms);
	json_put_time(w, "ends_at", row->silence.ends_ms);
	if (row->removed_ms)
		json_put_time(w, "removed_at", row->removed_ms);
	json_put_int(w, "held_back", row->held_back);
	json_close(w, '}');
}
