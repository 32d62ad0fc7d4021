/* SPDX-License-Identifier: Apache-2.0 */
/*
 * progress.h: one line on standard error that says how far something is, while it takes longer than
 * a second. Only on a terminal, and not while standard output goes to the same one.
 */
#pragma once

#include "base/strbuf.h"

struct progress {
	bool is_shown; /* there is somebody to see it */
	bool is_drawn; /* the line stands there now */
	int64_t next_ms;
};

void progress_begin(struct progress *progress, bool own_output); /* `own_output`: nothing goes to standard output */
bool progress_is_due(const struct progress *progress);           /* cheap: ask before the line is made */
void progress_show(struct progress *progress, const char *line);
void progress_end(struct progress *progress); /* takes the line away */
#define OWNED_PROGRESS OWNED(progress_end)
