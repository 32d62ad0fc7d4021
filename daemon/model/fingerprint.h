/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fingerprint.h: a line known again by its bytes, under a key, so that nobody can craft
 * another one that would pass for it. The whole index goes through here at a first sync:
 * each block is first compressed by NH (RFC 4418, 5.2, with words of 64 bits), which needs one
 * multiplication for 16 bytes; two blocks come to the same with a chance of 2^-64, whatever
 * they are. What it leaves, and the length, go into SipHash-2-4 with 128 bits.
 */
#pragma once

#include "base/defs.h"

#define FINGERPRINT_SIZE 16
#define INDEX_SECRET_SIZE 32
#define FINGERPRINT_BLOCK 1024 /* bytes */

/* Keys of the hashes; never shown, and neither is what is made with them. */
struct index_keys {
	uint64_t block[FINGERPRINT_BLOCK / sizeof(uint64_t)];
	unsigned char fingerprint[16];
	unsigned char facet[16];
};

/* From the database's secret; a new parser version sees every line anew. */
void index_keys_derive(const unsigned char secret[static INDEX_SECRET_SIZE], struct index_keys *ret);

void index_line_fingerprint(const struct index_keys *keys, const char *line, size_t len,
			    unsigned char ret[static FINGERPRINT_SIZE]);
/* Makes one of all lines before, and the next one's. Begins with zeros. */
void index_fingerprint_chain(const struct index_keys *keys, unsigned char whole[static FINGERPRINT_SIZE],
			     const unsigned char line[static FINGERPRINT_SIZE]);
