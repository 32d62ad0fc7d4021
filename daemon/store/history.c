/* SPDX-License-Identifier: Apache-2.0 */
/* history.c: see history.h. */
#include "store/history.h"

#include "store/heads.h"

#include <string.h>

static const char ORDINAL[] = "SELECT count(*) FROM event WHERE crate = :crate AND version = :version AND kind = :kind"
			      " AND source = 0";
static const char ORDINAL_WITH_PRUNED[] =
	"SELECT (SELECT count(*) FROM event WHERE crate = :crate AND version = :version AND kind = :kind)"
	" + (SELECT count(*) FROM pruned WHERE crate = :crate AND version = :version)";
/* Findings are each project's own, and a thousand projects may lock one version: by the index event_finding, for which
 * the last term is said. */
static const char ORDINAL_OF_PROJECT[] = "SELECT count(*) FROM event WHERE crate = :crate AND version = :version"
					 " AND kind = :kind AND project = :project AND project <> ''";
static const char KIND[] = "SELECT kind FROM event WHERE seq = :seq";
/* A head whose event is gone still says what the next one follows. */
static const char HASH_BEFORE[] = "SELECT hash FROM event WHERE seq = :seq - 1 UNION ALL"
				  " SELECT hash FROM head WHERE seq = :seq - 1 LIMIT 1";
static const char APPEND[] = "INSERT INTO event (seq, id, at_ms, crate, version, kind, severity, project, source, body,"
			     " prev_hash, hash) VALUES (:seq, :id, :at, :crate, :version, :kind, :severity, :project,"
			     " :source, :body, :prev_hash, :hash)";
/* A registry may be blind and have an incident at once: the end says since when, too. */
#define OF_THE_SAME                                                                          \
	" AND b.version = a.version AND (a.version <> '' OR json_extract(a.body, '$.since')" \
	" IS json_extract(b.body, '$.since'))"
#define OF_THE_SAME_PROJECT " AND b.version = a.version AND b.project = a.project AND b.project <> ''"
#define TAKEN_BACK_BY(same)                                                  \
	"SELECT b.at_ms FROM event a JOIN event b ON b.crate = a.crate" same \
	" WHERE a.seq = :seq AND b.kind = :kind AND b.source = 0 AND b.seq > a.seq ORDER BY b.seq LIMIT 1"
#define TAKES_BACK_OF(same)                                                \
	"SELECT b.seq FROM event a JOIN event b ON b.crate = a.crate" same \
	" WHERE a.seq = :seq AND b.kind = :kind AND b.source = 0 AND b.seq < a.seq ORDER BY b.seq DESC LIMIT 1"
/* [of a project] */
static const char *const taken_back_sql[] = {TAKEN_BACK_BY(OF_THE_SAME), TAKEN_BACK_BY(OF_THE_SAME_PROJECT)};
static const char *const takes_back_sql[] = {TAKES_BACK_OF(OF_THE_SAME), TAKES_BACK_OF(OF_THE_SAME_PROJECT)};

int history_next_seq(struct db *db, int64_t *ret, struct err *err)
{
	int64_t last = 0;

	int rc = heads_last_seq(db, &last, err);
	*ret = last + 1;
	return rc;
}

int history_ordinal(struct db *db, int64_t crate, const char *version, enum event_kind kind, const char *project,
		    int64_t *ret, struct err *err)
{
	const char *sql = kind == EVENT_PUBLISHED ? ORDINAL_WITH_PRUNED : project ? ORDINAL_OF_PROJECT : ORDINAL;
	struct stmt st = stmt_use(db, sql);
	if (project)
		stmt_put_text(&st, ":project", project);
	stmt_put_int(&st, ":crate", crate);
	stmt_put_text(&st, ":version", version);
	stmt_put_int(&st, ":kind", kind);
	if (stmt_row(&st))
		*ret = stmt_int(&st, 0);
	return stmt_done(&st, err);
}

