/* SPDX-License-Identifier: Apache-2.0 */
/*
 * frames.h: what yankwatchd and yankwatch-notify say to each other over the
 * runner's socket (descriptor 3 of yankwatch-notify): four bytes of length,
 * little-endian, then that many bytes of one JSON object with a "type".
 *
 *   daemon → runner
 *     {"type":"open","notifier":NAME,"options":{KEY:VALUE…},"hidden":[PATH…],"trial":true}   once, first
 *     {"type":"deliver","id":…,"attempt":N,"deadline_ms":N,"created_at":TIME,"subject":…,"state":TEXT,
 *      "follows":ID,"ended":{EVENT-ID:TIME…},"document":{"kind":"events|heartbeat|test|undelivered|reminder","events":[…],
 *      "head":{…}}}
 *   runner → daemon
 *     {"type":"opened","plugin":NAME,"version":TEXT,"needs":[WORD…],"confined":[WORD…],"unconfined":[WORD…]}
 *                                                       once, the answer to "open"
 *     {"type":"failed","text":…}                        instead of it or later; the runner ends. Between two
 *                                                       deliveries: it asks to be started again
 *     {"type":"result","id":…,"outcome":"ok|retry|reject|disable","retry_after_ms":N,"again_after_ms":N,
 *      "state":TEXT,"text":…}
 *     {"type":"log","level":"error|warning|info|debug","text":…}
 *
 * "options" are the keys of the configuration as they were written, without
 * `plugin` and `timeout`: a string, integer, boolean or list of strings each.
 * Files named by NAME_file are read by yankwatch-notify, not by the daemon.
 * "hidden" are the daemon's own paths (its database, secrets of others) that no plugin
 * sees, but for those that its own options name; absent: the runner cannot hide them
 * from a plugin that runs programs. "needs" is what the plugin declares, "confined"
 * what is closed to it, "unconfined" what should be and is not (notify/sandbox.h).
 * "trial" is there when no notification will follow (config/trial.h): the runner makes no file.
 * "deadline_ms" is how long after the frame's arrival the daemon kills the runner.
 * "id" is made of letters, digits, '_' and '-': plugins put it into headers.
 * "document" is passed on as the bytes that stood in the frame, so a plugin that
 * signs it signs the same bytes at every attempt. Without "kind" it is of events.
 * "state", "follows", "ended", "retry_after_ms", "again_after_ms" may be absent:
 * what they mean is said in notifier.h (yw_message, yw_result).
 */
#pragma once

#include "base/err.h"
#include "base/process.h"
#include "base/strbuf.h"

#define FRAME_HEADER 4
#define FRAME_MAX (8u << 20) /* bytes of JSON; a longer frame ends the runner */
#define FRAME_FD PROCESS_FD
#define FRAME_OPEN_MS 10000 /* from the process's start to "opened"; then it is killed */
#define FRAME_CLOSE_MS 2000 /* for a plugin to close() after its channel has ended */

enum frame_outcome { FRAME_OK, FRAME_RETRY, FRAME_REJECT, FRAME_DISABLE, FRAME_OUTCOMES };

/* "ok", "retry", "reject", "disable". */
const char *frame_outcome_name(enum frame_outcome outcome);
bool frame_outcome_parse(const char *name, enum frame_outcome *ret);

/* Appends the header for `len` bytes that follow. */
void frame_add_header(struct strbuf *out, size_t len);

struct frame_open {
	const char *notifier;
	const char *options; /* JSON, as `hidden` */
	const char *hidden;  /* NULL: absent */
	bool trial;
};

/* Appends the JSON of "open". */
void frame_write_open(const struct frame_open *open, struct strbuf *out);

/*
 * Looks at the front of `bytes`: sets *ret_json and *ret_len to the JSON of a
 * whole frame and returns the bytes the frame takes, 0 when it is not complete
 * yet, ERR_LIMIT when its length is zero or above FRAME_MAX. Nothing is copied.
 */
MUST_CHECK int64_t frame_peek(const char *bytes, size_t len, const char **ret_json, size_t *ret_len, struct err *err);
