/* SPDX-License-Identifier: Apache-2.0 */
/*
 * handlers_verify.c: the history is verified piece by piece. The asker says from where, and asks again until it is
 * done: nothing is held between two questions.
 */
#include "api/body.h"
#include "api/handlers.h"
#include "base/numbers.h"
#include "store/verify.h"

#define PIECE_MS 50 /* of one answer, so that readers and the log are free again soon */

static int take_hash(const cJSON *body, struct verify_point *from, struct err *err)
{
	const char *hash = json_string(body, "hash");

	if ((hash != NULL) != (from->seq > 0))
		return err_set(err, ERR_BAD, "after, hash: both as an answer gave them, or neither: from the start");
	if (hash && !hex_decode(hash, sizeof from->hash, from->hash))
		return err_set(err, ERR_BAD, "hash: %d hex digits", 2 * CHAIN_HASH_SIZE);
	return 0;
}

static int take_question(const struct request *request, struct verify_point *from, int64_t *to, struct err *err)
{
	OWNED_JSON cJSON *body = NULL;

	int rc = body_parse(request, &body, err);
	if (rc || !body)
		return rc;
	from->seq = json_int(body, "after", 0);
	*to = json_int(body, "to", 0);
	if (from->seq < 0)
		return err_set(err, ERR_BAD, "after: the \"seq\" of an answer");
	if (json_member(body, "to") && *to <= from->seq)
		return err_set(err, ERR_BAD, "to: a seq behind \"after\"");
	return take_hash(body, from, err);
}

int handle_verify(struct request *request, struct err *err)
{
	const struct api_backend *backend = request->backend;
	OWNED(verify_piece_release) struct verify_piece piece = {0};
	struct verify_point from = {0};
	int64_t to = 0;

	int rc = take_question(request, &from, &to, err);
	if (rc)
		return rc;
	struct db *db = readers_borrow(request->readers, API_QUERY_MS);
	rc = verify_piece(db, backend->signing_key(backend->ctx), &from, to, PIECE_MS, &piece, err);
	readers_return(request->readers, db);
	if (!rc)
		verify_put(&(struct json_writer){.out = &request->answer}, &piece);
	return rc;
}
