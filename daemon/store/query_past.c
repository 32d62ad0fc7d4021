/* SPDX-License-Identifier: Apache-2.0 */
/* query_past.c: a crate at a past moment; see query.h. What it was follows from what it is and from its events. */
#include "base/clock.h"
#include "base/numbers.h"
#include "model/past.h"
#include "store/query.h"
#include "store/versions.h"

static const char CRATE[] = "SELECT c.id, c.state, c.since_ms FROM crate c JOIN registry r ON r.id = c.registry"
			    " WHERE r.name = :registry AND c.name = :crate AND r.configured AND c.listed <> 0";
/* The audit trail's are recorded later than younger ones. Of a project's own events none changes the crate. */
static const char EVENTS[] = "SELECT at_ms, seq, kind, version, body FROM event WHERE crate = :crate AND kind < :last"
			     " UNION ALL SELECT at_ms, seq, :published, version, NULL FROM pruned WHERE crate = :crate"
			     " ORDER BY at_ms, seq";

struct crate_now {
	int64_t id, since_ms;
	enum crate_state state;
};

static int find_crate(struct db *db, const char *registry, const char *crate, struct crate_now *ret, struct err *err)
{
	struct stmt st = stmt_use(db, CRATE);
	stmt_put_text(&st, ":registry", registry);
	stmt_put_text(&st, ":crate", crate);
	bool found = stmt_row(&st);
	if (found)
		*ret = (struct crate_now){.id = stmt_int(&st, 0),
					  .state = (enum crate_state)stmt_int(&st, 1),
					  .since_ms = stmt_int(&st, 2)};
	int rc = stmt_done(&st, err);
	return rc || found ? rc : err_set(err, ERR_ABSENT, "%s in %s is not watched", crate, registry);
}

static int check_moment(const struct crate_now *now, const char *registry, const char *crate, int64_t at_ms,
			struct err *err)
{
	char since[TIME_TEXT_MAX];

	if (at_ms > clock_wall_ms())
		return err_set(err, ERR_BAD, "at: that moment is still to come");
	if (now->state == CRATE_UNKNOWN)
		return err_set(err, ERR_BAD, "at: %s in %s was not looked at yet", crate, registry);
	if (at_ms < now->since_ms)
		return err_set(err, ERR_BAD, "at: %s in %s is known since %s: nobody looked before", crate, registry,
			       time_format_rfc3339(now->since_ms, since));
	return 0;
}

/* ---- events ---- */

/* What a body says, for past_take(). */
struct told {
	cJSON *body; /* owned; NULL: it was pruned */
	unsigned char checksum[CHECKSUM_SIZE], previous[CHECKSUM_SIZE];
	const char **versions; /* owned */
};

static void told_release(struct told *told)
{
	cJSON_Delete(told->body);
	free(told->versions);
}

static const unsigned char *read_checksum(const cJSON *object, unsigned char *ret)
{
	const char *hex = json_string(object, "checksum");
	return hex && hex_decode(hex, CHECKSUM_SIZE, ret) ? ret : NULL;
}

static int read_versions(struct told *told, struct past_event *event, struct err *err)
{
	const cJSON *list = json_member(told->body, "versions");
	const cJSON *item;

	if (!list)
		return 0;
	told->versions = calloc((size_t)cJSON_GetArraySize(list) + 1, sizeof *told->versions);
	if (!told->versions)
		return err_nomem(err);
	cJSON_ArrayForEach (item, list)
		if (cJSON_IsString(item))
			told->versions[event->n_versions++] = item->valuestring;
	event->versions = told->versions;
	return 0;
}

/* False in *ret_is_of_now: it is from before the present baseline. */
static int read_body(struct told *told, const char *body, size_t len, int64_t since_ms, struct past_event *event,
		     bool *ret_is_of_now, struct err *err)
{
	int64_t observed_ms = event->at_ms;

	int rc = json_parse(body, len, &told->body, err);
	if (rc)
		return err_prefix(err, "database: an event's body");
	const char *observed = json_string(told->body, "observed_at");
	if (observed)
		(void)time_parse_rfc3339(observed, &observed_ms);
	*ret_is_of_now = observed_ms >= since_ms;
	event->yanked = json_bool(told->body, "yanked", false);
	event->checksum = read_checksum(told->body, told->checksum);
	event->previous = read_checksum(json_member(told->body, "previous"), told->previous);
	return read_versions(told, event, err);
}

