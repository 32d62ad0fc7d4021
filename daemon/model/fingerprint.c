/* SPDX-License-Identifier: Apache-2.0 */
/* fingerprint.c: see fingerprint.h. */
#include "model/fingerprint.h"

#include <endian.h>
#include <sodium.h>
#include <string.h>

/* Raise the first when lines are known again by other bytes than before, both when a line may mean something else:
 * databases hold what is made with these keys. */
#define FINGERPRINT_VERSION 2
#define FACET_VERSION 1

#define PAIR (2 * sizeof(uint64_t))    /* bytes that are multiplied together */
#define BLOCKS_AT_ONCE 16              /* of which SipHash gets what is left */
#define KDF_BYTES crypto_kdf_BYTES_MAX /* of one derivation */

static void derive_block(const unsigned char *secret, struct index_keys *ret)
{
	unsigned char bytes[sizeof ret->block];

	for (size_t at = 0; at < sizeof bytes; at += KDF_BYTES)
		crypto_kdf_derive_from_key(bytes + at, KDF_BYTES, at / KDF_BYTES, "ywblock_", secret);
	for (size_t i = 0; i < ARRAY_LEN(ret->block); i++) {
		memcpy(&ret->block[i], bytes + i * sizeof(uint64_t), sizeof(uint64_t));
		ret->block[i] = le64toh(ret->block[i]);
	}
	sodium_memzero(bytes, sizeof bytes);
}

void index_keys_derive(const unsigned char secret[static INDEX_SECRET_SIZE], struct index_keys *ret)
{
	crypto_kdf_derive_from_key(ret->fingerprint, sizeof ret->fingerprint, FINGERPRINT_VERSION, "ywlines_", secret);
	crypto_kdf_derive_from_key(ret->facet, sizeof ret->facet, FACET_VERSION, "ywfacet_", secret);
	derive_block(secret, ret);
}

/* ---- NH ---- */

/* Both halves of a sum modulo 2^128. */
struct compressed {
	uint64_t low, high;
};

static unsigned __int128 multiply(const uint64_t *key, const char *at)
{
	uint64_t words[2];

	memcpy(words, at, sizeof words);
	return (unsigned __int128)(le64toh(words[0]) + key[0]) * (le64toh(words[1]) + key[1]);
}

/* At most a block; what lacks to a pair counts as zeros. */
static struct compressed compress(const uint64_t *key, const char *at, size_t len)
{
	unsigned __int128 sum = 0;
	char rest[PAIR] = "";

	for (; len >= PAIR; len -= PAIR, at += PAIR, key += 2)
		sum += multiply(key, at);
	if (len) {
		memcpy(rest, at, len);
		sum += multiply(key, rest);
	}
	return (struct compressed){htole64((uint64_t)sum), htole64((uint64_t)(sum >> 64))};
}

/* ---- fingerprints ---- */

static void mix(const struct index_keys *keys, const void *bytes, size_t len, unsigned char *ret)
{
	crypto_shorthash_siphashx24(ret, bytes, len, keys->fingerprint);
}

void index_fingerprint_chain(const struct index_keys *keys, unsigned char whole[static FINGERPRINT_SIZE],
			     const unsigned char line[static FINGERPRINT_SIZE])
{
	unsigned char link[2 * FINGERPRINT_SIZE];

	memcpy(link, whole, FINGERPRINT_SIZE);
	memcpy(link + FINGERPRINT_SIZE, line, FINGERPRINT_SIZE);
	mix(keys, link, sizeof link, whole);
}

/* The length stands first, where an earlier part's fingerprint stands in the next parts of a long line. */
void index_line_fingerprint(const struct index_keys *keys, const char *line, size_t len,
			    unsigned char ret[static FINGERPRINT_SIZE])
{
	struct compressed parts[1 + BLOCKS_AT_ONCE] = {{.low = htole64((uint64_t)len)}};
	size_t n = 1;

	while (len > 0) {
		size_t block = len < FINGERPRINT_BLOCK ? len : FINGERPRINT_BLOCK;
		if (n == ARRAY_LEN(parts)) {
			mix(keys, parts, sizeof parts, (unsigned char *)&parts[0]);
			n = 1;
		}
		parts[n++] = compress(keys->block, line, block);
		line += block;
		len -= block;
	}
	mix(keys, parts, n * sizeof parts[0], ret);
}
