/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http.c: libcurl tells which sockets it waits for and when it wants to be woken;
 * we tell it what became ready. libcurl is never called from its own callbacks,
 * and finished transfers are collected after each of its turns.
 */
#include "net/http.h"

#include "base/strbuf.h"
#include "net/gunzip.h"

#include <curl/curl.h>
#include <openssl/ssl.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#define CONNECTIONS_PER_HOST 2
#define CONNECTION_AGE_S 1800 /* longer than any usual poll interval: sweeps find it open */
#define ETAG_BYTES_MAX 256
#define AUTHENTICATE_MAX 512   /* bytes kept of WWW-Authenticate */
#define DEADLINE_GRACE_MS 5000 /* ours comes after libcurl's */
#define RETRY_AFTER_MAX_S INT64_C(86400)
#define DATE_MAX_S INT64_C(253402300799) /* the last second of the year 9999 */

struct http {
	struct loop *loop;
	CURLM *multi;
	struct loop_timer timer;
	struct transfer *transfers;
	size_t body_bytes;    /* of all transfers that are not done */
	struct watched *dead; /* sockets that curl let go during its turn */
};

struct watched {
	struct loop_fd fd;
	struct http *http;
	struct watched *next_dead;
};

struct transfer {
	struct http *http;
	struct transfer *next, **link;
	CURL *easy;
	struct curl_slist *headers;
	X509_STORE *trust; /* counted */
	struct loop_timer deadline;
	struct strbuf body;
	size_t counted; /* bytes of it in http->body_bytes */
	bool no_room;   /* all bodies together were too large */
	bool chunked;
	struct gunzip *gunzip; /* NULL: the body comes as it is */
	char why[CURL_ERROR_SIZE];
	struct http_reply reply;
	http_done_fn *done;
	void *arg;
};

/* ---- curl's sockets and its timer ---- */

static void collect_done(struct http *http);

static void act(struct http *http, curl_socket_t fd, int ready)
{
	int running;

	(void)curl_multi_socket_action(http->multi, fd, ready, &running);
	collect_done(http);
	while (http->dead) {
		struct watched *watched = http->dead;
		http->dead = watched->next_dead;
		free(watched);
	}
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
	struct err err;
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
	unsigned want = (what & CURL_POLL_IN ? LOOP_READ : 0u) | (what & CURL_POLL_OUT ? LOOP_WRITE : 0u);
	return loop_fd_want(&watched->fd, want, &err) ? -1 : 0;
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

/* ---- one transfer ---- */

static bool body_add(void *arg, const char *bytes, size_t len)
{
	struct transfer *transfer = arg;

	transfer->no_room = transfer->http->body_bytes + len > HTTP_BODIES_MAX;
	if (transfer->no_room)
		return false;
	strbuf_add(&transfer->body, bytes, len);
	transfer->http->body_bytes += len;
	transfer->counted += len;
	return !strbuf_failed(&transfer->body);
}

static size_t body_cb(char *bytes, size_t size, size_t count, void *user)
{
	struct transfer *transfer = user;
	struct err *err = &transfer->reply.err;
	size_t len = size * count;

	if (err->code)
		return 0;
	if (!transfer->gunzip)
		return body_add(transfer, bytes, len) ? len : 0;
	return gunzip_add(transfer->gunzip, bytes, len, body_add, transfer, err) ? 0 : len;
}

/* RFC 9110, 5.6.7: the form of today and the two of old. curl_getdate() guesses: "31 Feb" is March. */
static int64_t http_date(const char *value)
{
	static const char *const forms[] = {"%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT",
					    "%a %b %e %H:%M:%S %Y"};

	for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
		struct tm tm = {0};
		const char *end = strptime(value, forms[i], &tm);
		int day = tm.tm_mday;
		time_t t = end && !*end ? timegm(&tm) : 0;
		if (t > 0 && t <= DATE_MAX_S && tm.tm_mday == day)
			return (int64_t)t;
	}
	return 0;
}

/* One header's value, blanks around it cut; NULL when it is another header. */
static char *header_value(const char *line, size_t len, const char *name)
{
	size_t n = strlen(name);

	if (len <= n || line[n] != ':' || strncasecmp(line, name, n) != 0)
		return NULL;
	line += n + 1;
	len -= n + 1;
	while (len > 0 && strchr(" \t", *line)) {
		line++;
		len--;
	}
	while (len > 0 && strchr(" \t\r\n", line[len - 1]))
		len--;
	return strndup(line, len);
}

