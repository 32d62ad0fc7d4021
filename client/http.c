/* SPDX-License-Identifier: Apache-2.0 */
/* http.c: see http.h. */
#include "http.h"

#include "base/clock.h"
#include "base/numbers.h"
#include "progress.h"

#include <assert.h>
#include <curl/curl.h>
#include <string.h>

#define STREAM_BUFFER (256 << 10)

static_assert(HTTP_WHY_MAX >= CURL_ERROR_SIZE, "libcurl writes that much");

void http_release(struct http *http)
{
	curl_easy_cleanup(http->curl);
	curl_slist_free_all(http->headers);
	curl_slist_free_all(http->file_headers);
	strbuf_release(&http->answer);
	curl_global_cleanup();
}

/* "Expect:" off: the daemon shall not be asked before each body. libcurl asks before large ones. */
static const char *const json_lines[] = {"Accept: application/json", "Content-Type: application/json", "Expect:", NULL};
static const char *const file_lines[] = {"Accept: application/json", "Content-Type: application/octet-stream", NULL};

static struct curl_slist *make_headers(const char *const *lines)
{
	struct curl_slist *list = NULL;

	for (; *lines; lines++) {
		struct curl_slist *longer = curl_slist_append(list, *lines);
		if (!longer) {
			curl_slist_free_all(list);
			return NULL;
		}
		list = longer;
	}
	return list;
}

int http_init(struct http *http, const char *socket, struct err *err)
{
	*http = (struct http){.socket = socket, .answer.limit = HTTP_ANSWER_MAX};
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return err_nomem(err);
	http->headers = make_headers(json_lines);
	http->file_headers = make_headers(file_lines);
	http->curl = curl_easy_init();
	return http->headers && http->file_headers && http->curl ? 0 : err_nomem(err);
}

static size_t answer_cb(char *bytes, size_t size, size_t count, void *arg)
{
	struct strbuf *answer = arg;

	strbuf_add(answer, bytes, size * count);
	return strbuf_failed(answer) ? 0 : size * count;
}

/* Options that fail do so for want of memory alone. */
static bool set_options(struct http *http, const struct http_request *request, const char *url)
{
	CURL *curl = http->curl;
	long timeout_ms = request->patient ? 0
			  : request->hasty ? HTTP_HASTY_MS
					   : 1000 * ((long)request->wait_s + HTTP_TIMEOUT_S);
	const struct curl_slist *headers = request->is_file ? http->file_headers : http->headers;

	curl_easy_reset(curl); /* keeps the connection */
	if (request->method && curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request->method) != CURLE_OK)
		return false;
	if (request->body &&
	    (curl_easy_setopt(curl, CURLOPT_POSTFIELDS, strbuf_str(request->body)) != CURLE_OK ||
	     curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body->len) != CURLE_OK))
		return false;
	return curl_easy_setopt(curl, CURLOPT_URL, url) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, http->socket) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L) == CURLE_OK && /* a crate ".." stays a name */
	       curl_easy_setopt(curl, CURLOPT_PROXY, "") == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)HTTP_CONNECT_TIMEOUT_S) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, timeout_ms) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, http->why) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, answer_cb) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_WRITEDATA, &http->answer) == CURLE_OK;
}

static int transfer_error(const struct http *http, CURLcode rc, struct err *err)
{
	long os_errno = 0;

	if (rc == CURLE_COULDNT_CONNECT) {
		(void)curl_easy_getinfo(http->curl, CURLINFO_OS_ERRNO, &os_errno);
		return err_set(err, ERR_IO, "%s: %s: is yankwatchd running? may you read the socket: group yankwatch?",
			       http->socket, os_errno ? strerror((int)os_errno) : "cannot connect");
	}
	if (strbuf_failed(&http->answer))
		return err_set(err, ERR_LIMIT, "%s: the answer is above %zu bytes", http->socket, HTTP_ANSWER_MAX);
	return err_set(err, ERR_IO, "%s: no answer: %s", http->socket,
		       http->why[0] ? http->why : curl_easy_strerror(rc));
}

