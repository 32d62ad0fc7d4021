/* SPDX-License-Identifier: Apache-2.0 */
/*
 * limits.h: how long a service lets a message and its parts be. They are looked
 * for in the finished JSON, so they hold for a user's template, too. Pure.
 */
#pragma once

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>

enum limit_of {
	LIMIT_TEXT,  /* each string: UTF-16 units, as services with clients in JavaScript count */
	LIMIT_BYTES, /* each string: bytes of UTF-8 */
	LIMIT_ITEMS, /* the list itself */
	LIMIT_TOTAL, /* all strings of all such rows together; each of them gives the same `max` */
	LIMIT_BODY,  /* the whole JSON, in bytes; `path` is "" */
};

struct limit {
	enum limit_of of;
	size_t max;
	/* "blocks[].text.text"; "blocks[header].text" looks only at items whose "type" is "header". */
	const char *path;
};

/*
 * NULL when `body`, `body_len` bytes long when it is sent, breaks none of the
 * limits, else the first row that is broken. `limits` ends with a row of max 0.
 */
const struct limit *limits_broken(const struct limit *limits, const cJSON *body, size_t body_len);
