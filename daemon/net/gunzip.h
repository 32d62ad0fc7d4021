/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gunzip.h: gzip (RFC 1952) as it comes in, all members of it. libcurl 7.88 takes
 * a stream that ends too early for a whole one, and half an index file would be
 * deletions; so we look ourselves. Knows nothing of HTTP.
 */
#pragma once

#include "base/err.h"

struct gunzip;

/* Takes what was unpacked; false ends it, which gunzip_add() tells as ERR_LIMIT. */
typedef bool gunzip_out_fn(void *arg, const char *bytes, size_t len);

struct gunzip *gunzip_new(void);         /* NULL when out of memory */
void gunzip_free(struct gunzip *gunzip); /* NULL is allowed */

/* The next bytes. ERR_BAD: not gzip, damaged, or something else behind it. */
MUST_CHECK int gunzip_add(struct gunzip *gunzip, const char *bytes, size_t len, gunzip_out_fn *out, void *arg,
			  struct err *err);

/* There are no more. ERR_BAD when it ends before its checksum. */
int gunzip_end(const struct gunzip *gunzip, struct err *err);
