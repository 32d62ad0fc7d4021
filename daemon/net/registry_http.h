/* SPDX-License-Identifier: Apache-2.0 */
/*
 * registry_http.h: what a request to a sparse index says and what its reply
 * means. Pure. Source: the Cargo book, "Registry Index", and cargo's
 * sources/registry/http_remote.rs.
 */
#pragma once

#include "base/strbuf.h"
#include "model/observation.h"
#include "net/http.h"

#define REGISTRY_CONFIG_MAX (64u << 10) /* bytes of config.json */

/* What a reply about a crate's file asks us to do. */
enum registry_answer {
	REGISTRY_NEW,       /* 200: a file to look at */
	REGISTRY_UNCHANGED, /* 304: as it was */
	REGISTRY_GONE,      /* 404, 410, 451: no such crate */
	REGISTRY_LIMITED,   /* 429, or 503 with Retry-After: the whole registry pauses */
	REGISTRY_FAILED,    /* anything else: this crate tries again later */
};

enum registry_answer registry_answer(const struct http_reply *reply);

/* The sentence for REGISTRY_LIMITED and REGISTRY_FAILED: "HTTP 503", "HTTP 401: …". */
int registry_explain(const struct http_reply *reply, struct err *err);

/* The headers of a request and the room they stand in. */
struct registry_headers {
	const char *list[HTTP_HEADERS_MAX]; /* for http_request; NULL ends it */
	char condition[ETAG_MAX + 32];
	struct strbuf authorization;
};

/*
 * Conditional by ETag alone: Last-Modified cannot tell two changes of one second
 * apart, nor a file that was put back with an older time, and a 304 that hides a
 * yank is worse than a reply too many. `token` NULL: none is sent. The caller
 * releases *ret. ERR_NOMEM.
 */
MUST_CHECK int registry_headers_make(const struct validators *validators, const char *token,
				     struct registry_headers *ret, struct err *err);
void registry_headers_release(struct registry_headers *headers);

/* Appends "yankwatch/VERSION (contact)". */
void registry_user_agent(struct strbuf *out, const char *contact);

/* Checks a config.json, which the caller's sentence names: an object with "dl"; ERR_BAD otherwise, ERR_REFUSED when the
 * registry wants a token and there is none. Appends its web API (model/web_api.h), where it has one, to `api`. */
MUST_CHECK int registry_config_check(const char *body, size_t len, bool has_token, struct strbuf *api, struct err *err);
