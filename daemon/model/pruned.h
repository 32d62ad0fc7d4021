/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pruned.h: what is left of an event that retention took away, signed by the daemon: without that, whoever can write to
 * the database could take any event away as a pruned one, for its digest alone does not say of what kind it was.
 */
#pragma once

#include "base/err.h"
#include "model/head.h"

struct pruned {
	int64_t seq;
	int64_t at_ms;
	int64_t crate; /* its row */
	const char *id, *version;
	const unsigned char *hash; /* CHAIN_HASH_SIZE bytes; it stands for the digest, too */
};

/* ERR_NOMEM. */
MUST_CHECK int pruned_sign(const struct pruned *pruned, const struct head_signer *signer,
			   unsigned char ret_signature[static HEAD_SIGNATURE_SIZE], struct err *err);

/* *ret: is the signature that of `key` (HEAD_KEY_SIZE bytes) over these? Whose key it is, is the caller's question. */
MUST_CHECK int pruned_is_genuine(const struct pruned *pruned, const unsigned char *key, const unsigned char *signature,
				 bool *ret, struct err *err);
