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

#define REGISTRY_HEADER_MAX (ETAG_MAX + 32)

/* Headers of a request; `buf` holds the conditional one and must live as long. */
void registry_headers(const struct validators *validators, char buf[static REGISTRY_HEADER_MAX],
		      const char *headers[static HTTP_HEADERS_MAX]);

/* Appends "yankwatch/VERSION (contact)". */
void registry_user_agent(struct strbuf *out, const char *contact);

/* Checks a config.json: an object with "dl"; ERR_BAD otherwise, ERR_REFUSED when the
 * registry wants authentication, which this version cannot give. */
MUST_CHECK int registry_config_check(const char *body, size_t len, struct err *err);
