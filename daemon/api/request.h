/* SPDX-License-Identifier: Apache-2.0 */
/*
 * request.h: one request and its answer, between api.c (HTTP), routes.c (which
 * handler) and handlers_*.c (what to do). Internal to api/.
 */
#pragma once

#include "api/api.h"
#include "api/news.h"
#include "api/places.h"
#include "api/readers.h"
#include "api/stream.h"

#define REQUEST_PARAMS_MAX 3

struct request {
	const char *method;
	const char *path;
	const char *params[REQUEST_PARAMS_MAX]; /* the {…} of the route, in order */
	char *path_copy;                        /* owned; what params point into */
	struct strbuf body;
	struct places *places; /* of large bodies */
	bool has_place;
	int64_t body_until_ms; /* clock_mono_ms(): a large one must be there by then */
	const atomic_bool *stopping;
	int fd;                      /* the connection's */
	uid_t uid;                   /* who asks, as the kernel says */
	bool may_change;             /* and may use the rows that change something */
	const struct config *config; /* the one in force when it came; a reference */
	const struct api_backend *backend;
	struct readers *readers;
	struct streams *streams;
	struct news *news;
	int64_t started_ms;                                                       /* yankwatchd's */
	const char *(*argument)(const struct request *request, const char *name); /* NULL = not given */
	/* A name in the query that is none of these words; NULL = there is none. */
	const char *(*other_argument)(const struct request *request, const char *words);
	const char *(*header)(const struct request *request, const char *name); /* NULL = not given */
	void *connection;                                                       /* for the three */
	const struct route_row *row;

	int status; /* HTTP; 0 until answered */
	const char *content_type;
	struct strbuf answer;
	struct stream *stream; /* owned; the answer where the status is 200 and there is one (stream.h) */
};

struct route_row {
	const char *method;
	const char *pattern; /* "/v1/crates/{registry}/{name}" */
	bool admin;          /* changes something */
	int (*handle)(struct request *request, struct err *err);
	const char *query; /* the arguments that it takes: "registry, crate"; NULL = none */
	const char *body;  /* the members of its body, the same way; for handle() to check; or route_lockfile */
	/* For /openapi.json: */
	const char *summary;
	/* "200 Events, 200 Event application/x-ndjson, 202, 200 - text/csv": each its status, schema of
	 * openapi_components.json ("-" = what comes is no JSON) and type (application/json). Problems come besides. */
	const char *answers;
	const char *required; /* of the body's members; NULL = none */
};

extern const char route_lockfile[]; /* the body is a lockfile of up to LOCK_FILE_MAX bytes */

/* Is `name` one of the words of "registry, crate"? */
bool word_is_listed(const char *words, const char *name);

/* The headers are there: finds the row and checks the right to use it. Otherwise a problem document is the answer. */
void request_find_row(struct request *request);
/* The body is there, too: answers, whatever happens. */
void request_dispatch(struct request *request);

/* Bytes of the body, from whoever may send one; too many or too slow: a problem document is the answer. */
void request_take_in(struct request *request, const char *bytes, size_t len);
/* The body is used: its memory is free, and its place. Called by itself at the end. */
void request_drop_body(struct request *request);

extern const struct route_row api_routes[];
extern const size_t api_routes_count;

/* Answers with a problem document (RFC 9457); `near` are suggestions, may be NULL. */
void request_problem(struct request *request, int status, const char *detail, const char *const *near, size_t n_near);
