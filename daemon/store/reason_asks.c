/* SPDX-License-Identifier: Apache-2.0 */
/* reason_asks.c: see reason_asks.h. */
#include "store/reason_asks.h"

#include "base/json.h"

#include <string.h>

static const char PUT[] =
	"INSERT OR REPLACE INTO reason_ask (crate, version, registry, event, rank, due_ms, until_ms, looks, failures)"
	" SELECT id, :version, registry, nullif(:event, 0), :rank, :due, :until, :looks, :failures"
	" FROM crate WHERE id = :crate";
static const char LOAD[] = "SELECT coalesce(event, 0), rank, due_ms, until_ms, looks, failures FROM reason_ask"
			   " WHERE crate = :crate AND version = :version";
static const char DROP[] = "DELETE FROM reason_ask WHERE crate = :crate AND version = :version";
static const char REGISTRY[] = "SELECT id FROM registry WHERE name = :registry AND configured";
static const char CLAMP[] = "UPDATE reason_ask SET due_ms = :now WHERE registry = :registry AND rank = :rank"
			    " AND due_ms > :horizon";
static const char FIRST[] = "SELECT c.id, c.name FROM reason_ask a JOIN crate c ON c.id = a.crate"
			    " WHERE a.registry = :registry AND a.rank = :rank AND a.due_ms <= :now AND c.listed <> 0"
			    " ORDER BY a.due_ms LIMIT 1";
static const char VERSIONS[] = "SELECT version FROM reason_ask WHERE crate = :crate AND due_ms <= :now"
			       " ORDER BY rank, due_ms, version LIMIT :limit";
static const char SINCE[] = "SELECT coalesce(max(e.at_ms), 0) FROM reason_ask a JOIN event e ON e.seq = a.event"
			    " WHERE a.crate = :crate AND a.due_ms <= :now";
static const char NEXT[] =
	"SELECT coalesce(min(due_ms), 0) FROM reason_ask WHERE registry = :registry AND rank = :rank";
static const char BURST[] = "SELECT count(*) FROM (SELECT DISTINCT crate FROM reason_ask WHERE registry = :registry"
			    " AND rank = 0 AND due_ms <= :now LIMIT :limit)";
static const char CRATE[] = "SELECT c.id FROM crate c JOIN registry r ON r.id = c.registry WHERE r.name = :registry"
			    " AND r.configured AND c.name = :crate AND c.listed <> 0";
static const char OWNERS[] = "SELECT asked_ms, has_teams, logins FROM reason_owners WHERE crate = :crate";
static const char OWNERS_SAVE[] = "INSERT OR REPLACE INTO reason_owners (crate, asked_ms, has_teams, logins)"
				  " VALUES (:crate, :now, :teams, :logins)";
static const char OWNERS_FORGET[] = "DELETE FROM reason_owners WHERE crate = :crate";

int reason_ask_put(struct db *db, const struct reason_ask *ask, struct err *err)
{
	struct stmt st = stmt_use(db, PUT);
	stmt_put_int(&st, ":crate", ask->crate);
	stmt_put_text(&st, ":version", ask->version);
	stmt_put_int(&st, ":event", ask->event);
	stmt_put_int(&st, ":rank", ask->rank);
	stmt_put_int(&st, ":due", ask->due_ms);
	stmt_put_int(&st, ":until", ask->until_ms);
	stmt_put_int(&st, ":looks", ask->looks);
	stmt_put_int(&st, ":failures", ask->failures);
	return stmt_run(&st, err);
}

int reason_ask_load(struct db *db, int64_t crate, const char *version, struct reason_ask *ret, struct err *err)
{
	*ret = (struct reason_ask){.version = version};
	struct stmt st = stmt_use(db, LOAD);
	stmt_put_int(&st, ":crate", crate);
	stmt_put_text(&st, ":version", version);
	if (stmt_row(&st))
		*ret = (struct reason_ask){
			.crate = crate,
			.version = version,
			.event = stmt_int(&st, 0),
			.rank = (enum reason_rank)stmt_int(&st, 1),
			.due_ms = stmt_int(&st, 2),
			.until_ms = stmt_int(&st, 3),
			.looks = (unsigned)stmt_int(&st, 4),
			.failures = (unsigned)stmt_int(&st, 5),
		};
	return stmt_done(&st, err);
}

