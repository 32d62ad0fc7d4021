/* SPDX-License-Identifier: Apache-2.0 */
/*
 * file.h: the files that a configuration is made of and names: read whole into
 * a pool, or looked at. What is checked is the opened file, not its name, so
 * nobody can exchange it in between.
 */
#pragma once

#include "base/err.h"
#include "base/strbuf.h"
#include "config/pool.h"

#include <limits.h>

struct file_bytes {
	char *text; /* the pool's; a NUL follows */
	size_t len;
};

/*
 * Reads a regular file of at most `max` bytes. ERR_BAD when it is none or when
 * one of the `forbidden` permission bits is set, ERR_LIMIT, ERR_IO, ERR_NOMEM.
 * The error's text does not name the file.
 */
MUST_CHECK int file_read(const char *path, unsigned forbidden, size_t max, struct pool *pool, struct file_bytes *ret,
			 struct err *err);

/* The same checks without reading; adds to `stamp` what changes when the file does. */
MUST_CHECK int file_check(const char *path, unsigned forbidden, struct strbuf *stamp, struct err *err);

/* The path that `where` means: itself, or in `buf` that of a systemd credential; NULL
 * with the reason in `err`, which does not show `where`: it may be the secret itself. */
const char *file_resolve(const char *where, char buf[static PATH_MAX], struct err *err);
