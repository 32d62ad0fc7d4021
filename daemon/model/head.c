/* SPDX-License-Identifier: Apache-2.0 */
/* head.c: see head.h. */
#include "model/head.h"

#include "base/numbers.h"

#include <assert.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

static_assert(HEAD_KEY_SIZE == crypto_sign_PUBLICKEYBYTES && HEAD_SECRET_SIZE == crypto_sign_SECRETKEYBYTES &&
		      HEAD_SIGNATURE_SIZE == crypto_sign_BYTES,
	      "Ed25519");

#define HEX_MAX (2 * HEAD_SIGNATURE_SIZE + 1)
#define SIGNED_TEXT_MAX 192

/* What the signature is over: one line of text, so that it can be made from a head's members with any tool. */
static size_t signed_text(const struct head *head, char ret[static SIGNED_TEXT_MAX])
{
	char hash[2 * CHAIN_HASH_SIZE + 1];
	char at[TIME_TEXT_MAX];

	hex_encode(head->hash, sizeof head->hash, hash);
	int len = snprintf(ret, SIGNED_TEXT_MAX, "yankwatch-head-v1 %" PRId64 " %" PRId64 " %s %s", head->after,
			   head->seq, hash, time_format_rfc3339(head->at_ms, at));
	return (size_t)len;
}

void head_sign(struct head *head, const struct head_signer *signer)
{
	char text[SIGNED_TEXT_MAX];
	size_t len = signed_text(head, text);

	memcpy(head->key, signer->key, sizeof head->key);
	(void)crypto_sign_detached(head->signature, NULL, (const unsigned char *)text, len, signer->secret);
}

bool head_is_genuine(const struct head *head)
{
	char text[SIGNED_TEXT_MAX];
	size_t len = signed_text(head, text);

	return crypto_sign_verify_detached(head->signature, (const unsigned char *)text, len, head->key) == 0;
}

static void put_hex(struct json_writer *w, const char *key, const unsigned char *bytes, size_t len)
{
	char hex[HEX_MAX];

	hex_encode(bytes, len, hex);
	json_put_string(w, key, hex);
}

void head_write(struct json_writer *w, const char *key, const struct head *head)
{
	json_open(w, key, '{');
	json_put_int(w, "after", head->after);
	json_put_int(w, "seq", head->seq);
	put_hex(w, "hash", head->hash, sizeof head->hash);
	json_put_time(w, "at", head->at_ms);
	put_hex(w, "key", head->key, sizeof head->key);
	put_hex(w, "signature", head->signature, sizeof head->signature);
	json_close(w, '}');
}

static bool read_hex(const cJSON *object, const char *key, unsigned char *ret, size_t len)
{
	const char *hex = json_string(object, key);
	return hex && hex_decode(hex, len, ret);
}

bool head_read(const cJSON *object, struct head *ret)
{
	const char *at = json_string(object, "at");
	struct head head = {.after = json_int(object, "after", -1), .seq = json_int(object, "seq", -1)};

	if (head.after < 0 || head.seq < 0 || !at || !time_parse_rfc3339(at, &head.at_ms) ||
	    !read_hex(object, "hash", head.hash, sizeof head.hash) ||
	    !read_hex(object, "key", head.key, sizeof head.key) ||
	    !read_hex(object, "signature", head.signature, sizeof head.signature))
		return false;
	*ret = head;
	return true;
}
