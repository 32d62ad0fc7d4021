/* SPDX-License-Identifier: Apache-2.0 */
/* handlers_status.c: how the daemon is doing. */
#include "api/handlers.h"
#include "api/memory.h"
#include "base/json.h"
#include "base/log.h"
#include "store/heads.h"
#include "store/query.h"

int handle_healthz(struct request *request, struct err *err)
{
	bool healthy = request->backend->is_healthy(request->backend->ctx);
	(void)err;

	strbuf_addf(&request->answer, "{\"healthy\":%s}", healthy ? "true" : "false");
	request->status = healthy ? 200 : 503;
	return 0;
}

static void put_counts(struct json_writer *w, const struct database_counts *counts)
{
	json_open(w, "database", '{');
	json_put_int(w, "events", counts->events);
	json_put_int(w, "crates", counts->crates);
	json_put_int(w, "bytes", counts->bytes);
	json_put_int(w, "wal_bytes", counts->wal_bytes);
	json_close(w, '}');
	json_open(w, "outbox", '{');
	for (size_t i = 0; i < NOTIFICATION_STATES; i++)
		json_put_int(w, notification_state_name((enum notification_state)i), counts->notifications[i]);
	json_close(w, '}');
}

/* The members of `memory`, each as it is. */
static void put_members(struct json_writer *w, const cJSON *memory)
{
	const cJSON *member;

	cJSON_ArrayForEach (member, memory) {
		OWNED_MEM char *text = cJSON_PrintUnformatted(member);
		w->out->failed |= !text;
		json_put_raw(w, member->string, text ? text : "null");
	}
}

int handle_status(struct request *request, struct err *err)
{
	struct json_writer w = {.out = &request->answer};
	OWNED_JSON cJSON *memory = NULL;
	struct database_counts counts;
	OWNED_STRBUF struct strbuf head = {0};

	int rc = memory_ask(request, &memory, err);
	if (rc)
		return rc;
	struct db *db = readers_borrow(request->readers, API_QUERY_MS);
	rc = query_counts(db, &counts, err);
	if (!rc)
		rc = heads_put(db, &(struct json_writer){.out = &head}, err);
	readers_return(request->readers, db);
	if (rc)
		return rc;
	json_open(&w, NULL, '{');
	json_put_string(&w, "version", YANKWATCH_VERSION);
	json_put_time(&w, "started_at", request->started_ms);
	put_members(&w, memory);
	put_counts(&w, &counts);
	if (head.len) {
		strbuf_addc(&request->answer, ',');
		strbuf_add(&request->answer, strbuf_str(&head), head.len);
	}
	json_open(&w, "log", '{');
	json_put_int(&w, "dropped", (int64_t)log_dropped());
	json_close(&w, '}');
	json_close(&w, '}');
	return 0;
}
