/* SPDX-License-Identifier: Apache-2.0 */
/*
 * notifiers.h: notifiers that are out of service, because their receiver wanted nothing
 * more (HTTP 410), until a person takes them back. For the tracker's connection,
 * inside a transaction; the reading ones for readers, too.
 */
#pragma once

#include "store/db.h"

/* Out of service since when, and the receiver's answer then (owned by the caller; NULL: it is in service). */
MUST_CHECK int notifiers_disabled(struct db *db, const char *name, int64_t *ret_since_ms, char **ret_text,
				  struct err *err);

/* One that is out already keeps its time. */
MUST_CHECK int notifiers_disable(struct db *db, const char *name, const char *text, int64_t now_ms, struct err *err);

/* *ret_was: it was out of service. Its notifications that waited go out as they are due. */
MUST_CHECK int notifiers_enable(struct db *db, const char *name, bool *ret_was, struct err *err);
