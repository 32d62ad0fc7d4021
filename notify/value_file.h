/* SPDX-License-Identifier: Apache-2.0 */
/*
 * value_file.h: the text that NAME_file of a notifier's options points to. The
 * runner reads it, not the daemon, so a secret is in one process only. Texts of
 * errors name the file, never what stands in it.
 */
#pragma once

#include "base/err.h"
#include "base/strbuf.h"

#define VALUE_FILE_MAX 65536 /* bytes */

/*
 * `where` is an absolute path, or "credential:NAME" for NAME in the folder that
 * systemd tells in $CREDENTIALS_DIRECTORY. The file is regular, holds UTF-8
 * without NUL, and when it is `secret` its mode gives nothing to others. The
 * caller frees *ret, the content without its last line end. ERR_BAD, ERR_LIMIT
 * (longer than VALUE_FILE_MAX), ERR_IO, ERR_NOMEM.
 */
MUST_CHECK int value_file_read(const char *where, bool secret, char **ret, struct err *err);

/* The path that such a `where` names, added to *ret_path. The file need not be there. ERR_BAD. */
MUST_CHECK int value_file_path(const char *where, struct strbuf *ret_path, struct err *err);
