/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lock_sources.h: which configured registry a lockfile's source is. Pure; the configuration makes the table.
 * crates.io has three spellings: its git index, its sparse index, and none at all in an SBOM.
 */
#pragma once

#include "model/lock.h"

#define LOCK_CRATES_IO                                                                                 \
	"https://index.crates.io/" /* how all of crates.io's spellings are written in lock_package.url \
				    */

/*
 * The URL of a registry source ("registry+URL", "sparse+URL"), as cargo compares them: without the prefix and a
 * query or fragment, host in lower case, without a trailing '/' or ".git"; LOCK_CRATES_IO as it is. NULL when out of
 * memory; the caller frees it.
 */
char *lock_source_url(const char *source);

struct lock_source {
	const char *url;      /* lock_source_url() */
	const char *registry; /* name in the configuration */
};

struct lock_sources {
	const struct lock_source *items; /* what an index is itself goes before what it mirrors */
	size_t n;
};

/* The registry's name; NULL: no configured registry, or not from one. */
const char *lock_sources_find(const struct lock_sources *sources, const struct lock *lock,
			      const struct lock_package *package);
