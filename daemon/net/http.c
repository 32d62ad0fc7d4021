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
#include "base/strbuf.h"
#include "net/gunzip.h"

#include <curl/curl.h>
#include <openssl/ssl.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#define CONNECTIONS_PER_HOST 2
#define CONNECTION_AGE_S 1800  /* longer than any usual poll interval: sweeps find it open */
#define ETAG_BYTES_MAX 256     /* a longer one is none */
#define DATE_BYTES_MAX 63      /* and so here */
#define CODING_BYTES_MAX 63    /* bytes kept of a coding: "gzip" is shorter */
#define AUTHENTICATE_MAX 512   /* bytes kept of WWW-Authenticate */
#define DEADLINE_GRACE_MS 5000 /* ours comes after libcurl's */
#define RETRY_AFTER_MAX_S INT64_C(86400)
#define DATE_MAX_S INT64_C(253402300799) /* the last second of the year 9999 */

struct http {
	struct loop *loop;
	CURLM *multi;
	struct loop_timer timer;
	struct transfer *first, **last; /* under way, the oldest first */
	struct transfer *idle;
	size_t n_idle;
	struct loop_timer deadline; /* of the oldest, or of one that is over by now */
	bool deadline_is_set;
	size_t body_bytes;       /* of all transfers that are not done */
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

/* The headers that count, as they came; "" = none. */
struct kept {
	char etag[ETAG_BYTES_MAX + 1];
	char last_modified[DATE_BYTES_MAX + 1];
	char date[DATE_BYTES_MAX + 1];
	char content_encoding[CODING_BYTES_MAX + 1];
	char transfer_encoding[CODING_BYTES_MAX + 1];
	char authenticate[AUTHENTICATE_MAX + 1];
};

struct transfer {
	struct http *http;
	struct transfer *next, **link; /* link: of one under way */
	CURL *easy;                    /* with all options set that are the same for each request */
	struct curl_slist headers[HTTP_HEADERS_MAX];
	struct strbuf header_text; /* what they point into */
	X509_STORE *trust;         /* counted */
	int64_t deadline_ms;
	struct strbuf body;
	size_t counted; /* bytes of it in http->body_bytes */
	bool no_room;   /* all bodies together were too large */
	bool has_body;  /* its first bytes have come */
	struct kept kept;
	struct gunzip *gunzip; /* NULL: the body comes as it is */
	char why[CURL_ERROR_SIZE];
	struct http_reply reply;
	http_done_fn *done;
	void *arg;
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

static int64_t status_of(const struct transfer *transfer)
{
	long status = 0;

	(void)curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status);
	return status;
}

/* We ask for gzip; whatever else comes, libcurl might decode it, and not see that it is
 * cut. Nobody looks at the body of an answer other than 200. */
static int body_begins(struct transfer *transfer, struct err *err)
{
	const char *transfer_encoding = transfer->kept.transfer_encoding;
	const char *encoding = transfer->kept.content_encoding;

	if (status_of(transfer) != 200)
		return 0;
	if (*transfer_encoding && strcasecmp(transfer_encoding, "chunked") != 0)
		return err_set(err, ERR_BAD, "Transfer-Encoding \"%s\", which was not asked for", transfer_encoding);
	if (!*encoding || strcasecmp(encoding, "identity") == 0)
		return 0;
	if (strcasecmp(encoding, "gzip") != 0 && strcasecmp(encoding, "x-gzip") != 0)
		return err_set(err, ERR_BAD, "Content-Encoding \"%s\", which was not asked for", encoding);
	transfer->gunzip = gunzip_new();
	return transfer->gunzip ? 0 : err_nomem(err);
}

static size_t body_cb(char *bytes, size_t size, size_t count, void *user)
{
	struct transfer *transfer = user;
	struct err *err = &transfer->reply.err;
	size_t len = size * count;

	if (!transfer->has_body) {
		transfer->has_body = true;
		if (body_begins(transfer, err))
			return 0;
	}
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

/* What becomes of a value that is too long, or comes twice. */
enum keep {
	KEEP_WHOLE,  /* too long: as if it were not there; twice: the last */
	KEEP_CUT,    /* its beginning; the last */
	KEEP_JOINED, /* its beginning; one after the other */
};

struct header_row {
	const char *name;
	size_t offset, size; /* in struct kept */
	enum keep keep;
};
#define KEPT(member) offsetof(struct kept, member), sizeof((struct kept *)0)->member
static const struct header_row header_rows[] = {
	{"etag", KEPT(etag), KEEP_WHOLE},
	{"last-modified", KEPT(last_modified), KEEP_WHOLE},
	{"date", KEPT(date), KEEP_WHOLE},
	{"content-encoding", KEPT(content_encoding), KEEP_JOINED},
	{"transfer-encoding", KEPT(transfer_encoding), KEEP_JOINED},
	{"www-authenticate", KEPT(authenticate), KEEP_CUT},
};

/* The value without the blanks around it. */
static void keep_value(struct kept *kept, const struct header_row *row, const char *value, size_t len)
{
	char *to = (char *)kept + row->offset;
	size_t room = row->size - 1;

	while (len > 0 && strchr(" \t", *value)) {
		value++;
		len--;
	}
	while (len > 0 && strchr(" \t\r\n", value[len - 1]))
		len--;
	if (row->keep == KEEP_JOINED && *to) {
		size_t before = strlen(to);
		to[before] = ',';
		to += before + (before < room);
		room -= before + (before < room);
	}
	if (len > room)
		len = row->keep == KEEP_WHOLE ? 0 : room;
	memcpy(to, value, len);
	to[len] = '\0';
}

static size_t header_cb(char *line, size_t size, size_t count, void *user)
{
	struct transfer *transfer = user;
	size_t len = size * count;

	/* Another status line: what an interim answer (1xx) said is not about the file. */
	if (len > 5 && memcmp(line, "HTTP/", 5) == 0)
		transfer->kept = (struct kept){0};
	for (size_t i = 0; i < ARRAY_LEN(header_rows); i++) {
		const struct header_row *row = &header_rows[i];
		size_t n = strlen(row->name);
		if (len > n && (line[0] | 0x20) == row->name[0] && line[n] == ':' &&
		    strncasecmp(line, row->name, n) == 0)
			keep_value(&transfer->kept, row, line + n + 1, len - n - 1);
	}
	return len;
}

static void transfer_unlink(struct transfer *transfer)
{
	if (!transfer->link)
		return;
	*transfer->link = transfer->next;
	if (transfer->next)
		transfer->next->link = transfer->link;
	else
		transfer->http->last = transfer->link;
	transfer->link = NULL;
}

static void transfer_free(struct transfer *transfer)
{
	if (transfer->easy)
		curl_easy_cleanup(transfer->easy);
	X509_STORE_free(transfer->trust);
	strbuf_release(&transfer->header_text);
	strbuf_release(&transfer->body);
	free(transfer);
}

/* What belongs to one request goes; the handle and its memory stay. */
static void transfer_clear(struct transfer *transfer)
{
	transfer_unlink(transfer);
	if (transfer->easy)
		(void)curl_multi_remove_handle(transfer->http->multi, transfer->easy);
	transfer->http->body_bytes -= transfer->counted;
	transfer->counted = 0;
	transfer->no_room = false;
	transfer->has_body = false;
	transfer->why[0] = '\0';
	gunzip_free(TAKE(transfer->gunzip));
	X509_STORE_free(TAKE(transfer->trust));
	strbuf_reset(&transfer->header_text);
	strbuf_release(&transfer->body);
	free(transfer->reply.body);
	free(transfer->reply.etag);
	free(transfer->reply.authenticate);
	transfer->reply = (struct http_reply){0};
	transfer->kept = (struct kept){0};
}

/* One that failed is not used again: who knows what it remembers. */
static void transfer_end(struct transfer *transfer, bool well)
{
	struct http *http = transfer->http;

	transfer_clear(transfer);
	if (!well || http->n_idle == HTTP_IDLE_MAX) {
		transfer_free(transfer);
		return;
	}
	transfer->next = http->idle;
	http->idle = transfer;
	http->n_idle++;
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

	if (!transfer->why[0])
		return err_set(err, ERR_IO, "%s", what);
	if (strstr(transfer->why, what))
		return err_set(err, ERR_IO, "%s", transfer->why);
	return err_set(err, ERR_IO, "%s (%s)", what, transfer->why);
}

/* HTTP/1 without a length ends with its connection, for whatever reason that ended. */
static bool is_unframed(const struct transfer *transfer)
{
	curl_off_t length = -1;
	long version = 0;

	(void)curl_easy_getinfo(transfer->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
	(void)curl_easy_getinfo(transfer->easy, CURLINFO_HTTP_VERSION, &version);
	return length < 0 && !transfer->kept.transfer_encoding[0] && version < CURL_HTTP_VERSION_2_0;
}

/* Would be sent back in a request, where a lone CR may end a line for some servers. */
static bool has_control(const char *value)
{
	for (; *value; value++)
		if ((unsigned char)*value < 0x20 || *value == 0x7f)
			return true;
	return false;
}

/* NULL for "". */
static int copy_text(const char *text, char **ret, struct err *err)
{
	*ret = *text ? strdup(text) : NULL;
	return *text && !*ret ? err_nomem(err) : 0;
}

static void fill_status(struct transfer *transfer, struct http_reply *reply)
{
	curl_off_t retry_after_s = 0;

	(void)curl_easy_getinfo(transfer->easy, CURLINFO_RETRY_AFTER, &retry_after_s);
	reply->status = (int)status_of(transfer);
	reply->retry_after_ms =
		retry_after_s < RETRY_AFTER_MAX_S ? (int64_t)retry_after_s * 1000 : RETRY_AFTER_MAX_S * 1000;
}

/* Only a 200 names what its body can be compared with: of the many 304 nothing more is wanted. */
static int fill_content(struct transfer *transfer, struct http_reply *reply)
{
	const struct kept *kept = &transfer->kept;
	int rc = transfer->gunzip ? gunzip_end(transfer->gunzip, &reply->err) : 0;

	if (rc)
		return rc;
	reply->body_len = transfer->body.len;
	reply->body = strbuf_take(&transfer->body);
	if (!reply->body)
		rc = err_nomem(&reply->err);
	if (!rc && reply->status == 200) {
		rc = copy_text(has_control(kept->etag) ? "" : kept->etag, &reply->etag, &reply->err);
		reply->unframed = is_unframed(transfer);
		reply->last_modified = http_date(kept->last_modified);
		reply->date = http_date(kept->date);
	}
	if (!rc && reply->status == 401)
		rc = copy_text(kept->authenticate, &reply->authenticate, &reply->err);
	return rc;
}

static void transfer_done(struct transfer *transfer, CURLcode code)
{
	struct http_reply *reply = &transfer->reply;

	fill_status(transfer, reply);
	if (transfer->no_room) {
		(void)err_set(&reply->err, ERR_BUSY, "the replies under way are larger than %u bytes together",
			      HTTP_BODIES_MAX);
	} else if (transfer->body.failed) {
		(void)err_set(&reply->err, ERR_LIMIT, "the reply is larger than %zu bytes", transfer->body.limit);
	} else if (code != CURLE_OK && !reply->err.code) {
		(void)explain(transfer, code, &reply->err);
		reply->transient = is_transient(code);
	} else if (!reply->err.code && fill_content(transfer, reply)) {
		reply->body_len = 0;
	}
	transfer->done(transfer->arg, reply);
	transfer_end(transfer, code == CURLE_OK);
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
		transfer_done(transfer, CURLE_OPERATION_TIMEDOUT);
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
		transfer_done(transfer, code);
	}
}

/* One line after the other, each with its end; the list's nodes point to them. */
static int set_headers(struct transfer *transfer, const struct http_request *request, struct err *err)
{
	struct strbuf *text = &transfer->header_text;
	struct curl_slist *list = NULL;
	size_t n = 0;

	for (; n < HTTP_HEADERS_MAX && request->headers[n]; n++)
		strbuf_add(text, request->headers[n], strlen(request->headers[n]) + 1);
	if (strbuf_failed(text))
		return err_nomem(err);
	size_t at = text->len;
	while (n--) {
		at -= strlen(request->headers[n]) + 1;
		transfer->headers[n] = (struct curl_slist){.data = text->data + at, .next = list};
		list = &transfer->headers[n];
	}
	int bad = (int)curl_easy_setopt(transfer->easy, CURLOPT_HTTPHEADER, list);
	return bad ? err_nomem(err) : 0;
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

static int set_constants(struct transfer *transfer, struct err *err)
{
	CURL *easy = transfer->easy;
	int bad = 0;

	bad |= (int)curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	bad |= (int)curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
	bad |= (int)curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	bad |= (int)curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
	bad |= (int)curl_easy_setopt(easy, CURLOPT_PIPEWAIT, 1L);
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
	bad |= (int)curl_easy_setopt(easy, CURLOPT_CAINFO, NULL);
	bad |= (int)curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
	bad |= (int)curl_easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, trust_cb);
	bad |= (int)curl_easy_setopt(easy, CURLOPT_SSL_CTX_DATA, transfer);
	return bad ? err_set(err, ERR_IO, "libcurl lacks an option that is needed") : 0;
}

static struct transfer *transfer_new(struct http *http, struct err *err)
{
	struct transfer *transfer = calloc(1, sizeof *transfer);

	if (!transfer || !(transfer->easy = curl_easy_init())) {
		free(transfer);
		(void)err_nomem(err);
		return NULL;
	}
	transfer->http = http;
	if (set_constants(transfer, err)) {
		transfer_free(transfer);
		return NULL;
	}
	return transfer;
}

static struct transfer *transfer_take(struct http *http, struct err *err)
{
	struct transfer *transfer = http->idle;

	if (!transfer)
		return transfer_new(http, err);
	http->idle = transfer->next;
	http->n_idle--;
	return transfer;
}

static int set_request(struct transfer *transfer, const struct http_request *request, struct err *err)
{
	if (curl_easy_setopt(transfer->easy, CURLOPT_URL, request->url) != CURLE_OK ||
	    curl_easy_setopt(transfer->easy, CURLOPT_FRESH_CONNECT, request->fresh ? 1L : 0L) != CURLE_OK)
		return err_nomem(err);
	transfer->body.limit = request->body_max;
	if (request->trust && X509_STORE_up_ref(request->trust))
		transfer->trust = request->trust;
	return set_headers(transfer, request, err);
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
	int rc = set_request(transfer, request, err);
	if (!rc && curl_multi_add_handle(http->multi, transfer->easy) != CURLM_OK)
		rc = err_nomem(err);
	if (rc)
		transfer_end(transfer, false);
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
		transfer_end(transfer, false);
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