int reason_ask_drop(struct db *db, int64_t crate, const char *version, struct err *err)
{
	struct stmt st = stmt_use(db, DROP);
	stmt_put_int(&st, ":crate", crate);
	stmt_put_text(&st, ":version", version);
	return stmt_run(&st, err);
}

/* A number of the question; 0 = it has no row. */
static int ask_number(struct stmt *st, int64_t *ret, struct err *err)
{
	*ret = 0;
	if (stmt_row(st))
		*ret = stmt_int(st, 0);
	return stmt_done(st, err);
}

int reason_crate(struct db *db, const char *registry, const char *crate, int64_t *ret, struct err *err)
{
	struct stmt st = stmt_use(db, CRATE);
	stmt_put_text(&st, ":registry", registry);
	stmt_put_text(&st, ":crate", crate);
	return ask_number(&st, ret, err);
}

/* ---- what is next ---- */

void reason_turn_release(struct reason_turn *turn)
{
	for (size_t i = 0; i < turn->n; i++)
		free(turn->versions[i]);
	free(turn->versions);
	free(turn->name);
	*turn = (struct reason_turn){0};
}

static int clamp(struct db *db, int64_t registry, int64_t now_ms, int64_t longest_ms, struct err *err)
{
	int rc = 0;

	for (unsigned rank = 0; rank < REASON_RANKS && !rc; rank++) {
		int64_t most_ms =
			rank == REASON_AGAIN && longest_ms > REASON_PAUSE_MAX_MS ? longest_ms : REASON_PAUSE_MAX_MS;
		struct stmt st = stmt_use(db, CLAMP);
		stmt_put_int(&st, ":now", now_ms);
		stmt_put_int(&st, ":registry", registry);
		stmt_put_int(&st, ":rank", rank);
		stmt_put_int(&st, ":horizon", now_ms + most_ms);
		rc = stmt_run(&st, err);
	}
	return rc;
}

static int find_crate(struct db *db, int64_t registry, int64_t now_ms, struct reason_turn *turn, struct err *err)
{
	int rc = 0;

	for (unsigned rank = 0; rank < REASON_RANKS && !rc && !turn->crate; rank++) {
		struct stmt st = stmt_use(db, FIRST);
		stmt_put_int(&st, ":registry", registry);
		stmt_put_int(&st, ":rank", rank);
		stmt_put_int(&st, ":now", now_ms);
		if (stmt_row(&st)) {
			turn->crate = stmt_int(&st, 0);
			turn->name = stmt_text_copy(&st, 1);
		}
		rc = stmt_done(&st, err);
	}
	return rc;
}

static int find_versions(struct db *db, int64_t now_ms, struct reason_turn *turn, struct err *err)
{
	turn->versions = calloc(REASON_VERSIONS_MAX, sizeof *turn->versions);
	if (!turn->versions)
		return err_nomem(err);
	struct stmt st = stmt_use(db, VERSIONS);
	stmt_put_int(&st, ":crate", turn->crate);
	stmt_put_int(&st, ":now", now_ms);
	stmt_put_int(&st, ":limit", REASON_VERSIONS_MAX);
	while (stmt_row(&st))
		turn->versions[turn->n++] = stmt_text_copy(&st, 0);
	return stmt_done(&st, err);
}

static int find_since(struct db *db, int64_t now_ms, struct reason_turn *turn, struct err *err)
{
	struct stmt st = stmt_use(db, SINCE);
	stmt_put_int(&st, ":crate", turn->crate);
	stmt_put_int(&st, ":now", now_ms);
	return ask_number(&st, &turn->since_ms, err);
}

static int count_burst(struct db *db, int64_t registry, int64_t now_ms, struct reason_turn *turn, struct err *err)
{
	int64_t crates;

	struct stmt st = stmt_use(db, BURST);
	stmt_put_int(&st, ":registry", registry);
	stmt_put_int(&st, ":now", now_ms);
	stmt_put_int(&st, ":limit", REASON_BURST + 1);
	int rc = ask_number(&st, &crates, err);
	turn->burst = (size_t)crates;
	return rc;
}

