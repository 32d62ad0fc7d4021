/* SPDX-License-Identifier: Apache-2.0 */
/* prune.c: see prune.h. Registry by registry, the oldest first. */
#include "store/prune.h"

#include "model/notification.h"
#include "model/pruned.h"
#include "model/words.h"

static const char NEXT_REGISTRY[] = "SELECT coalesce(min(id), 0) FROM registry WHERE id > :after";
/* Of these two states alone nothing will be rendered again. */
#define SOMEBODY_WAITS                                                                              \
	"EXISTS (SELECT 1 FROM notification_event ne JOIN notification n ON n.id = ne.notification" \
	" WHERE ne.event = e.seq AND NOT (n.state = :silenced OR (n.state = :delivered AND n.again = 0)))"
/* It ended a deletion; or it is no publish, since somebody altered its row: that must not go with our signature. */
#define IS_MORE                                                                               \
	"CASE WHEN json_valid(e.body) THEN json_extract(e.body, '$.previous') IS NOT NULL OR" \
	" json_extract(e.body, '$.event') IS NOT 'published' ELSE 1 END"
#define OF_A_FINDING "EXISTS (SELECT 1 FROM finding f WHERE f.event = e.seq)"
static const char OLDEST[] =
	"SELECT e.seq, e.at_ms, e.body, e.seq = (SELECT max(seq) FROM event) OR " SOMEBODY_WAITS " OR " IS_MORE
	" OR " OF_A_FINDING ", e.id, e.crate, e.version, e.hash FROM event_kind k CROSS JOIN event e ON e.seq = k.event"
	" WHERE k.registry = :registry AND k.kind = :published ORDER BY k.event";
static const char KEEP[] = "INSERT INTO pruned (seq, id, at_ms, crate, version, digest, hash, key, signature)"
			   " SELECT seq, id, at_ms, crate, version, :digest, hash,"
			   " (SELECT id FROM head_key WHERE key = :key), :signature FROM event WHERE seq = :seq";
/* What hangs on it. */
static const char *const drop_sql[] = {
	"DELETE FROM annotation WHERE event = :seq",
	"DELETE FROM event_project WHERE event = :seq",
	"DELETE FROM notification_event WHERE event = :seq",
	"DELETE FROM event WHERE seq = :seq",
};

struct found {
	int64_t seq;
	unsigned char digest[CHAIN_HASH_SIZE];
	unsigned char signature[HEAD_SIGNATURE_SIZE];
};

struct turn {
	struct db *db;
	const struct head_signer *signer;
	int64_t before_ms;
	struct found found[PRUNE_TURN_MAX];
	size_t n;
};

static int next_registry(struct db *db, int64_t *registry, struct err *err)
{
	struct stmt st = stmt_use(db, NEXT_REGISTRY);
	stmt_put_int(&st, ":after", *registry);
	if (stmt_row(&st))
		*registry = stmt_int(&st, 0);
	return stmt_done(&st, err);
}

static int take(struct turn *turn, struct stmt *st, struct err *err)
{
	struct found *found = &turn->found[turn->n];
	unsigned char hash[CHAIN_HASH_SIZE];
	size_t len;
	const char *body = stmt_bytes(st, 2, &len);
	const struct pruned pruned = {.seq = stmt_int(st, 0),
				      .at_ms = stmt_int(st, 1),
				      .crate = stmt_int(st, 5),
				      .id = stmt_text(st, 4),
				      .version = stmt_text(st, 6),
				      .hash = hash};

	/* `verify` says what is wrong with it. */
	if (stmt_int(st, 3) || !body || !pruned.id || !pruned.version || !stmt_blob(st, 7, hash, sizeof hash))
		return 0;
	found->seq = pruned.seq;
	chain_digest(body, len, found->digest);
	turn->n++;
	return pruned_sign(&pruned, turn->signer, found->signature, err);
}

/* Up to the first one that is young enough: they are nearly in the order of time. */
static int find(struct turn *turn, int64_t registry, struct err *err)
{
	struct err done_err;
	int rc = 0;

	struct stmt st = stmt_use(turn->db, OLDEST);
	stmt_put_int(&st, ":registry", registry);
	stmt_put_int(&st, ":published", EVENT_PUBLISHED);
	stmt_put_int(&st, ":silenced", NOTIFICATION_SILENCED);
	stmt_put_int(&st, ":delivered", NOTIFICATION_DELIVERED);
	while (!rc && turn->n < PRUNE_TURN_MAX && stmt_row(&st) && stmt_int(&st, 1) < turn->before_ms)
		rc = take(turn, &st, err);
	int done = stmt_done(&st, rc ? &done_err : err);
	return rc ? rc : done;
}

static int take_away(struct db *db, const struct head_signer *signer, const struct found *found, struct err *err)
{
	struct stmt keep = stmt_use(db, KEEP);
	stmt_put_blob(&keep, ":digest", found->digest, sizeof found->digest);
	stmt_put_blob(&keep, ":signature", found->signature, sizeof found->signature);
	stmt_put_blob(&keep, ":key", signer->key, sizeof signer->key);
	stmt_put_int(&keep, ":seq", found->seq);
	int rc = stmt_run(&keep, err);
	for (size_t i = 0; i < ARRAY_LEN(drop_sql) && !rc; i++) {
		struct stmt st = stmt_use(db, drop_sql[i]);
		stmt_put_int(&st, ":seq", found->seq);
		rc = stmt_run(&st, err);
	}
	return rc;
}

int prune_published(struct db *db, const struct head_signer *signer, int64_t before_ms, size_t *ret_n, struct err *err)
{
	struct turn turn = {.db = db, .signer = signer, .before_ms = before_ms};
	int64_t registry = 0;
	int rc = next_registry(db, &registry, err);

	while (!rc && registry && turn.n < PRUNE_TURN_MAX) {
		rc = find(&turn, registry, err);
		if (!rc)
			rc = next_registry(db, &registry, err);
	}
	for (size_t i = 0; i < turn.n && !rc; i++)
		rc = take_away(db, signer, &turn.found[i], err);
	*ret_n = turn.n;
	return rc;
}