static int broken_off(const struct http *http, CURLcode rc, struct err *err)
{
	return err_set(err, ERR_IO, "%s: the answer is broken off: %s", http->socket,
		       http->why[0] ? http->why : curl_easy_strerror(rc));
}

/* What the daemon said of a request that it did not do (RFC 9457). */
static int problem_error(long status, const cJSON *problem, struct err *err)
{
	OWNED_STRBUF struct strbuf text = {0};
	const char *detail = json_string(problem, "detail");
	const char *title = json_string(problem, "title");
	int code = status == 400 ? ERR_BAD : status == 404 ? ERR_ABSENT : ERR_IO;

	if (detail || title)
		strbuf_adds(&text, detail ? detail : title);
	else
		strbuf_addf(&text, "the daemon answered with status %ld", status);
	http_add_near(&text, problem);
	return err_set(err, code, "%s", strbuf_str(&text));
}

/* Parses what has come. A document that breaks JSON's rules is the daemon's failure, not the user's. */
static int parse_answer(const struct http *http, cJSON **ret, struct err *err)
{
	OWNED_JSON cJSON *answer = NULL;

	if (http->status == 204)
		return 0;
	if (json_parse(strbuf_str(&http->answer), http->answer.len, &answer, err) != 0) {
		err->code = ERR_IO;
		return err_prefix(err, "%s: the answer is not understood", http->socket);
	}
	if (!cJSON_IsObject(answer))
		return err_set(err, ERR_IO, "%s: the answer is not understood: not an object", http->socket);
	*ret = TAKE(answer);
	return 0;
}

static void begin(struct http *http, const struct strbuf *path, struct strbuf *url)
{
	http->status = 0;
	http->why[0] = '\0';
	strbuf_reset(&http->answer);
	strbuf_addf(url, "http://localhost%s", strbuf_str(path));
}

struct waiting {
	struct progress progress;
	int64_t since_ms;
};

/* Somebody looks on: that it waits, and for how long. libcurl calls it about once a second. */
static int waiting_cb(void *arg, curl_off_t down_all, curl_off_t down, curl_off_t up_all, curl_off_t up)
{
	struct waiting *waiting = arg;
	OWNED_STRBUF struct strbuf line = {0};
	char span[DURATION_TEXT_MAX];

	(void)down_all, (void)down, (void)up_all, (void)up;
	if (!progress_is_due(&waiting->progress))
		return 0;
	int64_t seconds = (clock_mono_ms() - waiting->since_ms) / 1000;
	strbuf_addf(&line, "waiting for the daemon: %s", duration_format(seconds * 1000, span));
	progress_show(&waiting->progress, strbuf_str(&line));
	return 0;
}

/* A request that takes as long as it needs. */
static CURLcode perform_patiently(CURL *curl)
{
	struct waiting waiting = {.since_ms = clock_mono_ms()};

	progress_begin(&waiting.progress, true);
	if (curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, waiting_cb) != CURLE_OK ||
	    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, &waiting) != CURLE_OK ||
	    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L) != CURLE_OK)
		return CURLE_OUT_OF_MEMORY;
	CURLcode rc = curl_easy_perform(curl);
	progress_end(&waiting.progress);
	return rc;
}

int http_call(struct http *http, const struct http_request *request, cJSON **ret_answer, struct err *err)
{
	OWNED_STRBUF struct strbuf url = {0};
	OWNED_JSON cJSON *answer = NULL;

	begin(http, request->path, &url);
	if (strbuf_failed(&url) || strbuf_failed(request->path) || (request->body && strbuf_failed(request->body)) ||
	    !set_options(http, request, strbuf_str(&url)))
		return err_nomem(err);
	CURLcode transfer = request->patient ? perform_patiently(http->curl) : curl_easy_perform(http->curl);
	if (transfer != CURLE_OK)
		return transfer_error(http, transfer, err);
	(void)curl_easy_getinfo(http->curl, CURLINFO_RESPONSE_CODE, &http->status);
	int rc = parse_answer(http, &answer, err);
	if (http->status < 200 || http->status > 299) /* also when its body is no JSON */
		return problem_error(http->status, answer, err);
	if (rc)
		return rc;
	*ret_answer = TAKE(answer);
	return 0;
}

