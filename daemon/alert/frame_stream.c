/* SPDX-License-Identifier: Apache-2.0 */
/* frame_stream.c: see frame_stream.h. */
#include "alert/frame_stream.h"

#include "model/frames.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define READ_CHUNK 65536

void frame_stream_close(struct frame_stream *stream)
{
	loop_fd_release(&stream->watch);
	stream->fd = -1;
	strbuf_reset(&stream->in);
	strbuf_reset(&stream->out);
	stream->written = 0;
}

void frame_stream_release(struct frame_stream *stream)
{
	frame_stream_close(stream);
	strbuf_release(&stream->in);
	strbuf_release(&stream->out);
}

static void stream_break(struct frame_stream *stream, const struct err *why)
{
	frame_stream_close(stream);
	stream->sink.broken(stream, why);
}

/* ---- what comes in ---- */

/* The frame leaves the buffer before it is handled: whoever handles it may close the stream. */
static int take_frame(struct frame_stream *stream, const char *json, size_t len, size_t used, struct err *err)
{
	OWNED_MEM char *copy = malloc(len);

	if (!copy)
		return err_nomem(err);
	memcpy(copy, json, len);
	memmove(stream->in.data, stream->in.data + used, stream->in.len - used + 1);
	stream->in.len -= used;
	stream->sink.frame(stream, copy, len);
	return 0;
}

static void take_frames(struct frame_stream *stream)
{
	while (stream->fd >= 0) {
		const char *json;
		size_t len;
		struct err why;
		int64_t used = frame_peek(strbuf_str(&stream->in), stream->in.len, &json, &len, &why);
		if (used == 0)
			return;
		if (used < 0 || take_frame(stream, json, len, (size_t)used, &why)) {
			stream_break(stream, &why);
			return;
		}
	}
}

static void hear(struct frame_stream *stream)
{
	char chunk[READ_CHUNK];
	struct err why;

	ssize_t n = read(stream->fd, chunk, sizeof chunk);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		(void)err_set(&why, ERR_IO, "the plugin's process ended");
		stream_break(stream, &why);
		return;
	}
	strbuf_add(&stream->in, chunk, (size_t)n);
	if (strbuf_failed(&stream->in)) {
		(void)err_set(&why, ERR_LIMIT, "the plugin's process says too much");
		stream_break(stream, &why);
		return;
	}
	take_frames(stream);
}

/* ---- what goes out ---- */

static int write_some(struct frame_stream *stream, struct err *err)
{
	while (stream->written < stream->out.len) {
		ssize_t n = send(stream->fd, stream->out.data + stream->written, stream->out.len - stream->written,
				 MSG_NOSIGNAL);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return loop_fd_want(&stream->watch, LOOP_READ | LOOP_WRITE, err);
		if (n < 0)
			return err_errno(err, "the plugin's process does not listen");
		stream->written += (size_t)n;
	}
	strbuf_reset(&stream->out);
	stream->written = 0;
	return loop_fd_want(&stream->watch, LOOP_READ, err);
}

static void speak(struct frame_stream *stream)
{
	struct err why;

	if (write_some(stream, &why))
		stream_break(stream, &why);
}

int frame_stream_say(struct frame_stream *stream, const struct strbuf *json, struct err *err)
{
	struct err why;

	if (strbuf_failed(json))
		return err_nomem(err);
	if (json->len > FRAME_MAX)
		return err_set(err, ERR_LIMIT, "a message of %zu bytes is too large: at most %u", json->len, FRAME_MAX);
	frame_add_header(&stream->out, json->len);
	strbuf_add(&stream->out, json->data, json->len);
	if (strbuf_failed(&stream->out)) {
		(void)err_nomem(&why);
		stream_break(stream, &why);
	} else {
		speak(stream);
	}
	return 0;
}

/* ---- life ---- */

static void watch_on_ready(struct loop_fd *watch, unsigned ready)
{
	struct frame_stream *stream = CONTAINER_OF(watch, struct frame_stream, watch);

	if (ready & LOOP_READ)
		hear(stream);
	if (ready & LOOP_WRITE && stream->fd >= 0)
		speak(stream);
}

int frame_stream_open(struct frame_stream *stream, struct loop *loop, int fd, const struct frame_stream_sink *sink,
		      struct err *err)
{
	stream->sink = *sink;
	stream->in.limit = READ_CHUNK + FRAME_STREAM_IN_MAX;
	int rc = loop_fd_init(loop, &stream->watch, fd, watch_on_ready, err);
	if (rc)
		return rc;
	stream->fd = fd;
	return loop_fd_want(&stream->watch, LOOP_READ, err);
}
