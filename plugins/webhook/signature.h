/* SPDX-License-Identifier: Apache-2.0 */
/*
 * signature.h: webhook-signature of Standard Webhooks 1.0: "v1," and the base64
 * of HMAC-SHA256 over "id.timestamp.body".
 */
#pragma once

#include <sodium.h>
#include <stddef.h>
#include <stdint.h>

struct signature_key {
	unsigned char *bytes; /* heap */
	size_t len;           /* 0: nothing is signed */
};

/*
 * "whsec_" and base64 is the key it decodes to, any other text is the key itself.
 * Returns NULL and fills *ret (freed by signature_key_release()), or what is
 * wrong, without the secret.
 */
const char *signature_key_parse(const char *secret, struct signature_key *ret);
void signature_key_release(struct signature_key *key);

#define SIGNATURE_TEXT_MAX (sizeof "v1," + sodium_base64_ENCODED_LEN(crypto_auth_hmacsha256_BYTES, 1))

/* The header's value. `unix_s` is what webhook-timestamp says. Returns ret_text. */
const char *signature_make(const struct signature_key *key, const char *id, int64_t unix_s, const char *body,
			   size_t body_len, char ret_text[SIGNATURE_TEXT_MAX]);
