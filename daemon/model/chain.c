/* SPDX-License-Identifier: Apache-2.0 */
/* chain.c: see chain.h. */
#include "model/chain.h"

#include <assert.h>
#include <sodium.h>

static_assert(CHAIN_HASH_SIZE == crypto_generichash_BYTES, "BLAKE2b-256");

void chain_digest(const char *body, size_t len, unsigned char ret_digest[static CHAIN_HASH_SIZE])
{
	crypto_generichash(ret_digest, CHAIN_HASH_SIZE, (const unsigned char *)body, len, NULL, 0);
}

void chain_next(const unsigned char prev_hash[static CHAIN_HASH_SIZE],
		const unsigned char digest[static CHAIN_HASH_SIZE], unsigned char ret_hash[static CHAIN_HASH_SIZE])
{
	crypto_generichash_state hash;

	crypto_generichash_init(&hash, NULL, 0, CHAIN_HASH_SIZE);
	crypto_generichash_update(&hash, prev_hash, CHAIN_HASH_SIZE);
	crypto_generichash_update(&hash, digest, CHAIN_HASH_SIZE);
	crypto_generichash_final(&hash, ret_hash, CHAIN_HASH_SIZE);
}
