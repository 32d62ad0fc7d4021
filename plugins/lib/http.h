/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http.h: one blocking request for the plugins that speak HTTP. It follows no
 * redirect (a signed or secret URL stays with its host), asks no proxy of the
 * environment, and reads no more of an answer than it can use. http_options.h has
 * the options that go with it.
 */
#pragma once

#include <curl/curl.h>
#include <stdbool.h>
#include <stdint.h>

#define HTTP_ANSWER_MAX 4096          /* bytes of the answer's body that are kept; the rest is not read */
#define HTTP_ANSWER_HEADERS_MAX 65536 /* bytes; an answer with more is an error */
#define HTTP_CONNECT_TIMEOUT_MS 10000 /* within timeout_ms */
#define HTTP_PAUSE_MIN_MS 1000        /* Retry-After is clamped to these */
#define HTTP_PAUSE_MAX_MS 3600000

struct http_request {
	const char *url;
	const char *method;         /* "PUT"; NULL: POST */
	const char *ca_file;        /* PEM, trusted instead of the system's; NULL: the system's */
	const char *proxy;          /* http:// or https://, with user and password if need be; NULL: none */
	bool public_only;           /* connect to no address that address_is_public() denies */
	const char *const *headers; /* "Name: value", NULL at the end; not for the CONNECT to a proxy */
	const char *body;
	size_t body_len;
	int64_t timeout_ms; /* for all of it */
};

struct http_answer {
	CURLcode code;          /* CURLE_OK: an answer came, cut or whole */
	long status;            /* 0: not even a status line came */
	int64_t retry_after_ms; /* 0: not given */
	char body[HTTP_ANSWER_MAX];
	size_t body_len;
	char error[CURL_ERROR_SIZE]; /* one line, never with the URL's path; "" for CURLE_OK */
};

/* Fills *ret whatever happens. Everything in *request is borrowed for the call. */
void http_post(const struct http_request *request, struct http_answer *ret);

/* A Retry-After of `seconds` as milliseconds, clamped; 0 stays 0. Pure. */
int64_t http_pause_ms(curl_off_t seconds);
