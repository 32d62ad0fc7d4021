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
 * Reads the key, or makes one where there is no such file; *ret_is_new says which. ERR_REFUSED: it is not a file
 * of ours alone (owner, mode, links), or not a key: nobody but a person may put another one in its place. ERR_IO.
 */
MUST_CHECK int signing_key_load(const char *state_dir, struct head_signer *ret, bool *ret_is_new, struct err *err);
