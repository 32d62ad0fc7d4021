/* SPDX-License-Identifier: Apache-2.0 */
/*
 * copy.h: a copy of the whole database while it is written to (SQLite's online backup). The
 * connection that writes makes it, a bounded step at a time between its transactions; what it
 * commits meanwhile goes into the copy, too. So the copy is the database as it is at its last step.
 */
#pragma once

#include "store/db.h"

struct db_copy;

/* Begins a copy into the file `path`, which is there and empty. ERR_IO, ERR_NOMEM. */
MUST_CHECK int db_copy_begin(struct db *db, const char *path, struct db_copy **ret, struct err *err);

/* Not inside a transaction: copies on for about `ms`. *ret_left: pages to go; 0: all is there. ERR_IO: also a full
 * disk. */
MUST_CHECK int db_copy_step(struct db_copy *copy, int64_t ms, int64_t *ret_left, struct err *err);

/* On the connection's thread; NULL is allowed. */
void db_copy_end(struct db_copy *copy);
