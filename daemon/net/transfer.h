/* SPDX-License-Identifier: Apache-2.0 */
/*
 * transfer.h: one request and its reply: libcurl's handle with the options that are
 * the same for each request, the body as it comes in, and what became of it. Knows
 * no loop and no other transfer. Internal to net/.
 */
#pragma once

#include "base/strbuf.h"
#include "net/gunzip.h"
#include "net/http.h"
#include "net/reply_head.h"

#include <curl/curl.h>
#include <openssl/ssl.h>

struct transfer {
	struct http_share *all;        /* of all transfers' bodies; whoever made it owns the count */
	struct http_share *share;      /* of the request's */
	struct transfer *next, **link; /* its maker's lists; link: of one under way */
	CURL *easy;                    /* with all options set that are the same for each request */
	struct curl_slist headers[HTTP_HEADERS_MAX];
	struct strbuf header_text; /* what they point into */
	X509_STORE *trust;         /* counted */
	int64_t deadline_ms;
	struct strbuf body;
	size_t counted; /* bytes of it in both */
	bool no_room;   /* the bodies together were too large */
	bool has_body;  /* its first bytes have come */
	struct reply_head head;
	struct gunzip *gunzip; /* NULL: the body comes as it is */
	char why[CURL_ERROR_SIZE];
	struct http_reply reply;
	http_done_fn *done;
	void *arg;
};

/* NULL: see err. `all` outlives it. */
struct transfer *transfer_new(struct http_share *all, struct err *err);
/* The handle is in no multi handle any more. */
void transfer_free(struct transfer *transfer);

/* The next request; after transfer_new() or transfer_clear(). */
MUST_CHECK int transfer_set(struct transfer *transfer, const struct http_request *request, struct err *err);
/* It has ended so: fills transfer->reply. */
void transfer_fill_reply(struct transfer *transfer, CURLcode code);
/* What belongs to one request goes; the handle and its options stay. */
void transfer_clear(struct transfer *transfer);
