/* SPDX-License-Identifier: Apache-2.0 */
/*
 * chain.h: the chain of hashes over the history. Each event's hash stands for it and for all before it: who has one
 * of them from outside (head.h) can tell whether anything up to there was altered.
 *
 *   digest = BLAKE2b-256 (canonical bytes of the event)
 *   hash   = BLAKE2b-256 (hash of the event before ‖ digest); before the first one stand CHAIN_HASH_SIZE zero bytes
 *
 * Source: docs/EVENTS.md.
 */
#pragma once

#include "base/defs.h"

#define CHAIN_HASH_SIZE 32 /* of a digest, too */

void chain_digest(const char *body, size_t len, unsigned char ret_digest[static CHAIN_HASH_SIZE]);

/* ret_hash may be prev_hash. */
void chain_next(const unsigned char prev_hash[static CHAIN_HASH_SIZE],
		const unsigned char digest[static CHAIN_HASH_SIZE], unsigned char ret_hash[static CHAIN_HASH_SIZE]);
