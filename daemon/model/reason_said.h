/* SPDX-License-Identifier: Apache-2.0 */
/* reason_said.h: what an event's document says of a yank's reason, and the same for people. Pure. */
#pragma once

#include "base/json.h"

enum reason_owner { REASON_OWNER_UNKNOWN, REASON_OWNER, REASON_NO_OWNER }; /* stored: only append */

/* All of it is borrowed. */
struct reason_said {
	bool has_text;    /* it is known what was given, be it nothing; else who and when alone are */
	const char *text; /* NULL: none was given */
	bool cut;         /* there was more of it */
	const char *by;   /* the account; NULL = not known */
	enum reason_owner owner;
	int64_t at_ms; /* wall clock; 0 = not known */
};

/* Adds the members "text" (null: none was given), "cut", "by", "by_owner", "at", as far as they are known. */
void reason_put_members(struct json_writer *w, const struct reason_said *said);

/* An object of them. */
void reason_put(struct json_writer *w, const char *key, const struct reason_said *said);

/* Appends text that is anybody's. */
typedef void reason_add(struct strbuf *out, const char *text);

/* Appends the text or "no reason given"; nothing where it is not known which. `reason`: the member of a document, NULL
 * is allowed, as with the next ones. */
void reason_write_text(struct strbuf *out, const cJSON *reason, reason_add *add_text);

/* Appends "LOGIN, an owner of the crate", or nothing. */
void reason_write_who(struct strbuf *out, const cJSON *reason, reason_add *add_name);

/*
 * Appends both: "TEXT (by LOGIN, an owner of the crate)", "no reason given (by LOGIN, not an owner of the crate:
 * probably a registry administrator)", "by LOGIN".
 */
void reason_sentence(struct strbuf *out, const cJSON *reason, reason_add *add_text, reason_add *add_name);
