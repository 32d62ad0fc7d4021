/* SPDX-License-Identifier: Apache-2.0 */
/* channel.c: see channel.h. */
#include "channel.h"

#include "model/frames.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>

#define READ_CHUNK 16384

int channel_init(struct channel *ch, int fd, struct err *err)
{
	int type;
	socklen_t len = sizeof type;

	if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) != 0)
		return err_set(err, ERR_REFUSED, "descriptor %d is not a socket: yankwatchd starts this program", fd);
	if (fcntl(fd, F_SETFD, FD_CLOEXEC) != 0)
		return err_errno(err, "descriptor %d", fd);
	*ch = (struct channel){.fd = fd, .in.limit = FRAME_HEADER + FRAME_MAX + READ_CHUNK};
	return 0;
}

void channel_release(struct channel *ch)
{
	strbuf_release(&ch->in);
}

static void drop_taken(struct channel *ch)
{
	if (ch->taken == 0)
		return;
	memmove(ch->in.data, ch->in.data + ch->taken, ch->in.len - ch->taken);
	ch->in.len -= ch->taken;
	ch->taken = 0;
}

/* 1 when bytes came, 0 at the end of the stream. */
static int receive(struct channel *ch, struct err *err)
{
	char chunk[READ_CHUNK];
	ssize_t n;

	do
		n = recv(ch->fd, chunk, sizeof chunk, 0);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return err_errno(err, "reading from the daemon");
	strbuf_add(&ch->in, chunk, (size_t)n);
	if (strbuf_failed(&ch->in))
		return err_nomem(err);
	return n > 0;
}

int channel_read(struct channel *ch, const char **ret_json, size_t *ret_len, struct err *err)
{
	drop_taken(ch);
	for (;;) {
		int64_t used = frame_peek(strbuf_str(&ch->in), ch->in.len, ret_json, ret_len, err);
		if (used < 0)
			return (int)used;
		if (used > 0) {
			ch->taken = (size_t)used;
			return 1;
		}
		int rc = receive(ch, err);
		if (rc == 0 && ch->in.len > 0)
			return err_set(err, ERR_IO, "the daemon closed the channel inside a frame");
		if (rc <= 0)
			return rc;
	}
}

static int send_all(int fd, const char *bytes, size_t len, struct err *err)
{
	while (len > 0) {
		ssize_t n = send(fd, bytes, len, MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_errno(err, "writing to the daemon");
		bytes += n;
		len -= (size_t)n;
	}
	return 0;
}

int channel_write(struct channel *ch, const struct strbuf *body, struct err *err)
{
	OWNED_STRBUF struct strbuf frame = {0};

	frame_add_header(&frame, body->len);
	strbuf_add(&frame, strbuf_str(body), body->len);
	if (strbuf_failed(body) || strbuf_failed(&frame))
		return err_nomem(err);
	return send_all(ch->fd, frame.data, frame.len, err);
}
