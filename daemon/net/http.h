/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http.h: HTTP GET on the loop: libcurl's multi interface driven by its sockets.
 *
 * HTTP/2 where the server has it, many requests over at most two connections a
 * host. No redirects, http and https only, no proxy but the environment's. Every
 * transfer has a deadline of ours. The reply's bytes are counted after
 * decompression and a reply above its limit is cut off as an error.
 */
#pragma once

#include "net/loop.h"

#define HTTP_HEADERS_MAX 8
#define HTTP_CONNECT_TIMEOUT_MS 30000        /* as cargo has it */
#define HTTP_LOW_SPEED_BYTES 10              /* a second, for 30 s: as cargo has it */
#define HTTP_DEADLINE_MS 120000              /* for the whole transfer */
#define HTTP_IDLE_MAX 64                     /* finished transfers that are kept for the next requests */
#define HTTP_BODIES_MAX (64u << 20)          /* bytes of all bodies under way; above it a transfer fails: ERR_BUSY */
#define HTTP_SHARE_MAX (HTTP_BODIES_MAX / 2) /* and of those of one share */

struct http;

MUST_CHECK int http_new(struct loop *loop, struct http **ret, struct err *err);
/* Ends transfers without calling back. */
void http_free(struct http *http);

struct x509_store_st; /* OpenSSL's X509_STORE: the certificates to trust, parsed beforehand */

/* Whose bodies count together, so that none takes the room of all others. Zeroed at first; outlives
 * its transfers. */
struct http_share {
	size_t body_bytes;
};

struct http_request {
	const char *url;                       /* all texts are copied by http_get() */
	const char *headers[HTTP_HEADERS_MAX]; /* "name: value"; NULL ends the list */
	struct x509_store_st *trust;           /* NULL for plain http; the transfer counts itself in */
	const char *trust_id;                  /* of `trust`: only requests of one id share connections */
	struct http_share *share;
	size_t body_max; /* bytes */
	bool fresh;      /* not over a connection that is open already */
};

struct http_reply {
	struct err err; /* code 0: an HTTP answer came, whatever its status */
	bool transient; /* the connection was closed under the request: again at once, once */
	bool unframed;  /* no length was given: a body that was cut looks like a whole one */
	int status;
	char *body; /* NUL-terminated; the callback may take it with TAKE() */
	size_t body_len;
	char *etag;             /* of a 200; NULL = none; may be taken */
	char *authenticate;     /* WWW-Authenticate of a 401; NULL = none */
	int64_t last_modified;  /* of a 200, in seconds since 1970; 0 = none */
	int64_t date;           /* the server's clock, the same way */
	int64_t retry_after_ms; /* 0 = none */
};

/* Called on the loop, never from inside http_get(). */
typedef void http_done_fn(void *arg, struct http_reply *reply);

/* ERR_NOMEM, ERR_IO; then `done` is not called. */
MUST_CHECK int http_get(struct http *http, const struct http_request *request, http_done_fn *done, void *arg,
			struct err *err);
