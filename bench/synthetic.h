/* SPDX-License-Identifier: Apache-2.0 */
/*
 * synthetic.h: crates that are nobody's, shaped like those of crates.io. All that
 * is said of a crate follows from its seed, so two runs write the same bytes.
 */
#pragma once

#include "base/strbuf.h"
#include "model/index_path.h"

#define SYNTHETIC_CRATES_MAX UINT64_C(10000000) /* so many names there are */

/* A stream of numbers that looks random (splitmix64). */
uint64_t synthetic_random(uint64_t *state);

struct synthetic_crate {
	char name[CRATE_NAME_MAX + 1];
	uint64_t seed;
	size_t versions;
	size_t line_bytes; /* to come near to on the average; a line has at least about 230 */
};

/* The n-th name, below SYNTHETIC_CRATES_MAX; no two are the same, case apart. */
void synthetic_name(size_t n, uint64_t seed, char buf[static CRATE_NAME_MAX + 1]);

/* Appends the crate's index file. Returns how many of its versions are yanked. */
size_t synthetic_file(const struct synthetic_crate *crate, struct strbuf *out);
