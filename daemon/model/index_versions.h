/* SPDX-License-Identifier: Apache-2.0 */
/* index_versions.h: the versions of one crate, in the index's order: lists, found by their text. */
#pragma once

#include "model/index_line.h"

/* One crate's, remembered ones or such as a reply names. */
struct index_versions {
	struct index_version *items; /* owned */
	size_t count;
};

void index_versions_release(struct index_versions *versions);
/* Room for one more, zeroed and counted; NULL when out of memory. */
struct index_version *index_versions_add(struct index_versions *versions);

/* The same in the order of their texts, for index_versions_find(); the caller frees it. NULL: out of memory. */
const struct index_version **index_versions_sorted(const struct index_versions *versions);
/* The one with the same text as `like`; NULL when there is none. */
const struct index_version *index_versions_find(const struct index_version *const *sorted, size_t n,
						const struct index_version *like);
