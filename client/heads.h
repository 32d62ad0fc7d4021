/* SPDX-License-Identifier: Apache-2.0 */
/*
 * heads.h: heads of the history that somebody kept outside of the daemon: in what `status --json` printed, in exports,
 * in notifications as receivers got them. Called by cmd_verify.c; prints nothing.
 */
#pragma once

#include "base/err.h"
#include "model/head.h"

#define HEADS_LINE_MAX (64u << 20) /* bytes of one line; a notification has at most a few MB */

struct kept_head {
	struct head head;
	size_t line; /* of the file */
};

struct kept_heads {
	const char *path;        /* borrowed; "-": standard input */
	struct kept_head *items; /* owned; by seq */
	size_t n, cap;
};

/*
 * Any line that is an object which is a head or has one: as "head", or in its "data" or "document". Lines without one
 * are left out. ERR_BAD: it cannot be read, a line that speaks of a head is no JSON, there is no head in it.
 */
MUST_CHECK int heads_read(const char *path, struct kept_heads *ret, struct err *err);
void heads_release(struct kept_heads *heads);

/* How an error names it. */
const char *heads_name(const struct kept_heads *heads);