struct taking {
	struct http *http;
	const struct http_stream *stream;
	bool is_enough;
};

/* A problem document is collected, as any other answer is. */
static size_t take_cb(char *bytes, size_t size, size_t count, void *arg)
{
	struct taking *taking = arg;
	size_t len = size * count;

	if (taking->http->status == 0)
		(void)curl_easy_getinfo(taking->http->curl, CURLINFO_RESPONSE_CODE, &taking->http->status);
	if (taking->http->status != 200)
		return answer_cb(bytes, size, count, &taking->http->answer);
	taking->is_enough = !taking->stream->take(taking->stream->ctx, bytes, len);
	return taking->is_enough ? 0 : len;
}

static bool set_stream_options(struct taking *taking, const char *url, struct curl_slist **headers)
{
	CURL *curl = taking->http->curl;
	OWNED_STRBUF struct strbuf accept = {0};
	const struct http_request request = {.patient = true};

	strbuf_addf(&accept, "Accept: %s", taking->stream->accept);
	*headers = curl_slist_append(NULL, strbuf_str(&accept));
	return *headers && !strbuf_failed(&accept) && set_options(taking->http, &request, url) &&
	       curl_easy_setopt(curl, CURLOPT_HTTPHEADER, *headers) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_BUFFERSIZE, (long)STREAM_BUFFER) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L) == CURLE_OK && /* `| head` ends who prints meanwhile */
	       curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, taking->stream->silence_s ? 1L : 0L) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, taking->stream->silence_s) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_cb) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_WRITEDATA, taking) == CURLE_OK;
}

int http_stream(struct http *http, const struct http_stream *stream, struct err *err)
{
	struct taking taking = {.http = http, .stream = stream};
	OWNED_STRBUF struct strbuf url = {0};
	OWNED_JSON cJSON *answer = NULL;
	struct curl_slist *headers = NULL;
	CURLcode transfer = CURLE_OUT_OF_MEMORY;

	begin(http, stream->path, &url);
	if (!strbuf_failed(&url) && !strbuf_failed(stream->path) &&
	    set_stream_options(&taking, strbuf_str(&url), &headers))
		transfer = curl_easy_perform(http->curl);
	curl_easy_reset(http->curl); /* the headers go */
	curl_slist_free_all(headers);
	if (transfer == CURLE_OUT_OF_MEMORY)
		return err_nomem(err);
	if (taking.is_enough)
		return 0;
	if (transfer != CURLE_OK)
		return http->status == 200 ? broken_off(http, transfer, err) : transfer_error(http, transfer, err);
	if (http->status == 200)
		return 0;
	struct err ignored;
	if (parse_answer(http, &answer, &ignored))
		answer = NULL;
	return problem_error(http->status, answer, err);
}

int http_get(struct http *http, const struct strbuf *path, cJSON **ret_answer, struct err *err)
{
	return http_call(http, &(struct http_request){.path = path}, ret_answer, err);
}

static void add_encoded(struct strbuf *out, const char *text)
{
	char *encoded = curl_easy_escape(NULL, text, (int)strlen(text));

	if (encoded)
		strbuf_adds(out, encoded);
	else
		out->failed = true;
	curl_free(encoded);
}

void http_add_segment(struct strbuf *path, const char *segment)
{
	strbuf_addc(path, '/');
	add_encoded(path, segment);
}

void http_add_query(struct strbuf *path, const char *key, const char *value)
{
	if (!value)
		return;
	strbuf_addf(path, "%c%s=", strchr(strbuf_str(path), '?') ? '&' : '?', key);
	add_encoded(path, value);
}

void http_add_near(struct strbuf *text, const cJSON *answer)
{
	const cJSON *name;
	bool any = false;

	cJSON_ArrayForEach (name, json_member(answer, "near")) {
		if (!cJSON_IsString(name))
			continue;
		strbuf_addf(text, "%s%s", any ? ", " : " (did you mean ", name->valuestring);
		any = true;
	}
	if (any)
		strbuf_adds(text, "?)");
}
