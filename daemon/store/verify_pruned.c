/* SPDX-License-Identifier: Apache-2.0 */
/* verify_pruned.c: see verify_pruned.h. */
#include "store/verify_pruned.h"

#include "model/pruned.h"

#include <string.h>

static const char ROW[] = "SELECT p.digest, p.hash, p.id, p.at_ms, p.crate, p.version, p.signature, k.key, p.key"
			  " FROM pruned p LEFT JOIN head_key k ON k.id = p.key WHERE p.seq = :seq";
enum { DIGEST, HASH, ID, AT, CRATE, VERSION, SIGNATURE, KEY, KEY_ROW };

static bool key_may_sign(int64_t row, const struct verify_signers *signers)
{
	return row >= 1 && row >= signers->first && row <= signers->last;
}

/* By nobody, by another key, or over something else: not signed. */
static int check_signature(struct stmt *st, const struct pruned *pruned, const struct verify_signers *signers,
			   bool *ret_signed, struct err *err)
{
	unsigned char signature[HEAD_SIGNATURE_SIZE];
	unsigned char key[HEAD_KEY_SIZE];

	*ret_signed = false;
	if (!pruned->id || !pruned->version || !key_may_sign(stmt_int(st, KEY_ROW), signers) ||
	    !stmt_blob(st, SIGNATURE, signature, sizeof signature) || !stmt_blob(st, KEY, key, sizeof key))
		return 0;
	return pruned_is_genuine(pruned, key, signature, ret_signed, err);
}

static int check_row(struct stmt *st, int64_t seq, const struct verify_signers *signers, const unsigned char *prev_hash,
		     unsigned char *ret_hash, const char **ret_why, struct err *err)
{
	unsigned char digest[CHAIN_HASH_SIZE];
	unsigned char stored[CHAIN_HASH_SIZE];
	const struct pruned pruned = {.seq = seq,
				      .at_ms = stmt_int(st, AT),
				      .crate = stmt_int(st, CRATE),
				      .id = stmt_text(st, ID),
				      .version = stmt_text(st, VERSION),
				      .hash = stored};
	bool is_signed = false;

	*ret_why = "what was left of it when it was pruned was altered";
	if (!stmt_blob(st, DIGEST, digest, sizeof digest) || !stmt_blob(st, HASH, stored, sizeof stored))
		return 0;
	chain_next(prev_hash, digest, ret_hash);
	if (memcmp(ret_hash, stored, sizeof stored) != 0)
		return 0;
	int rc = check_signature(st, &pruned, signers, &is_signed, err);
	*ret_why = is_signed ? NULL : "it is missing: it stands among the pruned, and the daemon did not sign that";
	return rc;
}

int verify_pruned(struct db *db, int64_t seq, const struct verify_signers *signers,
		  const unsigned char prev_hash[static CHAIN_HASH_SIZE], unsigned char ret_hash[static CHAIN_HASH_SIZE],
		  const char **ret_why, struct err *err)
{
	struct err other;
	int rc = 0;

	*ret_why = "it is missing";
	struct stmt st = stmt_use(db, ROW);
	stmt_put_int(&st, ":seq", seq);
	if (stmt_row(&st))
		rc = check_row(&st, seq, signers, prev_hash, ret_hash, ret_why, err);
	int done = stmt_done(&st, rc ? &other : err);
	return rc ? rc : done;
}
