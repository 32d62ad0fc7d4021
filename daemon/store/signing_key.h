/* SPDX-License-Identifier: Apache-2.0 */
/*
 * signing_key.h: the file in state_dir with the key that signs the history's heads. Made once, by the first start;
 * mode 0600, HEAD_SECRET_SIZE raw bytes: an Ed25519 seed and its public key.
 */
#pragma once

#include "base/err.h"
#include "model/head.h"

#define SIGNING_KEY_FILE "signing.key"

/*
 * Reads the key, or makes one where there is no such file; *ret_is_new says which. A new one has another name until
 * signing_key_keep(); a start that was interrupted before is followed by one that finds the same key, and finds it new.
 * ERR_REFUSED: it is not a file
 * of ours alone (owner, mode, links), or not a key: nobody but a person may put another one in its place. ERR_IO.
 */
MUST_CHECK int signing_key_load(const char *state_dir, struct head_signer *ret, bool *ret_is_new, struct err *err);

/* What a new key has signed first is stored: from now on it is the key. ERR_IO. */
MUST_CHECK int signing_key_keep(const char *state_dir, struct err *err);
