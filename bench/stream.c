/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stream.c: yankwatch-stream measures what a whole history takes: to read its export from the daemon's socket, and
 * beside it what is the least that can take: to step through the same rows in one process, and to hand as many bytes
 * through a UNIX socket. Prints one line of JSON.
 */
#include "base/err.h"
#include "base/numbers.h"
#include "base/strbuf.h"
#include "store/db.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define BUFFER (1u << 20)

static const char USAGE[] = "usage: yankwatch-stream step DATABASE       every row of its history, in this process\n"
			    "       yankwatch-stream copy BYTES          so many through a UNIX socket\n"
			    "       yankwatch-stream read SOCKET PATH    the answer as lines\n";

static const char ROWS[] = "SELECT e.body, e.prev_hash, e.hash, a.members, e.severity FROM event e"
			   " LEFT JOIN annotation a ON a.event = e.seq ORDER BY e.seq";

struct figures {
	int64_t bytes, lines;
};

static double now_s(clockid_t clock)
{
	struct timespec ts;
	(void)clock_gettime(clock, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* ---- the rows ---- */

static int step(const char *path, struct figures *figures, struct err *err)
{
	struct db *db = NULL;

	int rc = db_open(path, DB_READ_ONLY, &db, err);
	if (rc)
		return rc;
	struct stmt st = stmt_use(db, ROWS);
	while (stmt_row(&st)) {
		for (int column = 0; column < 4; column++) {
			size_t len;
			(void)stmt_bytes(&st, column, &len);
			figures->bytes += (int64_t)len;
		}
		figures->lines++;
	}
	rc = stmt_done(&st, err);
	db_close(db);
	return rc;
}

/* ---- the bytes ---- */

static void write_all(int fd, int64_t bytes)
{
	static char buffer[BUFFER];

	while (bytes > 0) {
		ssize_t n = write(fd, buffer, bytes < (int64_t)sizeof buffer ? (size_t)bytes : sizeof buffer);
		if (n <= 0)
			_exit(1);
		bytes -= n;
	}
	_exit(0);
}

static int copy(int64_t bytes, struct figures *figures, struct err *err)
{
	static char buffer[BUFFER];
	int ends[2];
	ssize_t n;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
		return err_errno(err, "socketpair");
	pid_t pid = fork();
	if (pid == 0)
		write_all(ends[1], bytes);
	(void)close(ends[1]);
	while ((n = read(ends[0], buffer, sizeof buffer)) > 0)
		figures->bytes += n;
	(void)close(ends[0]);
	if (pid > 0)
		(void)waitpid(pid, NULL, 0);
	return figures->bytes == bytes ? 0 : err_set(err, ERR_IO, "only %" PRId64 " bytes came", figures->bytes);
}

/* ---- the answer ---- */

/* What a body in chunks is between: their sizes, each in a line of its own, and an empty line behind each. */
struct chunks {
	int64_t left; /* bytes of the present chunk; 0: a line is read */
	char line[32];
	size_t n_line;
	bool is_data, is_over; /* the last line was a size; it was 0 */
};

static void end_line(struct chunks *chunks)
{
	chunks->line[chunks->n_line] = '\0';
	chunks->n_line = 0;
	if (chunks->is_data) {
		chunks->is_data = false; /* the empty line behind the chunk */
		return;
	}
	chunks->left = strtoll(chunks->line, NULL, 16);
	chunks->is_over = chunks->left == 0;
	chunks->is_data = true;
}

static void take_line(struct chunks *chunks, char byte)
{
	if (byte == '\n')
		end_line(chunks);
	else if (byte != '\r' && chunks->n_line < sizeof chunks->line - 1)
		chunks->line[chunks->n_line++] = byte;
}

static void count_lines(const char *at, size_t len, struct figures *figures)
{
	const char *end = at + len;

	figures->bytes += (int64_t)len;
	while ((at = memchr(at, '\n', (size_t)(end - at)))) {
		figures->lines++;
		at++;
	}
}

static void take_body(struct chunks *chunks, const char *at, size_t len, struct figures *figures)
{
	while (len && !chunks->is_over) {
		size_t n = 1;
		if (chunks->left == 0) {
			take_line(chunks, *at);
		} else {
			n = (int64_t)len < chunks->left ? len : (size_t)chunks->left;
			count_lines(at, n, figures);
			chunks->left -= (int64_t)n;
		}
		at += n;
		len -= n;
	}
}

static int ask(const char *path, const char *question, int *ret, struct err *err)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	OWNED_STRBUF struct strbuf request = {0};

	strbuf_addf(&request,
		    "GET %s HTTP/1.1\r\nHost: localhost\r\nAccept: application/x-ndjson\r\nConnection: close\r\n\r\n",
		    question);
	if (strbuf_failed(&request))
		return err_nomem(err);
	if (strlen(path) >= sizeof address.sun_path)
		return err_set(err, ERR_BAD, "%s: too long", path);
	memcpy(address.sun_path, path, strlen(path));
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, (const struct sockaddr *)&address, sizeof address) < 0 ||
	    write(fd, strbuf_str(&request), request.len) != (ssize_t)request.len) {
		int rc = err_errno(err, "%s", path);
		if (fd >= 0)
			(void)close(fd);
		return rc;
	}
	*ret = fd;
	return 0;
}

