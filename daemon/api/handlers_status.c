/* SPDX-License-Identifier: Apache-2.0 */
/* handlers_status.c: how the daemon is doing. */
#include "api/handlers.h"
#include "api/memory.h"
#include "api/metrics.h"
#include "api/openapi.h"
#include "api/peer.h"
#include "base/clock.h"
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

/* {"published": 3}: those that are above 0. */
static void put_each(struct json_writer *w, const char *key, const int64_t *counts, size_t n,
		     const char *(*name)(size_t i))
{
	json_open(w, key, '{');
	for (size_t i = 0; i < n; i++)
		if (counts[i])
			json_put_int(w, name(i), counts[i]);
	json_close(w, '}');
}

static const char *kind_name(size_t i)
{
	return event_kind_name((enum event_kind)i);
}

static const char *name_of_severity(size_t i)
{
	return severity_name((enum severity)i);
}

/* As the loop counts them: of the configuration's registries. */
static int64_t count_watches(const cJSON *memory)
{
	const cJSON *registry;
	int64_t watches = 0;

	cJSON_ArrayForEach (registry, json_member(memory, "registries"))
		watches += json_int(registry, "watches", 0);
	return watches;
}

static void put_counts(struct json_writer *w, const struct database_counts *counts, int64_t watches)
{
	json_open(w, "database", '{');
	json_put_int(w, "events", counts->events);
	put_each(w, "events_by_kind", counts->kinds, ARRAY_LEN(counts->kinds), kind_name);
	json_put_int(w, "crates", watches);
	json_put_int(w, "bytes", counts->bytes);
	json_put_int(w, "wal_bytes", counts->wal_bytes);
	json_close(w, '}');
	put_each(w, "findings", counts->findings, ARRAY_LEN(counts->findings), name_of_severity);
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

/* The status is told as JSON and as metrics; appended to `out`. */
static int write_status(const struct request *request, struct strbuf *out, struct err *err)
{
	struct json_writer w = {.out = out};
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
	put_counts(&w, &counts, count_watches(memory));
	if (head.len) {
		strbuf_addc(out, ',');
		strbuf_add(out, strbuf_str(&head), head.len);
	}
	json_open(&w, "log", '{');
	json_put_int(&w, "dropped", (int64_t)log_dropped());
	json_close(&w, '}');
	json_close(&w, '}');
	return 0;
}

int handle_status(struct request *request, struct err *err)
{
	return write_status(request, &request->answer, err);
}

int handle_metrics(struct request *request, struct err *err)
{
	OWNED_STRBUF struct strbuf text = {0};
	OWNED_JSON cJSON *status = NULL;

	int rc = write_status(request, &text, err);
	if (!rc && strbuf_failed(&text))
		rc = err_nomem(err);
	if (!rc)
		rc = json_parse(strbuf_str(&text), text.len, &status, err);
	if (rc)
		return rc;
	metrics_write(status, clock_wall_ms(), &request->answer);
	request->content_type = METRICS_TYPE;
	return 0;
}

int handle_openapi(struct request *request, struct err *err)
{
	OWNED_JSON cJSON *description = openapi_make(api_routes, api_routes_count);
	OWNED_MEM char *text = description ? cJSON_PrintUnformatted(description) : NULL;

	if (!text)
		return err_nomem(err);
	strbuf_adds(&request->answer, text);
	return 0;
}

int handle_reload(struct request *request, struct err *err)
{
	const struct api_backend *backend = request->backend;
	char by[PEER_NAME_MAX];

	return backend->reload(backend->ctx, peer_name(request->uid, by), &request->answer, err);
}
