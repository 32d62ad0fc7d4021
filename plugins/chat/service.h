/* SPDX-License-Identifier: Apache-2.0 */
/*
 * service.h: what tells one chat service from another, a row each: where the
 * request goes, which options it wants, how its markup is written, how long a
 * message may be, what its answers mean. Pure.
 */
#pragma once

#include "lib/answer.h"
#include "limits.h"
#include "markup.h"

#include <stdbool.h>

struct service {
	const char *name;
	const char *template; /* the built-in one */
	enum markup markup;
	const char *method; /* NULL: POST */
	const char *path;   /* appended to `url`, {room} and {id} filled in; NULL: `url` is all of it */
	const char *auth;   /* header that the token goes into, with what stands before it; NULL: no token */
	bool needs_token, needs_room, needs_topic;
	const struct limit *limits;
	const struct answer_rule *answers; /* its own, before those of all services; may be NULL */
	const char *proof;                 /* every good answer holds this; NULL: any 2xx will do */
};

/* NULL: there is no such service. */
const struct service *service_find(const char *name);

/* "slack, mattermost, …": for an error. */
const char *service_names(void);

/* The address of one notification; `room` may be NULL. The caller frees it; NULL: out of memory. */
char *service_url(const struct service *service, const char *url, const char *room, const char *id);
