/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http.c: libcurl tells which sockets it waits for and when it wants to be woken;
 * we tell it what became ready. libcurl is never called from its own callbacks,
 * and finished transfers are collected after each of its turns.
 *
 * A sweep is hundreds of thousands of requests that differ in their URL and their
 * headers alone, so a transfer that ended well is kept with its handle, and the
 * next request sets only these.
 */
#include "net/http.h"

#include "base/clock.h"
#include "base/log.h"
#include "net/transfer.h"

#define CONNECTIONS_PER_HOST 2
#define DEADLINE_GRACE_MS 5000 /* ours comes after libcurl's */

struct http {
	struct loop *loop;
	CURLM *multi;
	struct loop_timer timer;
	struct transfer *first, **last; /* under way, the oldest first */
	struct transfer *idle;
	size_t n_idle;
	struct loop_timer deadline; /* of the oldest, or of one that is over by now */
	bool deadline_is_set;
	struct http_share all;   /* of all transfers that are not done */
	struct watched *changed; /* sockets of which curl wants something else than before its turn */
	struct watched *dead;    /* those that it let go */
};

struct watched {
	struct loop_fd fd;
	struct http *http;
	unsigned want;
	bool is_changed, is_dead;
	struct watched *next_changed, *next_dead;
};

/* ---- curl's sockets and its timer ---- */

static void collect_done(struct http *http);

/* Within a turn curl changes its mind with every transfer; the system hears the end of it. */
static void settle_sockets(struct http *http)
{
	struct err err;

	while (http->changed) {
		struct watched *watched = http->changed;
		http->changed = watched->next_changed;
		watched->is_changed = false;
		if (!watched->is_dead && loop_fd_want(&watched->fd, watched->want, &err))
			log_error("%s: what it carries ends at its deadline", err.text);
	}
	while (http->dead) {
		struct watched *watched = http->dead;
		http->dead = watched->next_dead;
		free(watched);
	}
}

static void act(struct http *http, curl_socket_t fd, int ready)
{
	int running;

	(void)curl_multi_socket_action(http->multi, fd, ready, &running);
	collect_done(http);
	settle_sockets(http);
}

static void socket_on_ready(struct loop_fd *fd, unsigned ready)
{
	struct watched *watched = CONTAINER_OF(fd, struct watched, fd);
	int bits = (ready & LOOP_READ ? CURL_CSELECT_IN : 0) | (ready & LOOP_WRITE ? CURL_CSELECT_OUT : 0);

	act(watched->http, fd->fd, bits);
}

static void timer_on_fire(struct loop_timer *timer)
{
	act(CONTAINER_OF(timer, struct http, timer), CURL_SOCKET_TIMEOUT, 0);
}

/* The event is deleted here and now: curl may reuse the descriptor at once. */
static void watched_drop(struct http *http, struct watched *watched)
{
	loop_fd_release(&watched->fd);
	watched->is_dead = true;
	watched->next_dead = http->dead;
	http->dead = watched;
}

static struct watched *watched_new(struct http *http, curl_socket_t socket)
{
	struct watched *watched = calloc(1, sizeof *watched);
	struct err err;

	if (!watched)
		return NULL;
	watched->http = http;
	if (loop_fd_init(http->loop, &watched->fd, socket, socket_on_ready, &err)) {
		free(watched);
		return NULL;
	}
	(void)curl_multi_assign(http->multi, socket, watched);
	return watched;
}

static int socket_cb(CURL *easy, curl_socket_t socket, int what, void *user, void *assigned)
{
	struct http *http = user;
	struct watched *watched = assigned;
	(void)easy;

	if (what == CURL_POLL_REMOVE) {
		if (watched)
			watched_drop(http, watched);
		(void)curl_multi_assign(http->multi, socket, NULL);
		return 0;
	}
	if (!watched)
		watched = watched_new(http, socket);
	if (!watched)
		return -1;
	watched->want = (what & CURL_POLL_IN ? LOOP_READ : 0u) | (what & CURL_POLL_OUT ? LOOP_WRITE : 0u);
	if (!watched->is_changed) {
		watched->is_changed = true;
		watched->next_changed = http->changed;
		http->changed = watched;
	}
	return 0;
}

static int timer_cb(CURLM *multi, long timeout_ms, void *user)
{
	struct http *http = user;
	(void)multi;

	if (timeout_ms < 0)
		loop_timer_clear(&http->timer);
	else
		loop_timer_set(&http->timer, timeout_ms);
	return 0;
}

/* ---- transfers: under way, or idle ---- */

static void transfer_unlink(struct http *http, struct transfer *transfer)
{
	if (!transfer->link)
		return;
	*transfer->link = transfer->next;
	if (transfer->next)
		transfer->next->link = transfer->link;
	else
		http->last = transfer->link;
	transfer->link = NULL;
}

/* One that failed is not used again: who knows what it remembers. */
static void transfer_end(struct http *http, struct transfer *transfer, bool well)
{
	transfer_unlink(http, transfer);
	(void)curl_multi_remove_handle(http->multi, transfer->easy);
	transfer_clear(transfer);
	if (!well || http->n_idle == HTTP_IDLE_MAX) {
		transfer_free(transfer);
		return;
	}
	transfer->next = http->idle;
	http->idle = transfer;
	http->n_idle++;
}

