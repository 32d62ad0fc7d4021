/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Requests on the loop against a server of this file, which answers each with the
 * next of a list. A transfer is used again for the next request: what one reply
 * said must not be told of another.
 */
#include "net/http.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#define REPLIES_MAX 200

struct server {
	int fd;
	pthread_t thread;
	const char *const *answers; /* the last one again and again */
	size_t n_answers, n_requests;
	char requests[REPLIES_MAX][1024];
};

struct fixture {
	struct loop *loop;
	struct http *http;
	struct http_share share;
	struct server server;
	char url[64];
	size_t done, wanted;
	struct http_reply replies[REPLIES_MAX];
};

static bool read_request(int fd, char *text, size_t size)
{
	size_t len = 0;

	while (len < size - 1) {
		ssize_t got = read(fd, text + len, size - 1 - len);
		if (got <= 0)
			return false;
		len += (size_t)got;
		text[len] = '\0';
		if (strstr(text, "\r\n\r\n"))
			return true;
	}
	return false;
}

/* One connection after the other, until the listening socket is shut. */
static void *serve(void *arg)
{
	struct server *server = arg;
	int fd;

	while ((fd = accept(server->fd, NULL, NULL)) >= 0) {
		char text[1024];
		while (read_request(fd, text, sizeof text)) {
			size_t i = server->n_requests++;
			const char *answer = server->answers[i < server->n_answers ? i : server->n_answers - 1];
			memcpy(server->requests[i % REPLIES_MAX], text, sizeof text);
			if (!*answer || write(fd, answer, strlen(answer)) < 0)
				break;
		}
		(void)close(fd);
	}
	return NULL;
}

static void server_start(struct server *server, const char *const *answers, size_t n)
{
	server->answers = answers;
	server->n_answers = n;
	assert_int_equal(pthread_create(&server->thread, NULL, serve, server), 0);
}

static int setup(void **state)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof address;
	struct fixture *f = calloc(1, sizeof *f);
	struct err err;

	assert_non_null(f);
	f->server.fd = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(bind(f->server.fd, (struct sockaddr *)&address, len), 0);
	assert_int_equal(listen(f->server.fd, 8), 0);
	assert_int_equal(getsockname(f->server.fd, (struct sockaddr *)&address, &len), 0);
	(void)snprintf(f->url, sizeof f->url, "http://127.0.0.1:%u/", ntohs(address.sin_port));
	assert_int_equal(loop_new(&f->loop, &err), 0);
	assert_int_equal(http_new(f->loop, &f->http, &err), 0);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	http_free(f->http); /* closes its connections, so that the server's read ends */
	loop_free(f->loop);
	(void)shutdown(f->server.fd, SHUT_RDWR);
	pthread_join(f->server.thread, NULL);
	(void)close(f->server.fd);
	for (size_t i = 0; i < f->done; i++) {
		free(f->replies[i].body);
		free(f->replies[i].etag);
		free(f->replies[i].authenticate);
	}
	free(f);
	return 0;
}

static void on_done(void *arg, struct http_reply *reply)
{
	struct fixture *f = arg;

	f->replies[f->done] = *reply;
	reply->body = reply->etag = reply->authenticate = NULL;
	if (++f->done == f->wanted)
		loop_stop(f->loop);
}

static void get(struct fixture *f, const char *header, size_t body_max)
{
	const struct http_request request = {
		.url = f->url, .headers = {header}, .share = &f->share, .body_max = body_max};
	struct err err;

	assert_int_equal(http_get(f->http, &request, on_done, f, &err), 0);
}

/* One after the other: each uses the transfer of the one before. */
static const struct http_reply *get_and_wait(struct fixture *f, const char *header)
{
	f->wanted = f->done + 1;
	get(f, header, 1000);
	loop_run(f->loop);
	return &f->replies[f->done - 1];
}

#define OK(headers, body) "HTTP/1.1 200 OK\r\n" headers "Content-Length: 5\r\n\r\n" body

static void the_headers_that_count_are_told(void **state)
{
	struct fixture *f = *state;
	static const char *const answers[] = {OK("ETAG:  W/\"a b\" \r\nLast-Modified: Sat, 01 Nov 2025 00:00:00 GMT\r\n"
						 "Date: Sat, 01 Nov 2025 00:00:10 GMT\r\nX-Etag: no\r\n",
						 "hello")};

	server_start(&f->server, answers, 1);
	const struct http_reply *reply = get_and_wait(f, "x-one: 1");
	assert_int_equal(reply->err.code, 0);
	assert_int_equal(reply->status, 200);
	assert_string_equal(reply->body, "hello");
	assert_string_equal(reply->etag, "W/\"a b\"");
	assert_int_equal(reply->last_modified, 1761955200);
	assert_int_equal(reply->date, 1761955210);
	assert_non_null(strstr(f->server.requests[0], "\r\nx-one: 1\r\n"));
}

