/* SPDX-License-Identifier: Apache-2.0 */
/* signature.c: see signature.h. */
#include "signature.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECRET_PREFIX "whsec_"

const char *signature_key_parse(const char *secret, struct signature_key *ret)
{
	size_t len = strlen(secret);
	size_t prefix = strlen(SECRET_PREFIX);

	*ret = (struct signature_key){.bytes = malloc(len + 1), .len = len};
	if (!ret->bytes)
		return "out of memory";
	memcpy(ret->bytes, secret, len + 1);
	if (strncmp(secret, SECRET_PREFIX, prefix) == 0 &&
	    sodium_base642bin(ret->bytes, len, secret + prefix, len - prefix, NULL, &ret->len, NULL,
			      sodium_base64_VARIANT_ORIGINAL) != 0) {
		signature_key_release(ret);
		return "secret: what follows " SECRET_PREFIX " is not base64";
	}
	if (ret->len == 0) {
		signature_key_release(ret);
		return "secret: it is empty";
	}
	return NULL;
}

void signature_key_release(struct signature_key *key)
{
	if (key->bytes)
		sodium_memzero(key->bytes, key->len);
	free(key->bytes);
	*key = (struct signature_key){0};
}

static void add(crypto_auth_hmacsha256_state *state, const char *bytes, size_t len)
{
	(void)crypto_auth_hmacsha256_update(state, (const unsigned char *)bytes, len);
}

static void sign(const struct signature_key *key, const char *id, const char *stamp, const char *body, size_t body_len,
		 unsigned char ret_mac[crypto_auth_hmacsha256_BYTES])
{
	crypto_auth_hmacsha256_state state;

	(void)crypto_auth_hmacsha256_init(&state, key->bytes, key->len);
	add(&state, id, strlen(id));
	add(&state, stamp, strlen(stamp));
	add(&state, body, body_len);
	(void)crypto_auth_hmacsha256_final(&state, ret_mac);
}

const char *signature_make(const struct signature_key keys[SIGNATURE_KEYS], const char *id, int64_t unix_s,
			   const char *body, size_t body_len, char ret_text[SIGNATURE_TEXT_MAX])
{
	unsigned char mac[crypto_auth_hmacsha256_BYTES];
	char stamp[32];
	size_t at = 0;

	(void)snprintf(stamp, sizeof stamp, ".%" PRId64 ".", unix_s);
	ret_text[0] = '\0';
	for (size_t i = 0; i < SIGNATURE_KEYS; i++) {
		if (keys[i].len == 0)
			continue;
		sign(&keys[i], id, stamp, body, body_len, mac);
		at += (size_t)snprintf(ret_text + at, SIGNATURE_TEXT_MAX - at, at ? " v1," : "v1,");
		(void)sodium_bin2base64(ret_text + at, SIGNATURE_TEXT_MAX - at, mac, sizeof mac,
					sodium_base64_VARIANT_ORIGINAL);
		at += strlen(ret_text + at);
	}
	return ret_text;
}
