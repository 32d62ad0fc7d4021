/* SPDX-License-Identifier: Apache-2.0 */
/*
 * versions.h: what is remembered of a crate's versions: all of them in one row, as a look
 * needs them. A row for each would cost a first sync more than all the rest does. The
 * bytes are described in versions.c; nothing in SQL looks into them.
 */
#pragma once

#include "model/index_versions.h"
#include "store/db.h"

/* In the index's order, deleted ones included; none when nothing is remembered. The caller releases *ret.
 * ERR_IO: what stands there is damaged. */
MUST_CHECK int versions_load(struct db *db, int64_t crate, struct index_versions *ret, struct err *err);

/* These are all of them now, in this order. Wants an open transaction. */
MUST_CHECK int versions_save(struct db *db, int64_t crate, const struct index_versions *versions, struct err *err);

/* One of them. */
struct version_found {
	bool there; /* else all of it is zero */
	bool yanked, deleted;
	unsigned char checksum[CHECKSUM_SIZE];
};

/* That one alone, without a list of all; two with one text there are none. ERR_IO: what stands before it is damaged. */
MUST_CHECK int versions_find(struct db *db, int64_t crate, const char *vers, struct version_found *ret,
			     struct err *err);

/* The migration from a row for each version. */
MUST_CHECK int versions_convert(struct db *db, struct err *err);
