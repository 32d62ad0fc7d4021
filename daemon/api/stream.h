/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stream.h: an answer that is made while the client reads it, piece by piece, on the
 * connection's own thread (docs/decisions/018-streams.md). A handler embeds a struct
 * stream in what it needs for that and hands it to the request. A pull asks the database one
 * bounded question: no reader connection and no cursor is held while a client reads.
 */
#pragma once

#include "base/err.h"
#include "base/strbuf.h"

#include <pthread.h>
#include <sys/types.h>

#define STREAMS_MAX 32
#define STREAMS_PER_USER 8
#define STREAM_PIECE                                                                                     \
	(256u << 10) /* bytes that a pull should make at a time; the document that passes it is the last \
		      */

struct request;
struct stream;

struct stream_kind {
	const char *content_type;
	/*
	 * Appends the next piece to `out`; nothing: that was all. May wait for it, as long as request_is_over() says
	 * no. An error breaks the answer off in a way that the client sees.
	 */
	int (*pull)(struct stream *stream, struct strbuf *out, struct err *err);
	void (*release)(struct stream *stream); /* frees the whole */
};

struct stream {
	const struct stream_kind *kind;
	struct request *request; /* borrowed: it owns the stream */
	uint64_t size;           /* of all that it gives; 0: nobody knows */
	struct strbuf piece;
	size_t sent; /* of the piece */
	struct stream *next, **link;
};

/* All that are open. */
struct streams {
	pthread_mutex_t lock;
	struct stream *open;
};

void streams_init(struct streams *streams);
void streams_release(struct streams *streams);

/*
 * The stream is the request's answer, and its own to release, also when this fails: ERR_BUSY, with a problem document,
 * when there are too many.
 */
MUST_CHECK int stream_begin(struct request *request, struct stream *stream, const struct stream_kind *kind,
			    struct err *err);
void stream_end(struct stream *stream);

/* Up to `max` bytes of what comes next into `buf`; 0 at the end, -1 when it is broken off. */
ssize_t stream_read(struct stream *stream, char *buf, size_t max);

/* The client is gone, or the daemon stops: nobody will read what a stream makes. */
bool request_is_over(const struct request *request);

/* Waits until `fd` (-1: none) is readable, the request is over or `ms` have passed. */
void request_wait(const struct request *request, int fd, int ms);
