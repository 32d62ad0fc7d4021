/* SPDX-License-Identifier: Apache-2.0 */
/*
 * signature.h: webhook-signature of Standard Webhooks 1.0: "v1," and the base64
 * of HMAC-SHA256 over "id.timestamp.body"; while a secret is rotated one for each
 * key, with a blank between them, and a receiver takes the request if any fits.
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
const char *signature_key_parse(const char *secret, struct signature_key *ret); /* errors begin with "secret: " */
void signature_key_release(struct signature_key *key);

#define SIGNATURE_KEYS 2 /* the one in force, and the one before it */
#define SIGNATURE_ONE_MAX (sizeof " v1," + sodium_base64_ENCODED_LEN(crypto_auth_hmacsha256_BYTES, 1))
#define SIGNATURE_TEXT_MAX (SIGNATURE_KEYS * SIGNATURE_ONE_MAX)

/* The header's value; "" when no key has a length. `unix_s` is what webhook-timestamp says. Returns ret_text. */
const char *signature_make(const struct signature_key keys[SIGNATURE_KEYS], const char *id, int64_t unix_s,
			   const char *body, size_t body_len, char ret_text[SIGNATURE_TEXT_MAX]);
