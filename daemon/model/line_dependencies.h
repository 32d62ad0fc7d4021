/* SPDX-License-Identifier: Apache-2.0 */
/*
 * line_dependencies.h: what the version of one index line demands of other crates, in words and not as a digest
 * (line_facets.h). Pure. Source: the Cargo book, "Index format"; dev-dependencies are left out, for nobody who
 * depends on the version gets them.
 */
#pragma once

#include "model/line_members.h"

struct line_dependency {       /* spans into the line, or into the reader */
	struct text_span name; /* the original one of a dependency that is renamed */
	struct text_span requirement;
	struct text_span registry; /* the index's URL; .at NULL: the same as the line's */
};

/* Zeroed is empty; serves line after line. */
struct line_dependencies {
	struct text_span version;      /* of the line */
	struct line_dependency *items; /* owned; in the line's order */
	size_t n, cap;
	struct json_scan scan; /* owned */
};

void line_dependencies_release(struct line_dependencies *dependencies);

/*
 * Reads one line, which must be about `crate` (letter case apart) and outlive the use of what was read. What an earlier
 * call gave is overwritten. ERR_BAD when it cannot be read; `n` is 0 then. ERR_LIMIT: `v` is above what we interpret.
 * ERR_NOMEM. A line that index_line_parse() takes is taken here.
 */
MUST_CHECK int line_dependencies_read(struct line_dependencies *dependencies, const char *crate, const char *line,
				      size_t len, struct err *err);

/* The line's version without reading all of it: false when it has escapes or stands where it is not expected; then
 * only line_dependencies_read() can tell. */
bool line_version_glimpse(const char *line, size_t len, struct text_span *ret);
