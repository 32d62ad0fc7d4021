/* SPDX-License-Identifier: Apache-2.0 */
/*
 * smtp.h: one mail to one server, to all of its recipients at once. A recipient
 * that is refused does not stop the others; who was told what is in the trace.
 */
#pragma once

#include "trace.h"

#include <curl/curl.h>
#include <stdbool.h>
#include <stdint.h>

struct smtp_server {
	const char *url;             /* smtp[s]://HOST[:PORT]/HELO */
	const char *user, *password; /* NULL: no login */
	const char *ca_file;         /* PEM, trusted instead of the system's; NULL: the system's */
	bool tls; /* false: not encrypted; true: STARTTLS, or TLS from the start, or nothing is sent */
};

struct smtp_mail {
	const char *from;
	const char *const *to; /* n_to addresses, checked: they stand in commands */
	size_t n_to;
	const char *bytes; /* lines end with CR LF */
	size_t len;
	int64_t timeout_ms; /* for all of it */
};

/*
 * Sends it, or says in `error` (CURL_ERROR_SIZE) why the session ended early; ""
 * when it did not. `trace` has room for n_to replies. Everything is borrowed.
 */
void smtp_send(const struct smtp_server *server, const struct smtp_mail *mail, struct trace *trace, char *error);