/* Would be sent back in a request, where a lone CR may end a line for some servers. */
static bool has_control(const char *value)
{
	for (; *value; value++)
		if ((unsigned char)*value < 0x20 || *value == 0x7f)
			return true;
	return false;
}

static void take_etag(struct http_reply *reply, const char *value)
{
	free(reply->etag);
	reply->etag = strlen(value) <= ETAG_BYTES_MAX && !has_control(value) ? strdup(value) : NULL;
}

static void take_authenticate(struct http_reply *reply, const char *value)
{
	free(reply->authenticate);
	reply->authenticate = strndup(value, AUTHENTICATE_MAX);
}

static void take_last_modified(struct http_reply *reply, const char *value)
{
	reply->last_modified = http_date(value);
}

static void take_date(struct http_reply *reply, const char *value)
{
	reply->date = http_date(value);
}

/* Nobody looks at the body of any other answer. */
static bool is_file(const struct transfer *transfer)
{
	long status = 0;

	(void)curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status);
	return status == 200;
}

/* We ask for gzip; whatever else comes, libcurl might decode it, and not see that it is cut. */
static void take_encoding(struct http_reply *reply, const char *value)
{
	struct transfer *transfer = CONTAINER_OF(reply, struct transfer, reply);

	if (!is_file(transfer) || strcasecmp(value, "identity") == 0)
		return;
	if (transfer->gunzip || (strcasecmp(value, "gzip") != 0 && strcasecmp(value, "x-gzip") != 0))
		(void)err_set(&reply->err, ERR_BAD, "Content-Encoding \"%.64s\", which was not asked for", value);
	else if (!(transfer->gunzip = gunzip_new()))
		(void)err_nomem(&reply->err);
}

static void take_transfer_coding(struct http_reply *reply, const char *value)
{
	struct transfer *transfer = CONTAINER_OF(reply, struct transfer, reply);

	transfer->chunked = true;
	if (is_file(transfer) && strcasecmp(value, "chunked") != 0)
		(void)err_set(&reply->err, ERR_BAD, "Transfer-Encoding \"%.64s\", which was not asked for", value);
}

/* Another status line: what an interim answer (1xx) said is not about the file. */
static void forget_headers(struct transfer *transfer)
{
	struct http_reply *reply = &transfer->reply;

	free(reply->etag);
	free(reply->authenticate);
	gunzip_free(transfer->gunzip);
	*reply = (struct http_reply){0};
	transfer->gunzip = NULL;
	transfer->chunked = false;
}

static size_t header_cb(char *line, size_t size, size_t count, void *user)
{
	static const struct {
		const char *name;
		void (*take)(struct http_reply *reply, const char *value);
	} wanted[] = {{"etag", take_etag},
		      {"last-modified", take_last_modified},
		      {"date", take_date},
		      {"content-encoding", take_encoding},
		      {"transfer-encoding", take_transfer_coding},
		      {"www-authenticate", take_authenticate}};
	struct transfer *transfer = user;

	if (size * count > 5 && memcmp(line, "HTTP/", 5) == 0)
		forget_headers(transfer);
	for (size_t i = 0; i < ARRAY_LEN(wanted); i++) {
		OWNED_MEM char *value = header_value(line, size * count, wanted[i].name);
		if (value)
			wanted[i].take(&transfer->reply, value);
	}
	return size * count;
}

/* A header that is too long or out of memory is one that is not there. */
static void transfer_free(struct transfer *transfer)
{
	if (transfer->link) {
		*transfer->link = transfer->next;
		if (transfer->next)
			transfer->next->link = transfer->link;
	}
	if (transfer->easy) {
		(void)curl_multi_remove_handle(transfer->http->multi, transfer->easy);
		curl_easy_cleanup(transfer->easy);
	}
	transfer->http->body_bytes -= transfer->counted;
	loop_timer_release(&transfer->deadline);
	curl_slist_free_all(transfer->headers);
	X509_STORE_free(transfer->trust);
	gunzip_free(transfer->gunzip);
	strbuf_release(&transfer->body);
	free(transfer->reply.body);
	free(transfer->reply.etag);
	free(transfer->reply.authenticate);
	free(transfer);
}

/* nginx ends an HTTP/2 connection after so many requests; curl 7.88 tells it so. The last two: what an earlier
 * answer had left on the connection was taken for this one. */