int history_kind(struct db *db, int64_t seq, enum event_kind *ret, struct err *err)
{
	struct stmt st = stmt_use(db, KIND);
	stmt_put_int(&st, ":seq", seq);
	bool found = stmt_row(&st);
	if (found)
		*ret = (enum event_kind)stmt_int(&st, 0);
	int rc = stmt_done(&st, err);
	return rc || found ? rc : err_set(err, ERR_ABSENT, "there is no event %lld", (long long)seq);
}

/* Zero bytes before the first one, and where somebody has taken the hash away: the chain shows it, and goes on. */
static int hash_before(struct db *db, int64_t seq, unsigned char ret[static CHAIN_HASH_SIZE], struct err *err)
{
	memset(ret, 0, CHAIN_HASH_SIZE);
	struct stmt st = stmt_use(db, HASH_BEFORE);
	stmt_put_int(&st, ":seq", seq);
	bool found = stmt_row(&st);
	if (found)
		(void)stmt_blob(&st, 0, ret, CHAIN_HASH_SIZE);
	int rc = stmt_done(&st, err);
	return rc || found || seq == 1 ? rc
				       : err_set(err, ERR_BAD, "there is no event %lld to follow", (long long)seq - 1);
}

int history_append(struct db *db, int64_t crate, const struct event *event, struct err *err)
{
	OWNED_STRBUF struct strbuf body = {0};
	unsigned char prev_hash[CHAIN_HASH_SIZE];
	unsigned char hash[CHAIN_HASH_SIZE];

	event_write_body(&body, event);
	if (strbuf_failed(&body))
		return err_nomem(err);
	int rc = hash_before(db, event->seq, prev_hash, err);
	if (rc)
		return rc;
	chain_digest(strbuf_str(&body), body.len, hash);
	chain_next(prev_hash, hash, hash);
	struct stmt st = stmt_use(db, APPEND);
	stmt_put_int(&st, ":seq", event->seq);
	stmt_put_text(&st, ":id", event->id);
	stmt_put_int(&st, ":at", event->at_ms);
	stmt_put_int(&st, ":crate", crate);
	stmt_put_text(&st, ":version", event->version ? event->version : "");
	stmt_put_int(&st, ":kind", event->kind);
	stmt_put_int(&st, ":severity", event->severity);
	stmt_put_text(&st, ":project", event->project ? event->project : "");
	stmt_put_int(&st, ":source", event->source);
	stmt_put_text(&st, ":body", strbuf_str(&body));
	stmt_put_blob(&st, ":prev_hash", prev_hash, sizeof prev_hash);
	stmt_put_blob(&st, ":hash", hash, sizeof hash);
	return stmt_run(&st, err);
}

/* The number that the question finds, for an event of `kind` before or after; 0 = none. */
static int look(struct db *db, const char *sql, int64_t seq, enum event_kind kind, int64_t *ret, struct err *err)
{
	*ret = 0;
	struct stmt st = stmt_use(db, sql);
	stmt_put_int(&st, ":seq", seq);
	stmt_put_int(&st, ":kind", kind);
	if (stmt_row(&st))
		*ret = stmt_int(&st, 0);
	return stmt_done(&st, err);
}

int history_taken_back(struct db *db, int64_t seq, enum event_kind kind, int64_t *ret_at_ms, struct err *err)
{
	enum event_kind by;

	*ret_at_ms = 0;
	return event_kind_taken_back_by(kind, &by)
		       ? look(db, taken_back_sql[event_kind_is_of_project(kind)], seq, by, ret_at_ms, err)
		       : 0;
}

int history_follows(struct db *db, int64_t seq, enum event_kind kind, int64_t *ret_seq, struct err *err)
{
	uint32_t kinds = event_kind_follows(kind);
	int64_t found = 0;
	int rc = 0;

	*ret_seq = 0;
	for (unsigned before = 0; before < EVENT_KINDS && !rc; before++) {
		if (!(kinds & 1u << before))
			continue;
		rc = look(db, takes_back_sql[event_kind_is_of_project(kind)], seq, (enum event_kind)before, &found,
			  err);
		if (found > *ret_seq)
			*ret_seq = found;
	}
	return rc;
}
