/* SPDX-License-Identifier: Apache-2.0 */
/* stream.c: see stream.h. */
#include "api/stream.h"

#include "api/peer.h"
#include "api/request.h"
#include "base/log.h"

#include <poll.h>
#include <string.h>

#define KEEP ((size_t)2 * STREAM_PIECE) /* bytes; the memory of a piece that was larger goes back */

void streams_init(struct streams *streams)
{
	pthread_mutex_init(&streams->lock, NULL);
	streams->open = NULL;
}

void streams_release(struct streams *streams)
{
	pthread_mutex_destroy(&streams->lock);
}

/* NULL: there is room for one more. */
static const char *no_room(const struct streams *streams, uid_t uid, int *ret_status)
{
	size_t all = 0;
	size_t of_user = 0;

	for (const struct stream *stream = streams->open; stream; stream = stream->next) {
		all++;
		of_user += stream->request->uid == uid;
	}
	*ret_status = of_user >= STREAMS_PER_USER ? 429 : 503;
	if (of_user >= STREAMS_PER_USER)
		return "your user has 8 streams open already (exports, tails and backups)";
	return all >= STREAMS_MAX ? "32 streams are open already (exports, tails and backups): try again" : NULL;
}

int stream_begin(struct request *request, struct stream *stream, const struct stream_kind *kind, struct err *err)
{
	struct streams *streams = request->streams;
	int status;

	stream->kind = kind;
	stream->request = request;
	request->stream = stream;
	request->content_type = kind->content_type;
	pthread_mutex_lock(&streams->lock);
	const char *why = no_room(streams, request->uid, &status);
	if (!why) {
		stream->next = streams->open;
		if (stream->next)
			stream->next->link = &stream->next;
		stream->link = &streams->open;
		streams->open = stream;
	}
	pthread_mutex_unlock(&streams->lock);
	if (!why)
		return 0;
	request_problem(request, status, why, NULL, 0);
	return err_set(err, ERR_BUSY, "%s", why);
}

void stream_end(struct stream *stream)
{
	struct streams *streams = stream->request->streams;

	pthread_mutex_lock(&streams->lock);
	if (stream->link) {
		*stream->link = stream->next;
		if (stream->next)
			stream->next->link = stream->link;
	}
	pthread_mutex_unlock(&streams->lock);
	strbuf_release(&stream->piece);
	stream->kind->release(stream);
}

static int next_piece(struct stream *stream)
{
	struct err err = {0};
	char by[PEER_NAME_MAX];

	stream->sent = 0;
	if (stream->piece.cap > KEEP)
		strbuf_release(&stream->piece);
	strbuf_reset(&stream->piece);
	int rc = stream->kind->pull(stream, &stream->piece, &err);
	if (!rc && strbuf_failed(&stream->piece))
		rc = err_nomem(&err);
	if (rc && !request_is_over(stream->request))
		log_warning("socket: %s of %s was broken off: %s", stream->request->path,
			    peer_name(stream->request->uid, by), err.text);
	return rc;
}

ssize_t stream_read(struct stream *stream, char *buf, size_t max)
{
	if (stream->sent == stream->piece.len && next_piece(stream))
		return -1;
	size_t len = stream->piece.len - stream->sent;
	if (len > max)
		len = max;
	if (len)
		memcpy(buf, stream->piece.data + stream->sent, len);
	stream->sent += len;
	return (ssize_t)len;
}

/* POLLHUP comes unasked. Who has only ended his own half may still read. */
static bool is_hung_up(const struct pollfd *client)
{
	return (client->revents & (POLLHUP | POLLERR)) != 0;
}

bool request_is_over(const struct request *request)
{
	struct pollfd client = {.fd = request->fd};

	return atomic_load(request->stopping) || (poll(&client, 1, 0) > 0 && is_hung_up(&client));
}

void request_wait(const struct request *request, int fd, int ms)
{
	struct pollfd either[] = {{.fd = request->fd}, {.fd = fd, .events = POLLIN}};

	if (!atomic_load(request->stopping))
		(void)poll(either, ARRAY_LEN(either), ms);
}