static bool is_transient(CURLcode code)
{
	static const CURLcode codes[] = {
		CURLE_HTTP2,        CURLE_GOT_NOTHING,          CURLE_SEND_ERROR,        CURLE_RECV_ERROR,
		CURLE_HTTP2_STREAM, CURLE_UNSUPPORTED_PROTOCOL, CURLE_WEIRD_SERVER_REPLY};
	for (size_t i = 0; i < ARRAY_LEN(codes); i++)
		if (codes[i] == code)
			return true;
	return false;
}

/* What went wrong, with libcurl's details where it gives any. */
static int explain(const struct transfer *transfer, CURLcode code, struct err *err)
{
	/* 7.88 says so of a header line above 100 kB. */
	const char *what =
		code == CURLE_OUT_OF_MEMORY ? "Out of memory, or a header that is too long" : curl_easy_strerror(code);

	if (!transfer->why[0] || strcmp(transfer->why, what) == 0)
		return err_set(err, ERR_IO, "%s", what);
	return err_set(err, ERR_IO, "%s (%s)", what, transfer->why);
}

/* HTTP/1 without a length ends with its connection, for whatever reason that ended. */
static bool is_unframed(const struct transfer *transfer)
{
	curl_off_t length = -1;
	long version = 0;

	(void)curl_easy_getinfo(transfer->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
	(void)curl_easy_getinfo(transfer->easy, CURLINFO_HTTP_VERSION, &version);
	return length < 0 && !transfer->chunked && version < CURL_HTTP_VERSION_2_0;
}

static void transfer_done(struct transfer *transfer, CURLcode code)
{
	struct http_reply *reply = &transfer->reply;
	curl_off_t retry_after_s = 0;
	long status = 0;

	(void)curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status);
	(void)curl_easy_getinfo(transfer->easy, CURLINFO_RETRY_AFTER, &retry_after_s);
	reply->status = (int)status;
	reply->retry_after_ms =
		retry_after_s < RETRY_AFTER_MAX_S ? (int64_t)retry_after_s * 1000 : RETRY_AFTER_MAX_S * 1000;
	reply->body_len = transfer->body.len;
	reply->unframed = is_unframed(transfer);
	if (!reply->err.code && code == CURLE_OK && transfer->gunzip && transfer->body.len)
		(void)gunzip_end(transfer->gunzip, &reply->err);
	if (transfer->no_room) {
		(void)err_set(&reply->err, ERR_BUSY, "the replies under way are larger than %u bytes together",
			      HTTP_BODIES_MAX);
	} else if (transfer->body.failed) {
		(void)err_set(&reply->err, ERR_LIMIT, "the reply is larger than %zu bytes", transfer->body.limit);
	} else if (!reply->err.code && code != CURLE_OK) {
		(void)explain(transfer, code, &reply->err);
		reply->transient = is_transient(code);
	} else if (!reply->err.code) {
		reply->body = strbuf_take(&transfer->body);
		if (!reply->body)
			(void)err_nomem(&reply->err);
	}
	transfer->done(transfer->arg, reply);
	transfer_free(transfer);
}

/* libcurl's own time limit may not fire (its issue 23025). */
static void deadline_on_fire(struct loop_timer *timer)
{
	transfer_done(CONTAINER_OF(timer, struct transfer, deadline), CURLE_OPERATION_TIMEDOUT);
}

static void collect_done(struct http *http)
{
	CURLMsg *msg;
	int left;

	while ((msg = curl_multi_info_read(http->multi, &left))) {
		struct transfer *transfer = NULL;
		CURLcode code = msg->data.result;
		(void)curl_easy_getinfo(msg->easy_handle, CURLINFO_PRIVATE, &transfer);
		transfer_done(transfer, code);
	}
}

static int add_headers(struct transfer *transfer, const struct http_request *request, struct err *err)
{
	for (size_t i = 0; i < HTTP_HEADERS_MAX && request->headers[i]; i++) {
		struct curl_slist *longer = curl_slist_append(transfer->headers, request->headers[i]);
		if (!longer)
			return err_nomem(err);
		transfer->headers = longer;
	}
	return 0;
}

/* Before each handshake: no file is read on the loop, no certificate parsed twice. */
static CURLcode trust_cb(CURL *easy, void *ssl_ctx, void *user)
{
	struct transfer *transfer = user;
	(void)easy;

	if (transfer->trust)
		SSL_CTX_set1_cert_store(ssl_ctx, transfer->trust);
	return CURLE_OK;
}