static int read_answer(int fd, struct figures *figures, struct err *err)
{
	static char buffer[BUFFER];
	struct chunks chunks = {0};
	size_t head = 0;
	ssize_t n;
	char *body = NULL;

	while (!body && (n = read(fd, buffer + head, sizeof buffer - 1 - head)) > 0) {
		head += (size_t)n;
		buffer[head] = '\0';
		body = strstr(buffer, "\r\n\r\n");
	}
	if (!body || strncmp(buffer, "HTTP/1.1 200", 12) != 0)
		return err_set(err, ERR_BAD, "no good answer: %.200s", buffer);
	body += 4;
	take_body(&chunks, body, head - (size_t)(body - buffer), figures);
	while (!chunks.is_over && (n = read(fd, buffer, sizeof buffer)) > 0)
		take_body(&chunks, buffer, (size_t)n, figures);
	return chunks.is_over ? 0 : err_set(err, ERR_IO, "the answer ended too early");
}

static int read_lines(const char *path, const char *question, struct figures *figures, struct err *err)
{
	int fd = -1;

	int rc = ask(path, question, &fd, err);
	if (rc)
		return rc;
	rc = read_answer(fd, figures, err);
	(void)close(fd);
	return rc;
}

static bool run(int argc, char **argv, struct figures *figures, int *rc, struct err *err)
{
	uint64_t bytes;

	if (argc == 3 && strcmp(argv[1], "step") == 0)
		*rc = step(argv[2], figures, err);
	else if (argc == 3 && strcmp(argv[1], "copy") == 0 && number_parse_u64(argv[2], INT64_MAX, &bytes))
		*rc = copy((int64_t)bytes, figures, err);
	else if (argc == 4 && strcmp(argv[1], "read") == 0)
		*rc = read_lines(argv[2], argv[3], figures, err);
	else
		return false;
	return true;
}

int main(int argc, char **argv)
{
	struct figures figures = {0};
	struct err err;
	int rc = 0;

	double began_s = now_s(CLOCK_MONOTONIC);
	if (!run(argc, argv, &figures, &rc, &err)) {
		(void)fputs(USAGE, stderr);
		return 2;
	}
	if (rc) {
		(void)fprintf(stderr, "yankwatch-stream: %s\n", err.text);
		return 1;
	}
	printf("{\"bytes\": %" PRId64 ", \"lines\": %" PRId64 ", \"wall_s\": %.6f, \"cpu_s\": %.6f}\n", figures.bytes,
	       figures.lines, now_s(CLOCK_MONOTONIC) - began_s, now_s(CLOCK_PROCESS_CPUTIME_ID));
	return 0;
}
