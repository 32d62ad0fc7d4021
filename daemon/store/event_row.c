/* SPDX-License-Identifier: Apache-2.0 */
/* event_row.c: see event_row.h. */
#include "store/event_row.h"

static const unsigned char *read_hash(struct stmt *st, int column)
{
	size_t len;
	const void *bytes = stmt_bytes(st, column, &len);

	return len == CHAIN_HASH_SIZE ? bytes : NULL;
}

struct event_record event_row_read(struct stmt *st, int first)
{
	return (struct event_record){
		.body = stmt_text(st, first),
		.prev_hash = read_hash(st, first + 1),
		.hash = read_hash(st, first + 2),
		.annotations = stmt_text(st, first + 3),
		.severity = (enum severity)stmt_int(st, first + 4),
	};
}
