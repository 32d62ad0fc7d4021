/* SPDX-License-Identifier: Apache-2.0 */
/*
 * request.h: one request and its answer, between api.c (HTTP), routes.c (which
 * handler) and handlers_*.c (what to do). Internal to api/.
 */
#pragma once

#include "api/api.h"
#include "api/readers.h"

#define REQUEST_PARAMS_MAX 2

struct request {
	const char *method;
	const char *path;
	const char *params[REQUEST_PARAMS_MAX]; /* the {…} of the route, in order */
	char *path_copy;                        /* owned; what params point into */
	struct strbuf body;
	uid_t uid;                   /* who asks, as the kernel says */
	bool may_change;             /* and may use the rows that change something */
	const struct config *config; /* the one in force when it came; a reference */
	const struct api_backend *backend;
	struct readers *readers;
	int64_t started_ms;                                                       /* yankwatchd's */
	const char *(*argument)(const struct request *request, const char *name); /* NULL = not given */
	/* A name in the query that is none of these words; NULL = there is none. */
	const char *(*other_argument)(const struct request *request, const char *words);
	void *connection; /* for the two */
	const struct route_row *row;

	int status; /* HTTP; 0 until answered */
	const char *content_type;
	struct strbuf answer;
};

struct route_row {
	const char *method;
	const char *pattern; /* "/v1/crates/{registry}/{name}" */
	bool admin;          /* changes something */
	int (*handle)(struct request *request, struct err *err);
	const char *query; /* the arguments that it takes: "registry, crate"; NULL = none */
	const char *body;  /* the members of its body, the same way; for handle() to check */
};

/* Is `name` one of the words of "registry, crate"? */
bool word_is_listed(const char *words, const char *name);

/* Finds the row, checks the right to use it, and answers, whatever happens. */
void request_dispatch(struct request *request);

extern const struct route_row api_routes[];
extern const size_t api_routes_count;

/* Answers with a problem document (RFC 9457); `near` are suggestions, may be NULL. */
void request_problem(struct request *request, int status, const char *detail, const char *const *near, size_t n_near);