static int find_next_ms(struct db *db, int64_t registry, struct reason_turn *turn, struct err *err)
{
	int rc = 0;

	for (unsigned rank = 0; rank < REASON_RANKS && !rc; rank++) {
		int64_t due_ms;
		struct stmt st = stmt_use(db, NEXT);
		stmt_put_int(&st, ":registry", registry);
		stmt_put_int(&st, ":rank", rank);
		rc = ask_number(&st, &due_ms, err);
		if (due_ms && (!turn->next_ms || due_ms < turn->next_ms))
			turn->next_ms = due_ms;
	}
	return rc;
}

int reason_turn_find(struct db *db, const char *registry, int64_t now_ms, int64_t longest_ms, struct reason_turn *ret,
		     struct err *err)
{
	OWNED(reason_turn_release) struct reason_turn turn = {0};
	int64_t id;

	*ret = turn;
	struct stmt st = stmt_use(db, REGISTRY);
	stmt_put_text(&st, ":registry", registry);
	int rc = ask_number(&st, &id, err);
	if (rc || !id)
		return rc;
	rc = clamp(db, id, now_ms, longest_ms, err);
	if (!rc)
		rc = find_crate(db, id, now_ms, &turn, err);
	if (!rc)
		rc = turn.crate ? find_versions(db, now_ms, &turn, err) : find_next_ms(db, id, &turn, err);
	if (!rc && turn.crate)
		rc = find_since(db, now_ms, &turn, err);
	if (!rc && turn.crate)
		rc = count_burst(db, id, now_ms, &turn, err);
	if (rc)
		return rc;
	*ret = turn;
	turn = (struct reason_turn){0};
	return 0;
}

/* ---- owners ---- */

static int read_logins(const char *json, struct reason_owners *ret, struct err *err)
{
	OWNED_JSON cJSON *list = NULL;
	const cJSON *item;

	int rc = json_parse(json, strlen(json), &list, err);
	if (rc)
		return rc;
	ret->logins = calloc((size_t)cJSON_GetArraySize(list) + 1, sizeof *ret->logins);
	if (!ret->logins)
		return err_nomem(err);
	cJSON_ArrayForEach (item, list) {
		ret->logins[ret->n] = cJSON_IsString(item) ? strdup(item->valuestring) : NULL;
		if (!ret->logins[ret->n])
			return err_nomem(err);
		ret->n++;
	}
	return 0;
}

int reason_owners_load(struct db *db, int64_t crate, struct reason_owners *ret, int64_t *ret_asked_ms, struct err *err)
{
	OWNED_MEM char *json = NULL;

	*ret = (struct reason_owners){0};
	*ret_asked_ms = 0;
	struct stmt st = stmt_use(db, OWNERS);
	stmt_put_int(&st, ":crate", crate);
	if (stmt_row(&st)) {
		*ret_asked_ms = stmt_int(&st, 0);
		ret->has_teams = stmt_int(&st, 1) != 0;
		json = stmt_text_copy(&st, 2);
	}
	int rc = stmt_done(&st, err);
	if (!rc && json)
		rc = read_logins(json, ret, err);
	if (rc)
		reason_owners_release(ret);
	return rc;
}

int reason_owners_save(struct db *db, int64_t crate, const struct reason_owners *owners, int64_t now_ms,
		       struct err *err)
{
	OWNED_STRBUF struct strbuf logins = {0};
	struct json_writer w = {.out = &logins};

	json_open(&w, NULL, '[');
	for (size_t i = 0; i < owners->n; i++)
		json_put_string(&w, NULL, owners->logins[i]);
	json_close(&w, ']');
	if (strbuf_failed(&logins))
		return err_nomem(err);
	struct stmt st = stmt_use(db, OWNERS_SAVE);
	stmt_put_int(&st, ":crate", crate);
	stmt_put_int(&st, ":now", now_ms);
	stmt_put_int(&st, ":teams", owners->has_teams);
	stmt_put_text(&st, ":logins", strbuf_str(&logins));
	return stmt_run(&st, err);
}

int reason_owners_forget(struct db *db, int64_t crate, struct err *err)
{
	struct stmt st = stmt_use(db, OWNERS_FORGET);
	stmt_put_int(&st, ":crate", crate);
	return stmt_run(&st, err);
}
