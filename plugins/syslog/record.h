/* SPDX-License-Identifier: Apache-2.0 */
/*
 * record.h: one event, or a message that is not of events, as one syslog record.
 * Sources: RFC 5424 (header, structured data), syslog(3) for the local socket, cef.h.
 * Pure; README.md says what is in it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <time.h>
#include <yankwatch/notifier.h>

#define RECORD_UDP_MAX 2048    /* bytes; RFC 5424, 6.1: what receivers should take */
#define RECORD_STREAM_MAX 8192 /* rsyslog takes no more unless it is told to */
#define RECORD_APP "yankwatch"
#define RECORD_SD_ID "yankwatch@32473" /* the number that RFC 5612 gives to examples: we have none */

struct record_style {
	bool local; /* the header that syslog(3) writes: what reads /dev/log knows no other */
	bool cef;   /* the message is CEF */
	int facility;
	const char *hostname; /* "-": not known */
	size_t max;           /* bytes; the end of the text is cut */
};

/*
 * `event` NULL: the message as a whole. `now`: for the local header alone. Returns
 * heap memory, *ret_len bytes without a line end; NULL: out of memory.
 */
char *record_make(const struct record_style *style, const struct yw_message *message, const struct yw_event *event,
		  time_t now, size_t *ret_len);

/* The number of a facility's name, -1: there is none. */
int record_facility(const char *name);
