/* SPDX-License-Identifier: Apache-2.0 */
/*
 * head.h: a signed end of the history's chain. It says: up to event `seq` the history hashes to `hash`, and those of
 * them behind `after`, and no others, were added since the head before. Copies of it outside of the daemon prove what
 * the history was. Source: docs/EVENTS.md.
 */
#pragma once

#include "base/json.h"
#include "model/chain.h"

#define HEAD_KEY_SIZE 32
#define HEAD_SECRET_SIZE 64
#define HEAD_SIGNATURE_SIZE 64

struct head {
	int64_t after; /* seq of the last event before those that this head adds */
	int64_t seq;   /* of the last event; 0 = there is none yet */
	int64_t at_ms; /* wall clock, when it was signed */
	unsigned char hash[CHAIN_HASH_SIZE];
	unsigned char key[HEAD_KEY_SIZE]; /* public, Ed25519 */
	unsigned char signature[HEAD_SIGNATURE_SIZE];
};

/* An Ed25519 key as libsodium has it. */
struct head_signer {
	unsigned char secret[HEAD_SECRET_SIZE];
	unsigned char key[HEAD_KEY_SIZE]; /* the public half */
};

/* Sets key and signature over all else. */
void head_sign(struct head *head, const struct head_signer *signer);

/* Is the signature that of its key over its own members? Whose key it is, is the caller's question. */
bool head_is_genuine(const struct head *head);

/* `{"after":…,"seq":…,"hash":"hex","at":"…","key":"hex","signature":"hex"}` as a member, or without a key as an item.
 */
void head_write(struct json_writer *w, const char *key, const struct head *head);

/* From what head_write() wrote; false: it is not complete, or not of that form. */
bool head_read(const cJSON *object, struct head *ret);
