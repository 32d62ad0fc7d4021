/* SPDX-License-Identifier: Apache-2.0 */
/*
 * names.h: a closed set of names (the words of an enum, the keys of a mapping,
 * the registries of a file) and what to tell somebody who missed it: the name
 * that was probably meant, or the whole set.
 */
#pragma once

#include "base/strbuf.h"

/* The i-th name, NULL past the last. */
typedef const char *(*name_at)(const void *set, size_t i);

struct names {
	name_at at;
	const void *set; /* borrowed; passed to at() */
};

bool names_find(const struct names *names, const char *name, size_t *ret);

/* Appends `, did you mean "x"?`, or `, allowed: a, b, c` when nothing is near. */
void names_advise(const struct names *names, const char *name, struct strbuf *out);
