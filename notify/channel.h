/* SPDX-License-Identifier: Apache-2.0 */
/*
 * channel.h: the runner's end of the socket to yankwatchd, as whole frames of
 * model/frames.h. Blocking: the runner has nothing else to wait for, and the
 * daemon ends a runner that is stuck. Never raises SIGPIPE.
 */
#pragma once

#include "base/err.h"
#include "base/strbuf.h"

struct channel {
	int fd;           /* borrowed */
	struct strbuf in; /* what was received and not yet taken */
	size_t taken;     /* bytes at the front of `in` that the last frame used */
};

/* `fd` must be a socket (ERR_REFUSED otherwise). It is made close-on-exec. */
MUST_CHECK int channel_init(struct channel *ch, int fd, struct err *err);
void channel_release(struct channel *ch); /* leaves the descriptor open */

/*
 * Waits for a frame. 1: *ret_json is its JSON, borrowed until the next call and
 * followed by whatever came after it, so heed *ret_len. 0: the daemon closed its
 * end between two frames. ERR_IO (also: closed inside a frame), ERR_LIMIT,
 * ERR_NOMEM.
 */
MUST_CHECK int channel_read(struct channel *ch, const char **ret_json, size_t *ret_len, struct err *err);

/* Sends the JSON in `body` as one frame. ERR_NOMEM (also when `body` failed), ERR_IO. */
MUST_CHECK int channel_write(struct channel *ch, const struct strbuf *body, struct err *err);
