/* SPDX-License-Identifier: Apache-2.0 */
/* verify_put.c: what verify_piece() has found, as an object of docs/SOCKET.md. See verify.h. */
#include "store/verify.h"

#include "base/numbers.h"

#include <assert.h>

static_assert(HEAD_KEY_SIZE == CHAIN_HASH_SIZE, "the same hex");

static void put_hash(struct json_writer *w, const char *key, const unsigned char *hash)
{
	char hex[2 * CHAIN_HASH_SIZE + 1];

	hex_encode(hash, CHAIN_HASH_SIZE, hex);
	json_put_string(w, key, hex);
}

static void put_text(struct json_writer *w, const char *key, const char *text)
{
	if (text && *text)
		json_put_string(w, key, text);
}

static void put_fault(struct json_writer *w, const struct verify_fault *fault)
{
	json_open(w, "fault", '{');
	json_put_int(w, "seq", fault->seq);
	if (fault->to != fault->seq)
		json_put_int(w, "to", fault->to);
	put_text(w, "id", fault->id);
	put_text(w, "registry", fault->registry);
	put_text(w, "crate", fault->crate);
	put_text(w, "version", fault->version);
	put_text(w, "event", fault->event);
	json_put_string(w, "text", fault->text);
	json_close(w, '}');
}

static void put_keys(struct json_writer *w, const struct verify_piece *piece)
{
	json_open(w, "keys", '[');
	for (size_t i = 0; i < piece->n_keys; i++) {
		json_open(w, NULL, '{');
		put_hash(w, "key", piece->keys[i].key);
		json_put_int(w, "after", piece->keys[i].after);
		json_close(w, '}');
	}
	json_close(w, ']');
}

void verify_put(struct json_writer *w, const struct verify_piece *piece)
{
	json_open(w, NULL, '{');
	json_put_int(w, "seq", piece->point.seq);
	put_hash(w, "hash", piece->point.hash);
	json_put_int(w, "events", piece->events);
	json_put_int(w, "pruned", piece->pruned);
	json_put_int(w, "heads", piece->heads);
	put_keys(w, piece);
	json_put_bool(w, "done", piece->done);
	if (piece->fault.there)
		put_fault(w, &piece->fault);
	json_close(w, '}');
}