static int take_event(struct past *past, struct stmt *st, int64_t since_ms, struct err *err)
{
	OWNED(told_release) struct told told = {0};
	size_t len;
	const char *body = stmt_bytes(st, 4, &len);
	struct past_event event = {.kind = (enum event_kind)stmt_int(st, 2),
				   .at_ms = stmt_int(st, 0),
				   .version = stmt_text(st, 3),
				   .pruned = !body};
	bool is_of_now = event.at_ms >= since_ms;

	int rc = body ? read_body(&told, body, len, since_ms, &event, &is_of_now, err) : 0;
	if (!rc && is_of_now && event.kind >= 0 && event.kind <= EVENT_METADATA_CHANGED)
		past_take(past, &event);
	return rc;
}

static int take_events(struct db *db, const struct crate_now *now, struct past *past, struct err *err)
{
	struct err done_err;
	int rc = 0;

	struct stmt st = stmt_use(db, EVENTS);
	stmt_put_int(&st, ":crate", now->id);
	stmt_put_int(&st, ":last", EVENT_METADATA_CHANGED + 1);
	stmt_put_int(&st, ":published", EVENT_PUBLISHED);
	while (!rc && stmt_row(&st))
		rc = take_event(past, &st, now->since_ms, err);
	int done = stmt_done(&st, rc ? &done_err : err);
	past_end(past);
	return rc ? rc : done;
}

/* ---- the answer ---- */

static void put_version(struct json_writer *w, const struct past_version *version)
{
	char hex[2 * CHECKSUM_SIZE + 1];

	hex_encode(version->checksum, sizeof version->checksum, hex);
	json_open(w, NULL, '{');
	json_put_string(w, "version", version->now->vers);
	json_put_string(w, "checksum", hex);
	if (version->yanked_known)
		json_put_bool(w, "yanked", version->yanked);
	json_put_bool(w, "deleted", version->deleted);
	if (version->changed_ms)
		json_put_time(w, "changed_at", version->changed_ms);
	json_close(w, '}');
}

static void put_past(struct json_writer *w, const struct past *past, int64_t since_ms)
{
	int64_t usable = 0;

	for (size_t i = 0; i < past->count; i++)
		usable += past->items[i].there && !past->items[i].deleted && past->items[i].yanked_known &&
			  !past->items[i].yanked;
	json_put_time(w, "at", past->at_ms);
	json_put_time(w, "since", since_ms);
	json_put_string(w, "state", past->state == CRATE_PRESENT ? "present" : "absent");
	json_put_int(w, "usable_versions", usable);
	json_open(w, "versions", '[');
	for (size_t i = 0; i < past->count; i++)
		if (past->items[i].there)
			put_version(w, &past->items[i]);
	json_close(w, ']');
}

int query_crate_at(struct db *db, const char *registry, const char *crate, int64_t at_ms, struct strbuf *out,
		   struct err *err)
{
	OWNED(index_versions_release) struct index_versions versions = {0};
	OWNED(past_release) struct past past = {0};
	struct json_writer w = {.out = out};
	struct crate_now now = {0};

	int rc = find_crate(db, registry, crate, &now, err);
	if (!rc)
		rc = check_moment(&now, registry, crate, at_ms, err);
	if (!rc)
		rc = versions_load(db, now.id, &versions, err);
	if (!rc)
		rc = past_begin(&past, at_ms, now.state, &versions, err);
	if (!rc)
		rc = take_events(db, &now, &past, err);
	if (rc)
		return rc;
	json_open(&w, NULL, '{');
	json_put_string(&w, "registry", registry);
	json_put_string(&w, "crate", crate);
	put_past(&w, &past, now.since_ms);
	json_close(&w, '}');
	return strbuf_failed(out) ? err_nomem(err) : 0;
}
