/* SPDX-License-Identifier: Apache-2.0 */
/* heads.c: see heads.h. A key that follows another one signs the same event again, so the last head is always its. */
#include "store/heads.h"

#include <string.h>

static const char LAST[] = "SELECT h.after, h.seq, h.at_ms, h.hash, k.key, h.signature FROM head h"
			   " JOIN head_key k ON k.id = h.key ORDER BY h.seq DESC, h.key DESC LIMIT 1";
static const char LAST_SEQ[] = "SELECT max((SELECT coalesce(max(seq), 0) FROM event),"
			       " (SELECT coalesce(max(seq), 0) FROM head))";
static const char HASH_AT[] = "SELECT hash FROM event WHERE seq = :seq UNION ALL SELECT hash FROM head"
			      " WHERE seq = :seq LIMIT 1";
static const char EVENT_HASH_AT[] = "SELECT hash FROM event WHERE seq = :seq";
static const char KEY_AFTER[] = "SELECT 1 FROM head_key WHERE id > (SELECT id FROM head_key WHERE key = :key) LIMIT 1";
static const char ADD_KEY[] = "INSERT INTO head_key (key, since_ms) VALUES (:key, :now) ON CONFLICT (key) DO NOTHING";
static const char ADD[] = "INSERT INTO head (seq, key, after, at_ms, hash, signature)"
			  " SELECT :seq, id, :after, :at, :hash, :signature FROM head_key WHERE key = :key"
			  " ON CONFLICT (seq, key) DO NOTHING";

static bool read_head(struct stmt *st, struct head *ret)
{
	ret->after = stmt_int(st, 0);
	ret->seq = stmt_int(st, 1);
	ret->at_ms = stmt_int(st, 2);
	return stmt_blob(st, 3, ret->hash, sizeof ret->hash) && stmt_blob(st, 4, ret->key, sizeof ret->key) &&
	       stmt_blob(st, 5, ret->signature, sizeof ret->signature);
}

int heads_last(struct db *db, struct head *ret, struct err *err)
{
	struct head head;

	struct stmt st = stmt_use(db, LAST);
	bool found = stmt_row(&st);
	bool read = found && read_head(&st, &head);
	int rc = stmt_done(&st, err);
	if (rc)
		return rc;
	if (!read)
		return err_set(err, ERR_ABSENT, "the history is not signed%s", found ? ": its last head is none" : "");
	*ret = head;
	return 0;
}

int heads_put(struct db *db, struct json_writer *w, struct err *err)
{
	struct head head;

	int rc = heads_last(db, &head, err);
	if (!rc)
		head_write(w, "head", &head);
	return rc == ERR_ABSENT ? 0 : rc;
}

int heads_last_seq(struct db *db, int64_t *ret, struct err *err)
{
	struct stmt st = stmt_use(db, LAST_SEQ);
	if (stmt_row(&st))
		*ret = stmt_int(&st, 0);
	return stmt_done(&st, err);
}

/* False in *ret_there: no such row, or what it holds is no hash. */
static int read_hash(struct db *db, const char *sql, int64_t seq, unsigned char ret[static CHAIN_HASH_SIZE],
		     bool *ret_there, struct err *err)
{
	struct stmt st = stmt_use(db, sql);
	stmt_put_int(&st, ":seq", seq);
	*ret_there = stmt_row(&st) && stmt_blob(&st, 0, ret, CHAIN_HASH_SIZE);
	return stmt_done(&st, err);
}

static int add(struct db *db, const struct head *head, struct err *err)
{
	struct stmt st = stmt_use(db, ADD);
	stmt_put_int(&st, ":seq", head->seq);
	stmt_put_int(&st, ":after", head->after);
	stmt_put_int(&st, ":at", head->at_ms);
	stmt_put_blob(&st, ":hash", head->hash, sizeof head->hash);
	stmt_put_blob(&st, ":signature", head->signature, sizeof head->signature);
	stmt_put_blob(&st, ":key", head->key, sizeof head->key);
	return stmt_run(&st, err);
}

/* Zero bytes where somebody has taken the hash away: it is signed all the same, and does not fit. */
static int sign_at(struct db *db, const struct head_signer *signer, struct head *head, struct err *err)
{
	bool there = false;

	memset(head->hash, 0, sizeof head->hash);
	int rc = read_hash(db, HASH_AT, head->seq, head->hash, &there, err);
	if (rc)
		return rc;
	head_sign(head, signer);
	return add(db, head, err);
}

int heads_sign(struct db *db, const struct head_signer *signer, int64_t now_ms, int64_t *after, struct err *err)
{
	struct head head = {.after = *after, .at_ms = now_ms};

	int rc = heads_last_seq(db, &head.seq, err);
	if (rc || head.seq == *after)
		return rc;
	rc = sign_at(db, signer, &head, err);
	if (!rc)
		*after = head.seq;
	return rc;
}

/* ---- a start ---- */

static int was_followed(struct db *db, const struct head_signer *signer, bool *ret, struct err *err)
{
	struct stmt st = stmt_use(db, KEY_AFTER);
	stmt_put_blob(&st, ":key", signer->key, sizeof signer->key);
	*ret = stmt_row(&st);
	return stmt_done(&st, err);
}

static int add_key(struct db *db, const struct head_signer *signer, int64_t now_ms, struct err *err)
{
	struct stmt st = stmt_use(db, ADD_KEY);
	stmt_put_blob(&st, ":key", signer->key, sizeof signer->key);
	stmt_put_int(&st, ":now", now_ms);
	return stmt_run(&st, err);
}

static int compare_end(struct db *db, const struct head *head, int64_t last_seq, struct heads_start *ret,
		       struct err *err)
{
	static const unsigned char before_the_first[CHAIN_HASH_SIZE];
	unsigned char hash[CHAIN_HASH_SIZE] = {0};
	bool there = false;

	int rc = head->seq ? read_hash(db, EVENT_HASH_AT, head->seq, hash, &there, err) : 0;
	if (rc)
		return rc;
	const unsigned char *now = head->seq ? hash : before_the_first;
	if ((head->seq && !there) || memcmp(now, head->hash, CHAIN_HASH_SIZE) != 0)
		ret->altered_at = head->seq ? head->seq : 1;
	else if (last_seq > head->seq)
		ret->altered_at = head->seq + 1;
	return 0;
}

int heads_begin(struct db *db, const struct head_signer *signer, bool key_is_new, int64_t now_ms,
		struct heads_start *ret, struct err *err)
{
	struct heads_start start = {0};
	struct head last = {0};
	struct head head = {.at_ms = now_ms};

	int found = heads_last(db, &last, err);
	if (found && found != ERR_ABSENT)
		return found;
	int rc = heads_last_seq(db, &head.seq, err);
	if (!rc && !found)
		rc = compare_end(db, &last, head.seq, &start, err);
	if (!rc)
		rc = was_followed(db, signer, &start.key_returned, err);
	if (rc)
		return rc;
	start.is_new = found == ERR_ABSENT;
	start.key_changed = !found && memcmp(last.key, signer->key, sizeof last.key) != 0;
	/* A key that was there, and nothing that it signed: the heads are gone. */
	if (start.is_new && !key_is_new && head.seq)
		start.altered_at = 1;
	*ret = start;
	if (!start.is_new && !start.key_changed)
		return 0;
	head.after = start.is_new && key_is_new ? 0 : head.seq;
	rc = add_key(db, signer, now_ms, err);
	return rc ? rc : sign_at(db, signer, &head, err);
}
