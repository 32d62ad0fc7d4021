/* SPDX-License-Identifier: Apache-2.0 */
/*
 * event_row.h: the columns of an event's document, the same in every query that writes one.
 */
#pragma once

#include "model/event.h"
#include "store/annotations.h"

/* `e`, `a`: the query's names of the tables event and annotation (LEFT JOIN), as string constants. */
#define EVENT_ROW(e, a) e ".body, " e ".prev_hash, " e ".hash, " ANNOTATED_MEMBERS(a) ", " e ".severity"

/* From the present row, whose EVENT_ROW begins at column `first`; valid until the statement's next row. A hash that is
 * none is left out of the document. */
struct event_record event_row_read(struct stmt *st, int first);
