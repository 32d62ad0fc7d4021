/* SPDX-License-Identifier: Apache-2.0 */
/*
 * body.h: the JSON object or the lockfile in a request's body, read and checked. Called by
 * the handlers.
 */
#pragma once

#include "api/request.h"
#include "base/json.h"
#include "model/lock_read.h"

/*
 * The body's object, which the caller frees; NULL when there is no body. Members
 * that the path's row does not name are refused, and those of another type.
 */
MUST_CHECK int body_parse(const struct request *request, cJSON **ret, struct err *err);

/* The names of a body: {"registry"?, "crates"?: […], …}. */
struct named_crates {
	cJSON *json; /* owned; the others point into it */
	const char *registry;
	const char **crates; /* owned */
	size_t n_crates;
};

MUST_CHECK int body_crates(const struct request *request, struct named_crates *ret, struct err *err);
void named_crates_release(struct named_crates *named);

/* The body is a lockfile. The caller releases *ret; the body is there still. */
MUST_CHECK int body_lock(const struct request *request, struct lock *ret, struct err *err);
