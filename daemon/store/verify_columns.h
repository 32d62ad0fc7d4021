/* SPDX-License-Identifier: Apache-2.0 */
/*
 * verify_columns.h: do the columns by which an event is found say the same as its canonical bytes? Internal to
 * verify.c.
 */
#pragma once

#include "base/json_scan.h"
#include "model/event.h"
#include "store/db.h"

/* `e`, `c`, `r`: the query's event, crate and registry. The first one is 1 when every column has the type it was
 * stored with: another one hides the row from questions. */
#define VERIFY_COLUMNS                                                                                                 \
	"typeof(e.id) || typeof(e.at_ms) || typeof(e.crate) || typeof(e.version) || typeof(e.kind)"                    \
	" || typeof(e.project) || typeof(e.body) || typeof(e.severity) || typeof(e.source) || typeof(e.prev_hash) || " \
	"typeof(e.hash)"                                                                                               \
	" = 'textintegerintegertextintegertexttextintegerintegerblobblob',"                                            \
	" e.id, e.at_ms, r.name, c.name, e.version, e.kind, e.project, e.source, e.body"
#define VERIFY_COLUMNS_COUNT 10

/* True: they agree. False: *ret_text (VERIFY_TEXT_MAX bytes of verify.h) says what does not. `first`: of
 * VERIFY_COLUMNS. `room`, `scan`: the caller's, for one row after the other. */
bool verify_columns_agree(struct stmt *st, int first, int64_t seq, struct strbuf *room, struct json_scan *scan,
			  char *ret_text);
