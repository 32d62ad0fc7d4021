/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lines.h: the lines of an answer that comes in pieces, wherever these are cut. For
 * cmd_export.c and cmd_tail.c.
 */
#pragma once

#include "base/strbuf.h"

#define LINE_MAX_BYTES ((size_t)64 << 20) /* a longer one is no document of the daemon's */

struct lines {
	struct strbuf line; /* its beginning, in an earlier piece */
	/* Without its line break, and NUL-terminated; valid during the call. false: enough. */
	bool (*take)(void *ctx, const char *line, size_t len);
	void *ctx;
};

void lines_release(struct lines *lines);
#define OWNED_LINES OWNED(lines_release)

/* As http_stream wants it; `arg` is the struct lines. false also when a line is too long. */
bool lines_take(void *arg, const char *bytes, size_t len);
