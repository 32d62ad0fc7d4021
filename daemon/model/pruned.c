/* SPDX-License-Identifier: Apache-2.0 */
/* pruned.c: see pruned.h. */
#include "model/pruned.h"

#include "base/numbers.h"
#include "base/strbuf.h"

#include <inttypes.h>
#include <sodium.h>

/* No id has a blank, and the version is the last. */
static int signed_text(const struct pruned *pruned, struct strbuf *out, struct err *err)
{
	char hash[2 * CHAIN_HASH_SIZE + 1];

	hex_encode(pruned->hash, CHAIN_HASH_SIZE, hash);
	strbuf_addf(out, "yankwatch-pruned-v1 %" PRId64 " %s %" PRId64 " %" PRId64 " %s %s", pruned->seq, hash,
		    pruned->at_ms, pruned->crate, pruned->id, pruned->version);
	return strbuf_failed(out) ? err_nomem(err) : 0;
}

int pruned_sign(const struct pruned *pruned, const struct head_signer *signer,
		unsigned char ret_signature[static HEAD_SIGNATURE_SIZE], struct err *err)
{
	OWNED_STRBUF struct strbuf text = {0};

	int rc = signed_text(pruned, &text, err);
	if (rc)
		return rc;
	(void)crypto_sign_detached(ret_signature, NULL, (const unsigned char *)text.data, text.len, signer->secret);
	return 0;
}

int pruned_is_genuine(const struct pruned *pruned, const unsigned char *key, const unsigned char *signature, bool *ret,
		      struct err *err)
{
	OWNED_STRBUF struct strbuf text = {0};

	int rc = signed_text(pruned, &text, err);
	if (rc)
		return rc;
	*ret = crypto_sign_verify_detached(signature, (const unsigned char *)text.data, text.len, key) == 0;
	return 0;
}