static void nothing_of_one_reply_is_told_of_the_next(void **state)
{
	struct fixture *f = *state;
	static const char *const answers[] = {
		OK("ETag: \"e\"\r\nLast-Modified: Sat, 01 Nov 2025 00:00:00 GMT\r\n", "hello"),
		"HTTP/1.1 429 Slow\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n",
		"HTTP/1.1 401 No\r\nWWW-Authenticate: Cargo login_url=\"u\"\r\nContent-Length: 0\r\n\r\n",
		"HTTP/1.1 304 Not Modified\r\n\r\n",
		OK("", "world"),
	};

	server_start(&f->server, answers, ARRAY_LEN(answers));
	assert_string_equal(get_and_wait(f, "x-one: 1")->etag, "\"e\"");
	assert_int_equal(get_and_wait(f, NULL)->retry_after_ms, 7000);
	assert_string_equal(get_and_wait(f, NULL)->authenticate, "Cargo login_url=\"u\"");
	const struct http_reply *unchanged = get_and_wait(f, "x-two: 2");
	assert_int_equal(unchanged->status, 304);
	assert_int_equal(unchanged->retry_after_ms, 0);
	assert_null(unchanged->authenticate);
	const struct http_reply *last = get_and_wait(f, NULL);
	assert_string_equal(last->body, "world");
	assert_null(last->etag);
	assert_int_equal(last->last_modified, 0);
	assert_null(strstr(f->server.requests[1], "x-one"));
	assert_non_null(strstr(f->server.requests[3], "x-two: 2"));
}

static void a_body_above_its_limit_harms_no_later_request(void **state)
{
	struct fixture *f = *state;
	static const char *const answers[] = {OK("", "hello")};

	server_start(&f->server, answers, 1);
	f->wanted = 1;
	get(f, NULL, 4);
	loop_run(f->loop);
	assert_int_equal(f->replies[0].err.code, ERR_LIMIT);
	assert_null(f->replies[0].body);
	assert_string_equal(get_and_wait(f, NULL)->body, "hello");
}

static void a_connection_that_is_closed_under_a_request_is_transient(void **state)
{
	struct fixture *f = *state;
	static const char *const answers[] = {"", OK("", "hello")};

	server_start(&f->server, answers, 2);
	const struct http_reply *reply = get_and_wait(f, NULL);
	assert_int_equal(reply->err.code, ERR_IO);
	assert_true(reply->transient);
	assert_string_equal(get_and_wait(f, NULL)->body, "hello");
}

static void header_values_beyond_their_limit_are_none(void **state)
{
	struct fixture *f = *state;
	static char answer[2048];
	static const char *answers[] = {answer};

	(void)snprintf(answer, sizeof answer, OK("ETag: \"%0300d\"\r\nLast-Modified: %0100d\r\n", "hello"), 0, 0);
	server_start(&f->server, answers, 1);
	const struct http_reply *reply = get_and_wait(f, NULL);
	assert_null(reply->etag);
	assert_int_equal(reply->last_modified, 0);
}

static void many_at_once_are_all_answered(void **state)
{
	struct fixture *f = *state;
	static const char *const answers[] = {OK("Connection: close\r\n", "hello")};

	server_start(&f->server, answers, 1);
	f->wanted = REPLIES_MAX;
	for (size_t i = 0; i < REPLIES_MAX; i++)
		get(f, NULL, 1000);
	assert_int_equal(f->done, 0); /* never from inside http_get() */
	loop_run(f->loop);
	for (size_t i = 0; i < REPLIES_MAX; i++)
		assert_int_equal(f->replies[i].status, 200);
}

/* A port that is taken, and on which nobody listens. */
static int take_deaf_port(struct fixture *f)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof address;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&address, len), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &len), 0);
	(void)snprintf(f->url, sizeof f->url, "http://127.0.0.1:%u/", ntohs(address.sin_port));
	return fd;
}

static void a_failure_is_told_once(void **state)
{
	struct fixture *f = *state;
	static const char *const answers[] = {OK("", "hello")};
	const char *const what = "connect to server";

	server_start(&f->server, answers, 1);
	int fd = take_deaf_port(f);
	const struct http_reply *reply = get_and_wait(f, NULL);
	(void)close(fd);
	assert_int_equal(reply->err.code, ERR_IO);
	const char *first = strstr(reply->err.text, what);
	assert_non_null(first);
	assert_null(strstr(first + 1, what));
	assert_non_null(strstr(reply->err.text, "127.0.0.1"));
}

static void what_is_under_way_ends_without_a_word(void **state)
{
	struct fixture *f = *state;
	static const char *const answers[] = {OK("", "hello")};

	server_start(&f->server, answers, 1);
	(void)get_and_wait(f, NULL);
	for (size_t i = 0; i < 10; i++)
		get(f, NULL, 1000);
	assert_int_equal(f->done, 1); /* teardown() frees the rest */
}

#define http_test(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		http_test(the_headers_that_count_are_told),
		http_test(nothing_of_one_reply_is_told_of_the_next),
		http_test(a_body_above_its_limit_harms_no_later_request),
		http_test(a_connection_that_is_closed_under_a_request_is_transient),
		http_test(header_values_beyond_their_limit_are_none),
		http_test(many_at_once_are_all_answered),
		http_test(a_failure_is_told_once),
		http_test(what_is_under_way_ends_without_a_word),
	};
	(void)curl_global_init(CURL_GLOBAL_DEFAULT);
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	curl_global_cleanup();
	return failed;
}
