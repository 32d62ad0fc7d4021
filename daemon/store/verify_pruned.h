/* SPDX-License-Identifier: Apache-2.0 */
/*
 * verify_pruned.h: does what is left of a pruned event fit the chain, and did the daemon sign it? Internal to verify.c.
 */
#pragma once

#include "model/chain.h"
#include "store/db.h"

/* The keys that may have signed it: rows of head_key, in the order in which they came to sign. */
struct verify_signers {
	int64_t first; /* signs the history there; 0 = none yet */
	int64_t last;  /* signs now */
};

/* *ret_why: NULL: it is whole, and ret_hash, which follows prev_hash, is its hash; else what is wrong. */
MUST_CHECK int verify_pruned(struct db *db, int64_t seq, const struct verify_signers *signers,
			     const unsigned char prev_hash[static CHAIN_HASH_SIZE],
			     unsigned char ret_hash[static CHAIN_HASH_SIZE], const char **ret_why, struct err *err);
