/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ask.h: the questions to the daemon that several commands have. Called by
 * cmd_*.c; prints nothing.
 */
#pragma once

#include "session.h"

/* The watches of that crate, in whatever registries; the caller frees the array. ERR_ABSENT when there is none. */
MUST_CHECK int ask_watches_of(struct http *http, const char *crate, cJSON **ret_watches, struct err *err);

/* The daemon's document of a crate, which the caller frees; `at`: as it was then (RFC 3339), NULL: as it is. */
MUST_CHECK int ask_crate(struct http *http, const char *registry, const char *crate, const char *at, cJSON **ret_crate,
			 struct err *err);

/* GET of a path without arguments; the caller frees the document. */
MUST_CHECK int ask_get(struct http *http, const char *path, cJSON **ret_answer, struct err *err);

/* POST to path[0] with the others of the `n` as segments behind it; `body` may be NULL. `patient`: as http.h says. */
MUST_CHECK int ask_post(struct http *http, const char *const *path, size_t n, const struct strbuf *body, bool patient,
			cJSON **ret_answer, struct err *err);

/*
 * POST /v1/watches or /v1/poll: the crates by name, all when `count` is 0. With
 * `wait` the daemon answers when it has done them.
 */
MUST_CHECK int ask_post_crates(struct http *http, const char *path, const char *registry, char *const *crates,
			       size_t count, bool wait, cJSON **ret_answer, struct err *err);

/* Of the crate in one registry. */
typedef int ask_in_registry_fn(const struct session *session, const char *registry, const char *crate,
			       const void *question, struct err *err);

/* In each registry where the crate is watched, whatever becomes of the others, with a blank line between what they
 * print; the last failure is told. */
MUST_CHECK int ask_everywhere(const struct session *session, const char *crate, const void *question,
			      ask_in_registry_fn *in_registry, struct err *err);
