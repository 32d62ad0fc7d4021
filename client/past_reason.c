/* SPDX-License-Identifier: Apache-2.0 */
/* past_reason.c: see past_reason.h. */
#include "past_reason.h"

#include "base/numbers.h"

#include <string.h>

static int64_t time_of(const cJSON *reason, const char *key, int64_t absent)
{
	const char *text = json_string(reason, key);
	int64_t wall_ms;

	return text && time_parse_rfc3339(text, &wall_ms) ? wall_ms : absent;
}

static bool was_known(const cJSON *reason, int64_t at_ms)
{
	return time_of(reason, "seen_at", INT64_MAX) <= at_ms && at_ms < time_of(reason, "until", INT64_MAX);
}

/* NULL: none was known. */
static const cJSON *find_known(const cJSON *now, int64_t at_ms)
{
	const cJSON *last = json_member(now, "reason");
	const cJSON *reason;

	if (was_known(last, at_ms))
		return last;
	cJSON_ArrayForEach (reason, json_member(now, "earlier_reasons")) {
		if (was_known(reason, at_ms))
			return reason;
	}
	return NULL;
}

/* The yank that stood then. What the audit trail alone has shown has its reason as evidence. */
static cJSON *last_yank(cJSON *events)
{
	cJSON *event;
	cJSON *yank = NULL;

	cJSON_ArrayForEach (event, events) {
		const char *kind = json_string(event, "event");
		if (kind && strcmp(kind, "yanked") == 0)
			yank = event;
	}
	return yank && !json_string(yank, "source") ? yank : NULL;
}

static bool put(cJSON *object, const cJSON *reason)
{
	cJSON_DeleteItemFromObjectCaseSensitive(object, "reason");
	return !reason || !object || cJSON_AddItemToObject(object, "reason", cJSON_Duplicate(reason, true));
}

int past_reason_put(const cJSON *now, int64_t at_ms, cJSON *version, cJSON *events, struct err *err)
{
	if (!json_bool(version, "yanked", false))
		return 0;
	const cJSON *known = find_known(now, at_ms);
	return put(version, known) && put(last_yank(events), known) ? 0 : err_nomem(err);
}