static int set_trust(struct transfer *transfer, X509_STORE *trust)
{
	int bad = 0;

	if (trust && X509_STORE_up_ref(trust))
		transfer->trust = trust;
	bad |= (int)curl_easy_setopt(transfer->easy, CURLOPT_CAINFO, NULL);
	bad |= (int)curl_easy_setopt(transfer->easy, CURLOPT_CAPATH, NULL);
	bad |= (int)curl_easy_setopt(transfer->easy, CURLOPT_SSL_CTX_FUNCTION, trust_cb);
	bad |= (int)curl_easy_setopt(transfer->easy, CURLOPT_SSL_CTX_DATA, transfer);
	return bad;
}

static int set_options(struct transfer *transfer, const struct http_request *request, struct err *err)
{
	CURL *easy = transfer->easy;
	int bad = 0;

	bad |= (int)curl_easy_setopt(easy, CURLOPT_URL, request->url);
	bad |= (int)curl_easy_setopt(easy, CURLOPT_USERAGENT, request->user_agent);
	bad |= (int)curl_easy_setopt(easy, CURLOPT_HTTPHEADER, transfer->headers);
	bad |= (int)curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	bad |= (int)curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
	bad |= (int)curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	bad |= (int)curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
	bad |= (int)curl_easy_setopt(easy, CURLOPT_PIPEWAIT, 1L);
	bad |= (int)curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, request->fresh ? 1L : 0L);
	/* The same at every poll: an edge gives other ETags for other encodings. We unpack it, see gunzip.h. */
	bad |= (int)curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "gzip");
	bad |= (int)curl_easy_setopt(easy, CURLOPT_HTTP_CONTENT_DECODING, 0L);
	bad |= (int)curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer->why);
	bad |= (int)curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)HTTP_CONNECT_TIMEOUT_MS);
	bad |= (int)curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)HTTP_DEADLINE_MS);
	bad |= (int)curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, (long)HTTP_LOW_SPEED_BYTES);
	bad |= (int)curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, 30L);
	bad |= (int)curl_easy_setopt(easy, CURLOPT_MAXAGE_CONN, (long)CONNECTION_AGE_S);
	bad |= (int)curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, body_cb);
	bad |= (int)curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer);
	bad |= (int)curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, header_cb);
	bad |= (int)curl_easy_setopt(easy, CURLOPT_HEADERDATA, transfer);
	bad |= (int)curl_easy_setopt(easy, CURLOPT_PRIVATE, transfer);
	bad |= set_trust(transfer, request->trust);
	return bad ? err_set(err, ERR_IO, "libcurl lacks an option that is needed") : 0;
}

static void transfer_link(struct http *http, struct transfer *transfer)
{
	transfer->next = http->transfers;
	if (transfer->next)
		transfer->next->link = &transfer->next;
	transfer->link = &http->transfers;
	http->transfers = transfer;
}

int http_get(struct http *http, const struct http_request *request, http_done_fn *done, void *arg, struct err *err)
{
	struct transfer *transfer = calloc(1, sizeof *transfer);

	if (!transfer)
		return err_nomem(err);
	*transfer = (struct transfer){.http = http, .done = done, .arg = arg, .body.limit = request->body_max};
	transfer->easy = curl_easy_init();
	int rc = transfer->easy ? 0 : err_nomem(err);
	if (!rc)
		rc = add_headers(transfer, request, err);
	if (!rc)
		rc = set_options(transfer, request, err);
	if (!rc)
		rc = loop_timer_init(http->loop, &transfer->deadline, deadline_on_fire, err);
	if (!rc && curl_multi_add_handle(http->multi, transfer->easy) != CURLM_OK)
		rc = err_nomem(err);
	if (rc) {
		transfer_free(transfer);
		return rc;
	}
	loop_timer_set(&transfer->deadline, HTTP_DEADLINE_MS + DEADLINE_GRACE_MS);
	transfer_link(http, transfer);
	return 0;
}

int http_new(struct loop *loop, struct http **ret, struct err *err)
{
	struct http *http = calloc(1, sizeof *http);
	int bad = 0;

	if (!http)
		return err_nomem(err);
	http->loop = loop;
	http->multi = curl_multi_init();
	if (!http->multi || loop_timer_init(loop, &http->timer, timer_on_fire, err)) {
		http_free(http);
		return err_nomem(err);
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
	for (struct transfer *transfer = http->transfers, *next; transfer; transfer = next) {
		next = transfer->next;
		transfer_free(transfer);
	}
	if (http->multi)
		(void)curl_multi_cleanup(http->multi);
	loop_timer_release(&http->timer);
	while (http->dead) {
		struct watched *watched = http->dead;
		http->dead = watched->next_dead;
		free(watched);
	}
	free(http);
}
