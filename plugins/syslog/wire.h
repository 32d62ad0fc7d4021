/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wire.h: one delivery's way out: a socket, TLS on it or not, for the records of one
 * notification. All calls block, at most until the time that wire_open() was given.
 */
#pragma once

#include "target.h"
#include "tls.h"

#include <stdbool.h>
#include <stdint.h>
#include <yankwatch/notifier.h>

struct wire {
	const struct target *target; /* borrowed */
	int fd;
	struct tls *tls;                /* NULL: none */
	int64_t end_ms;                 /* on the monotonic clock */
	char error[YW_RESULT_TEXT_MAX]; /* of the call that failed */
};

/* False with wire->error. `left_ms` is the time for all of it; the look-up of a name is not interrupted by it.
 * wire_close() in any case. */
bool wire_open(struct wire *wire, const struct target *target, struct tls_client *client, int64_t left_ms);

/* One record: a datagram, or on a stream the octets counted (RFC 6587, 3.4.1; RFC 5425, 4.3). */
bool wire_send(struct wire *wire, const char *record, size_t len);

/*
 * Says the end of a stream and waits for the receiver's, because nothing else in
 * syslog tells that it has read. *ret_read: it has closed. False: it has reset the
 * connection, and what it has read nobody knows.
 */
bool wire_finish(struct wire *wire, bool *ret_read);
void wire_close(struct wire *wire);
