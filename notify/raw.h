/* SPDX-License-Identifier: Apache-2.0 */
/*
 * raw.h: where a value stands in JSON text. A plugin signs a document's bytes,
 * so they are handed on as they came and never written anew. Only for text that
 * json_parse() has accepted: nothing is checked here again.
 */
#pragma once

#include "base/defs.h"

struct raw {
	const char *text; /* borrowed */
	size_t len;
};

/*
 * Walks an object or array: `at` is NULL at first and returns as the place to go
 * on from. Sets *ret_value to the next value and, in an object, *ret_key to its
 * key with the quotes. False at the end.
 */
bool raw_next(struct raw container, const char **at, struct raw *ret_key, struct raw *ret_value);

/* The value of an object's member; false when it has none. `key` is plain ASCII. */
bool raw_member(struct raw object, const char *key, struct raw *ret_value);
