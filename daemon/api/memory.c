/* SPDX-License-Identifier: Apache-2.0 */
/* memory.c: see memory.h. */
#include "api/memory.h"

#include "base/numbers.h"
#include "store/query_outbox.h"

#include <string.h>

static const struct notifier_counts *find(const struct notifiers_counts *counts, const char *name)
{
	for (size_t i = 0; name && i < counts->count; i++)
		if (strcmp(counts->items[i].name, name) == 0)
			return &counts->items[i];
	return NULL;
}

/* A time of the wall clock, where there is one. */
static bool add_time(cJSON *object, const char *key, int64_t wall_ms)
{
	char at[TIME_TEXT_MAX];

	return !wall_ms || cJSON_AddStringToObject(object, key, time_format_rfc3339(wall_ms, at));
}

/* Out of service is what the outbox says, whatever its process does. */
static bool add_disabled(cJSON *notifier, const struct notifier_counts *counts)
{
	cJSON *state = cJSON_CreateString("disabled");

	if (!state || !cJSON_ReplaceItemInObjectCaseSensitive(notifier, "state", state)) {
		cJSON_Delete(state);
		return false;
	}
	return add_time(notifier, "disabled_at", counts->disabled_ms) &&
	       cJSON_AddStringToObject(notifier, "disabled_text", counts->disabled_text ? counts->disabled_text : "");
}

static bool add_counts(cJSON *notifier, const struct notifier_counts *counts)
{
	static const struct notifier_counts none;

	if (!counts)
		counts = &none;
	return cJSON_AddNumberToObject(notifier, "waiting", (double)counts->waiting) &&
	       cJSON_AddNumberToObject(notifier, "dead", (double)counts->dead) &&
	       add_time(notifier, "due_since", counts->due_ms) &&
	       add_time(notifier, "group_due_at", counts->group_ms) &&
	       (!counts->disabled_ms || add_disabled(notifier, counts));
}

static int add_outbox(const struct request *request, cJSON *memory, struct err *err)
{
	OWNED(notifiers_counts_release) struct notifiers_counts counts = {0};
	cJSON *notifier;

	struct db *db = readers_borrow(request->readers, API_QUERY_MS);
	int rc = query_notifiers(db, &counts, err);
	readers_return(request->readers, db);
	cJSON_ArrayForEach (notifier, cJSON_GetObjectItemCaseSensitive(memory, "notifiers")) {
		if (!rc && !add_counts(notifier, find(&counts, json_string(notifier, "notifier"))))
			rc = err_nomem(err);
	}
	return rc;
}

int memory_ask(const struct request *request, cJSON **ret, struct err *err)
{
	const struct api_backend *backend = request->backend;
	OWNED_STRBUF struct strbuf text = {0};
	OWNED_JSON cJSON *memory = NULL;

	strbuf_addc(&text, '{');
	int rc = backend->status(backend->ctx, &text, err);
	strbuf_addc(&text, '}');
	if (!rc && strbuf_failed(&text))
		rc = err_nomem(err);
	if (!rc)
		rc = json_parse(text.data, text.len, &memory, err);
	if (!rc)
		rc = add_outbox(request, memory, err);
	if (rc)
		return rc;
	*ret = TAKE(memory);
	return 0;
}
