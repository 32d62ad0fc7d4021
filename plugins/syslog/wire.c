/* SPDX-License-Identifier: Apache-2.0 */
/* wire.c: see wire.h. */
#include "wire.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define FINISH_MAX_MS 5000 /* for the receiver's end of a stream */

static int64_t now_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* No call on the socket blocks longer than this. */
static void set_timeouts(int fd, int64_t left_ms)
{
	struct timeval left = {.tv_sec = left_ms / 1000, .tv_usec = left_ms % 1000 * 1000};

	if (left_ms <= 0)
		left = (struct timeval){.tv_usec = 1}; /* zero would be for ever */
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &left, sizeof left);
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &left, sizeof left);
}

static bool fail(struct wire *wire, const char *what, int error)
{
	bool late = error == EAGAIN || error == EINPROGRESS || error == ETIMEDOUT;
	(void)snprintf(wire->error, sizeof wire->error, "%s: %s", what, late ? "not in time" : strerror(error));
	return false;
}

/* ---- open ---- */

/* False with errno. */
static bool connect_to(struct wire *wire, int family, int type, const struct sockaddr *address, socklen_t len)
{
	wire->fd = socket(family, type | SOCK_CLOEXEC, 0);
	if (wire->fd < 0)
		return false;
	set_timeouts(wire->fd, wire->end_ms - now_ms());
	if (connect(wire->fd, address, len) == 0)
		return true;
	int error = errno;
	(void)close(wire->fd);
	wire->fd = -1;
	errno = error;
	return false;
}

static bool open_unix(struct wire *wire)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	memcpy(address.sun_path, wire->target->path, sizeof address.sun_path);
	if (connect_to(wire, AF_UNIX, SOCK_DGRAM, (const struct sockaddr *)(const void *)&address, sizeof address))
		return true;
	return fail(wire, wire->target->path, errno);
}

static bool open_inet(struct wire *wire, int type)
{
	struct addrinfo hints = {.ai_socktype = type, .ai_flags = AI_ADDRCONFIG};
	struct addrinfo *found = NULL;

	int rc = getaddrinfo(wire->target->host, wire->target->port, &hints, &found);
	if (rc != 0) {
		(void)snprintf(wire->error, sizeof wire->error, "%s: %s", wire->target->host, gai_strerror(rc));
		return false;
	}
	errno = ETIMEDOUT;
	for (const struct addrinfo *one = found; one && wire->fd < 0; one = one->ai_next)
		(void)connect_to(wire, one->ai_family, one->ai_socktype, one->ai_addr, one->ai_addrlen);
	int error = errno;
	freeaddrinfo(found);
	return wire->fd >= 0 || fail(wire, wire->target->host, error);
}

bool wire_open(struct wire *wire, const struct target *target, struct tls_client *client, int64_t left_ms)
{
	*wire = (struct wire){.target = target, .fd = -1, .end_ms = now_ms() + left_ms};
	if (target->kind == TARGET_UNIX)
		return open_unix(wire);
	if (!open_inet(wire, target->kind == TARGET_UDP ? SOCK_DGRAM : SOCK_STREAM))
		return false;
	if (target->kind != TARGET_TLS)
		return true;
	char error[TLS_ERROR_MAX];
	wire->tls = tls_new(client, wire->fd, target->host, error);
	if (!wire->tls)
		(void)snprintf(wire->error, sizeof wire->error, "%s: %s", target->host, error);
	return wire->tls;
}

/* ---- send ---- */

static bool send_all(struct wire *wire, const char *bytes, size_t len)
{
	while (len > 0) {
		set_timeouts(wire->fd, wire->end_ms - now_ms()); /* anew: a receiver may take a byte at a time */
		ssize_t n = send(wire->fd, bytes, len, MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fail(wire, "cannot send", errno);
		bytes += n;
		len -= (size_t)n;
	}
	return true;
}

static bool send_stream(struct wire *wire, const char *bytes, size_t len)
{
	if (!wire->tls)
		return send_all(wire, bytes, len);
	return tls_write(wire->tls, bytes, len, wire->error);
}

bool wire_send(struct wire *wire, const char *record, size_t len)
{
	char count[24];

	set_timeouts(wire->fd, wire->end_ms - now_ms());
	if (wire->target->kind == TARGET_UNIX || wire->target->kind == TARGET_UDP)
		return send_all(wire, record, len);
	int digits = snprintf(count, sizeof count, "%zu ", len);
	return send_stream(wire, count, (size_t)digits) && send_stream(wire, record, len);
}

/* ---- end ---- */

static ssize_t receive(struct wire *wire, char *bytes, size_t size)
{
	if (wire->tls)
		return tls_read(wire->tls, bytes, size, wire->error);
	ssize_t n = recv(wire->fd, bytes, size, 0);
	if (n < 0)
		(void)fail(wire, "the receiver broke off", errno);
	return n;
}

bool wire_finish(struct wire *wire, bool *ret_read)
{
	char dropped[512];
	int64_t left_ms = wire->end_ms - now_ms();
	ssize_t n;

	*ret_read = false;
	if (wire->target->kind == TARGET_UNIX || wire->target->kind == TARGET_UDP)
		return true;
	set_timeouts(wire->fd, left_ms < FINISH_MAX_MS ? left_ms : FINISH_MAX_MS);
	if (wire->tls)
		(void)tls_say_end(wire->tls);
	(void)shutdown(wire->fd, SHUT_WR);
	int64_t end_ms = now_ms() + (left_ms < FINISH_MAX_MS ? left_ms : FINISH_MAX_MS);
	do
		n = receive(wire, dropped, sizeof dropped);
	while (n > 0 && now_ms() < end_ms);
	*ret_read = n == 0;
	return n >= 0 || errno == EAGAIN;
}

void wire_close(struct wire *wire)
{
	tls_free(wire->tls);
	if (wire->fd >= 0)
		(void)close(wire->fd);
	wire->tls = NULL;
	wire->fd = -1;
}
