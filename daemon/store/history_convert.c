/* SPDX-License-Identifier: Apache-2.0 */
/* history_convert.c: the chain over events of before schema 8. Called inside of a migration; see history.h. */
#include "store/history.h"

#include <string.h>

static const char NEXT[] = "SELECT seq, body FROM event WHERE seq > :after ORDER BY seq LIMIT 1";
static const char SAVE[] = "UPDATE event SET prev_hash = :prev_hash, hash = :hash WHERE seq = :seq";
static const char NO_MORE_CHANGES[] = "CREATE TRIGGER event_update BEFORE UPDATE ON event"
				      " BEGIN SELECT RAISE (ABORT, 'history is append-only'); END";

/* The event behind *seq: its seq, and the digest of its bytes. */
static int next_digest(struct db *db, int64_t *seq, unsigned char ret[static CHAIN_HASH_SIZE], bool *ret_found,
		       struct err *err)
{
	struct stmt st = stmt_use(db, NEXT);
	stmt_put_int(&st, ":after", *seq);
	*ret_found = stmt_row(&st);
	if (*ret_found) {
		const char *body = stmt_text(&st, 1);
		*seq = stmt_int(&st, 0);
		chain_digest(body, strlen(body), ret);
	}
	return stmt_done(&st, err);
}

static int save(struct db *db, int64_t seq, const unsigned char prev_hash[static CHAIN_HASH_SIZE],
		const unsigned char hash[static CHAIN_HASH_SIZE], struct err *err)
{
	struct stmt st = stmt_use(db, SAVE);
	stmt_put_blob(&st, ":prev_hash", prev_hash, CHAIN_HASH_SIZE);
	stmt_put_blob(&st, ":hash", hash, CHAIN_HASH_SIZE);
	stmt_put_int(&st, ":seq", seq);
	return stmt_run(&st, err);
}

int history_convert(struct db *db, struct err *err)
{
	unsigned char prev_hash[CHAIN_HASH_SIZE] = {0};
	unsigned char hash[CHAIN_HASH_SIZE];
	int64_t seq = 0;
	bool found = true;
	int rc = next_digest(db, &seq, hash, &found, err);

	while (!rc && found) {
		chain_next(prev_hash, hash, hash);
		rc = save(db, seq, prev_hash, hash, err);
		memcpy(prev_hash, hash, sizeof prev_hash);
		if (!rc)
			rc = next_digest(db, &seq, hash, &found, err);
	}
	return rc ? rc : db_script(db, NO_MORE_CHANGES, err);
}