static void transfer_done(struct http *http, struct transfer *transfer, CURLcode code)
{
	transfer_fill_reply(transfer, code);
	transfer->done(transfer->arg, &transfer->reply);
	transfer_end(http, transfer, code == CURLE_OK);
}

/* ---- deadlines: all transfers have the same time, so the oldest is over first ---- */

static void watch_deadline(struct http *http)
{
	http->deadline_is_set = http->first != NULL;
	if (http->first)
		loop_timer_set(&http->deadline, http->first->deadline_ms - clock_mono_ms());
}

/* libcurl's own time limit may not fire (its issue 23025). */
static void deadline_on_fire(struct loop_timer *timer)
{
	struct http *http = CONTAINER_OF(timer, struct http, deadline);

	int64_t now_ms = clock_mono_ms();

	for (struct transfer *transfer = http->first, *next; transfer && transfer->deadline_ms <= now_ms;
	     transfer = next) {
		next = transfer->next;
		transfer_done(http, transfer, CURLE_OPERATION_TIMEDOUT);
	}
	settle_sockets(http);
	watch_deadline(http);
}

static void collect_done(struct http *http)
{
	CURLMsg *msg;
	int left;

	while ((msg = curl_multi_info_read(http->multi, &left))) {
		struct transfer *transfer = NULL;
		CURLcode code = msg->data.result;
		(void)curl_easy_getinfo(msg->easy_handle, CURLINFO_PRIVATE, &transfer);
		transfer_done(http, transfer, code);
	}
}

static struct transfer *transfer_take(struct http *http, struct err *err)
{
	struct transfer *transfer = http->idle;

	if (!transfer)
		return transfer_new(&http->all, err);
	http->idle = transfer->next;
	http->n_idle--;
	return transfer;
}

static void transfer_begins(struct http *http, struct transfer *transfer)
{
	transfer->deadline_ms = clock_mono_ms() + HTTP_DEADLINE_MS + DEADLINE_GRACE_MS;
	transfer->next = NULL;
	transfer->link = http->last;
	*http->last = transfer;
	http->last = &transfer->next;
	if (!http->deadline_is_set)
		watch_deadline(http);
}

int http_get(struct http *http, const struct http_request *request, http_done_fn *done, void *arg, struct err *err)
{
	struct transfer *transfer = transfer_take(http, err);

	if (!transfer)
		return err->code;
	transfer->done = done;
	transfer->arg = arg;
	int rc = transfer_set(transfer, request, err);
	if (!rc && curl_multi_add_handle(http->multi, transfer->easy) != CURLM_OK)
		rc = err_nomem(err);
	if (rc)
		transfer_end(http, transfer, false);
	else
		transfer_begins(http, transfer);
	return rc;
}

int http_new(struct loop *loop, struct http **ret, struct err *err)
{
	struct http *http = calloc(1, sizeof *http);
	int bad = 0;

	if (!http)
		return err_nomem(err);
	http->loop = loop;
	http->last = &http->first;
	http->multi = curl_multi_init();
	int rc = http->multi ? 0 : err_nomem(err);
	if (!rc)
		rc = loop_timer_init(loop, &http->timer, timer_on_fire, err);
	if (!rc)
		rc = loop_timer_init(loop, &http->deadline, deadline_on_fire, err);
	if (rc) {
		http_free(http);
		return rc;
	}
	bad |= (int)curl_multi_setopt(http->multi, CURLMOPT_SOCKETFUNCTION, socket_cb);
	bad |= (int)curl_multi_setopt(http->multi, CURLMOPT_SOCKETDATA, http);
	bad |= (int)curl_multi_setopt(http->multi, CURLMOPT_TIMERFUNCTION, timer_cb);
	bad |= (int)curl_multi_setopt(http->multi, CURLMOPT_TIMERDATA, http);
	bad |= (int)curl_multi_setopt(http->multi, CURLMOPT_PIPELINING, (long)CURLPIPE_MULTIPLEX);
	bad |= (int)curl_multi_setopt(http->multi, CURLMOPT_MAX_HOST_CONNECTIONS, (long)CONNECTIONS_PER_HOST);
	if (bad) {
		http_free(http);
		return err_set(err, ERR_IO, "libcurl lacks an option that is needed");
	}
	*ret = http;
	return 0;
}

void http_free(struct http *http)
{
	if (!http)
		return;
	for (struct transfer *transfer = http->first, *next; transfer; transfer = next) {
		next = transfer->next;
		transfer_end(http, transfer, false);
	}
	for (struct transfer *transfer = http->idle, *next; transfer; transfer = next) {
		next = transfer->next;
		transfer_free(transfer);
	}
	if (http->multi)
		(void)curl_multi_cleanup(http->multi);
	loop_timer_release(&http->timer);
	loop_timer_release(&http->deadline);
	settle_sockets(http);
	free(http);
}
