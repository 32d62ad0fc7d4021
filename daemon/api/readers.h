/* SPDX-License-Identifier: Apache-2.0 */
/*
 * readers.h: a few read-only database connections, lent to one request at a time.
 */
#pragma once

#include "store/db.h"

#define READERS 4

struct readers;

MUST_CHECK int readers_open(const char *database, struct readers **ret, struct err *err);
void readers_close(struct readers *readers); /* NULL is allowed; all must be back */

/* Waits until one is free; its queries end after `deadline_ms`. */
struct db *readers_borrow(struct readers *readers, int64_t deadline_ms);
void readers_return(struct readers *readers, struct db *db);
