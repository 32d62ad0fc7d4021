/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http.h: one request at a time to the daemon, HTTP/1.1 on its UNIX socket
 * (docs/SOCKET.md). An error's text is the daemon's own `detail` where there
 * is one, raw: whoever prints it makes it safe. Never uses a proxy, never
 * follows a redirect.
 */
#pragma once

#include "base/err.h"
#include "base/json.h"
#include "base/strbuf.h"

#define HTTP_SOCKET_DEFAULT "/run/yankwatch/yankwatch.sock"
#define HTTP_CONNECT_TIMEOUT_S 5
#define HTTP_HASTY_MS 300
#define HTTP_TIMEOUT_S 60                          /* from the request to the end of the answer */
#define HTTP_ANSWER_MAX ((size_t)64 * 1024 * 1024) /* bytes */
#define HTTP_WHY_MAX 256                           /* bytes of libcurl's own words (CURL_ERROR_SIZE) */

struct curl_slist;

struct http {
	void *curl;
	struct curl_slist *headers, *file_headers;
	const char *socket; /* borrowed */
	long status;        /* of the last answer; 0: there was none */
	struct strbuf answer;
	char why[HTTP_WHY_MAX];
};

/* Nothing is connected yet. To be released also when it failed. */
MUST_CHECK int http_init(struct http *http, const char *socket, struct err *err);
void http_release(struct http *http);
#define OWNED_HTTP OWNED(http_release)

struct http_request {
	const char *method; /* NULL: GET */
	const struct strbuf *path;
	const struct strbuf *body; /* JSON; NULL: none */
	bool is_file;              /* the body is no JSON, and may be large: the daemon is asked before it is sent */
	bool patient;              /* the daemon may take as long as it needs */
	bool hasty;                /* an answer that does not come within HTTP_HASTY_MS is not wanted */
	int64_t wait_s;            /* else: the daemon is asked to wait so long, HTTP_TIMEOUT_S come on top */
};

/*
 * The caller frees *ret_answer, an object; NULL when the answer has no body
 * (204). ERR_BAD is the daemon's 400 and nothing else, ERR_ABSENT its 404.
 */
MUST_CHECK int http_call(struct http *http, const struct http_request *request, cJSON **ret_answer, struct err *err);
MUST_CHECK int http_get(struct http *http, const struct strbuf *path, cJSON **ret_answer, struct err *err);

/* An answer that is taken while it comes, however long that lasts. */
struct http_stream {
	const struct strbuf *path;
	const char *accept;
	long silence_s; /* without a byte is a failure; 0: it may take as long as it needs */
	/* false: enough, which is no failure of the daemon's */
	bool (*take)(void *ctx, const char *bytes, size_t len);
	void *ctx;
};

/* 0: it came to its end, or take() had enough. Errors as http_call(); one that is broken off is ERR_IO. */
MUST_CHECK int http_stream(struct http *http, const struct http_stream *stream, struct err *err);

/* Adds "/segment", percent-encoded. */
void http_add_segment(struct strbuf *path, const char *segment);

/* Adds "?key=value" or "&key=value", percent-encoded; nothing when value is NULL. */
void http_add_query(struct strbuf *path, const char *key, const char *value);

/* Adds " (did you mean a, b?)" when the answer has names in `near`. */
void http_add_near(struct strbuf *text, const cJSON *answer);
