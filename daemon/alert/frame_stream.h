/* SPDX-License-Identifier: Apache-2.0 */
/*
 * frame_stream.h: frames (model/frames.h) to and from one descriptor, without ever
 * waiting for it. Knows nothing of what the frames say. Lives on the loop.
 */
#pragma once

#include "base/strbuf.h"
#include "net/loop.h"

#define FRAME_STREAM_IN_MAX 65536 /* bytes of one frame that comes in */

struct frame_stream;

/* Either may close the stream. */
struct frame_stream_sink {
	void (*frame)(struct frame_stream *stream, const char *json, size_t len);
	/* The other side is gone (ERR_IO), talks nonsense or too much (ERR_LIMIT). Not called again. */
	void (*broken)(struct frame_stream *stream, const struct err *why);
};

struct frame_stream {
	struct frame_stream_sink sink;
	struct loop_fd watch;
	int fd; /* the caller's; -1 = closed */
	struct strbuf in, out;
	size_t written; /* of out */
};

/* `fd` is non-blocking and outlives the stream. A zeroed struct with fd -1 is a closed one. */
MUST_CHECK int frame_stream_open(struct frame_stream *stream, struct loop *loop, int fd,
				 const struct frame_stream_sink *sink, struct err *err);
void frame_stream_close(struct frame_stream *stream);   /* forgets what was not said or heard; may be repeated */
void frame_stream_release(struct frame_stream *stream); /* closes, and frees its memory */

/* Takes all that was said until now, without waiting for the loop to notice it. */
void frame_stream_hear_out(struct frame_stream *stream);

/* An error: nothing of it was said. Otherwise it is on its way, or broken() was called. */
MUST_CHECK int frame_stream_say(struct frame_stream *stream, const struct strbuf *json, struct err *err);
