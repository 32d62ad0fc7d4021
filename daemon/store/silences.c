/* SPDX-License-Identifier: Apache-2.0 */
/* silences.c: see silences.h. */
#include "store/silences.h"

#include "base/numbers.h"

#include <sodium.h>
#include <stdio.h>

static const char ADD[] = "INSERT INTO silence (public_id, created_ms, ends_ms, author, comment, registry, crate,"
			  " version, project, kinds) VALUES (:id, :now, :ends, :author, :comment, :registry, :crate,"
			  " :version, :project, :kinds)";
static const char REMOVE[] =
	"UPDATE silence SET removed_ms = :now WHERE public_id = :id AND removed_ms = 0 AND ends_ms > :now";
static const char EXISTS[] = "SELECT 1 FROM silence WHERE public_id = :id";
static const char LIST[] = "SELECT id, registry, crate, version, project, kinds, public_id, created_ms, ends_ms,"
			   " removed_ms, author, comment, (SELECT count(*) FROM notification_event e"
			   " WHERE e.silence = silence.id) FROM silence"
			   " WHERE :active = 0 OR (removed_ms = 0 AND ends_ms > :now) ORDER BY id DESC";
/* Each claim asks: without being told, SQLite reads all that ever were. */
static const char ACTIVE[] =
	"SELECT id, registry, crate, version, project, kinds FROM silence INDEXED BY silence_active"
	" WHERE removed_ms = 0 AND ends_ms > :now ORDER BY ends_ms, id";

/* The columns that LIST and ACTIVE begin with; borrowed from the row. */
static struct silence_match read_match(struct stmt *st)
{
	return (struct silence_match){
		.registry = stmt_text(st, 1),
		.crate = stmt_text(st, 2),
		.version = stmt_text(st, 3),
		.project = stmt_text(st, 4),
		.kinds = (uint32_t)stmt_int(st, 5),
	};
}

/* Random: nobody shall have to know how many there were. */
static void make_id(char ret[static SILENCE_ID_MAX])
{
	unsigned char bytes[16];
	char hex[2 * sizeof bytes + 1];

	randombytes_buf(bytes, sizeof bytes);
	hex_encode(bytes, sizeof bytes, hex);
	(void)snprintf(ret, SILENCE_ID_MAX, "sil_%s", hex);
}

int silences_add(struct db *db, const struct silence *silence, int64_t now_ms, char ret_id[static SILENCE_ID_MAX],
		 struct err *err)
{
	const char *complaint = silence_complaint(silence, now_ms);

	if (complaint)
		return err_set(err, ERR_BAD, "%s", complaint);
	make_id(ret_id);
	struct stmt st = stmt_use(db, ADD);
	stmt_put_text(&st, ":id", ret_id);
	stmt_put_int(&st, ":now", now_ms);
	stmt_put_int(&st, ":ends", silence->ends_ms);
	stmt_put_text(&st, ":author", silence->author);
	stmt_put_text(&st, ":comment", silence->comment);
	stmt_put_text(&st, ":registry", silence->match.registry);
	stmt_put_text(&st, ":crate", silence->match.crate);
	stmt_put_text(&st, ":version", silence->match.version);
	stmt_put_text(&st, ":project", silence->match.project);
	stmt_put_int(&st, ":kinds", silence->match.kinds);
	return stmt_run(&st, err);
}

static int is_there(struct db *db, const char *id, bool *ret, struct err *err)
{
	struct stmt st = stmt_use(db, EXISTS);
	stmt_put_text(&st, ":id", id);
	*ret = stmt_row(&st);
	return stmt_done(&st, err);
}

int silences_remove(struct db *db, const char *id, int64_t now_ms, struct err *err)
{
	int64_t before = db_rows_written(db);
	bool there = false;

	struct stmt st = stmt_use(db, REMOVE);
	stmt_put_int(&st, ":now", now_ms);
	stmt_put_text(&st, ":id", id);
	int rc = stmt_run(&st, err);
	if (rc || db_rows_written(db) != before)
		return rc;
	rc = is_there(db, id, &there, err);
	if (rc)
		return rc;
	return there ? err_set(err, ERR_REFUSED, "the silence %s is over already", id)
		     : err_set(err, ERR_ABSENT, "there is no silence %s", id);
}

int silences_list(struct db *db, bool active, int64_t now_ms, void (*each)(void *ctx, const struct silence_row *row),
		  void *ctx, struct err *err)
{
	struct stmt st = stmt_use(db, LIST);
	stmt_put_int(&st, ":active", active);
	stmt_put_int(&st, ":now", now_ms);
	while (stmt_row(&st)) {
		const struct silence_row row = {
			.id = stmt_text(&st, 6),
			.silence = {.match = read_match(&st),
				    .ends_ms = stmt_int(&st, 8),
				    .author = stmt_text(&st, 10),
				    .comment = stmt_text(&st, 11)},
			.created_ms = stmt_int(&st, 7),
			.removed_ms = stmt_int(&st, 9),
			.held_back = stmt_int(&st, 12),
		};
		each(ctx, &row);
	}
	return stmt_done(&st, err);
}

/* ---- for the outbox ---- */

void active_silences_release(struct active_silences *silences)
{
	for (size_t i = 0; i < silences->count; i++) {
		free(silences->items[i].registry);
		free(silences->items[i].crate);
		free(silences->items[i].version);
		free(silences->items[i].project);
	}
	free(silences->items);
	*silences = (struct active_silences){0};
}

static void add_active(struct active_silences *silences, struct stmt *st)
{
	struct active_silence *items = reallocarray(silences->items, silences->count + 1, sizeof *items);

	if (!items) {
		st->code = SQLITE_NOMEM;
		return;
	}
	silences->items = items;
	items[silences->count++] = (struct active_silence){
		.row = stmt_int(st, 0),
		.registry = stmt_text_copy(st, 1),
		.crate = stmt_text_copy(st, 2),
		.version = stmt_text_copy(st, 3),
		.project = stmt_text_copy(st, 4),
		.kinds = (uint32_t)stmt_int(st, 5),
	};
}

int silences_load(struct db *db, int64_t now_ms, struct active_silences *ret, struct err *err)
{
	OWNED(active_silences_release) struct active_silences silences = {0};

	struct stmt st = stmt_use(db, ACTIVE);
	stmt_put_int(&st, ":now", now_ms);
	while (stmt_row(&st))
		add_active(&silences, &st);
	int rc = stmt_done(&st, err);
	if (rc)
		return rc;
	*ret = silences;
	silences = (struct active_silences){0};
	return 0;
}

int64_t silences_find(const struct active_silences *silences, const struct routed_event *event, const char *version)
{
	for (size_t i = 0; i < silences->count; i++) {
		const struct active_silence *silence = &silences->items[i];
		const struct silence_match match = {
			.registry = silence->registry,
			.crate = silence->crate,
			.version = silence->version,
			.project = silence->project,
			.kinds = silence->kinds,
		};
		if (silence_matches(&match, event, version))
			return silence->row;
	}
	return 0;
}
