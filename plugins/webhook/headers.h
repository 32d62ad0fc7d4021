/* SPDX-License-Identifier: Apache-2.0 */
/*
 * headers.h: the header lines of a request: ours first, then those that the
 * configuration adds, which are checked once, at open().
 */
#pragma once

#include <yankwatch/notifier.h>

#define HEADERS_MAX 32       /* that may be added, from both options together */
#define HEADER_LINE_MAX 8192 /* bytes; servers take no more */
#define HEADERS_OURS_MAX 4   /* content type, id, timestamp, signature */

struct headers {
	char *secret;      /* heap: the lines of the secret file, each ended by a NUL */
	size_t secret_len; /* of all its lines */
	const char *added[HEADERS_MAX];
	size_t n_added;
};

/*
 * `list` (may be NULL): "Name: value" each, borrowed; `secret` (may be NULL): such
 * lines, copied. Returns NULL and fills *ret, freed by headers_release() in any
 * case, or what is wrong, which never has a value in it.
 */
const char *headers_parse(const struct yw_value *list, const char *secret, struct headers *ret);
void headers_release(struct headers *headers);

/* Puts the added ones behind the `n_ours` of `all`, and a NULL. */
void headers_join(const struct headers *headers, const char *all[HEADERS_OURS_MAX + HEADERS_MAX + 1], size_t n_ours);
