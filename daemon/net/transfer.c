/* SPDX-License-Identifier: Apache-2.0 */
/* transfer.c: see transfer.h. */
#include "net/transfer.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define TRUST_PATH "/dev/null/" /* nothing is below it */
#define TRUST_PATH_SIZE 128
#define CONNECTION_AGE_S 1800       /* longer than any usual poll interval: sweeps find it open */
#define BODY_RESERVED_MAX (4 << 20) /* bytes; the largest file of crates.io has 3.7 MB */
#define RETRY_AFTER_MAX_S INT64_C(86400)

/* ---- what comes in ---- */

static void body_forget(struct transfer *transfer)
{
	strbuf_release(&transfer->body);
	if (transfer->counted) {
		transfer->all->body_bytes -= transfer->counted;
		transfer->share->body_bytes -= transfer->counted;
	}
	transfer->counted = 0;
}

/* The one that finds no room makes room at once: the others need not fail, too. */
static bool body_add(void *arg, const char *bytes, size_t len)
{
	struct transfer *transfer = arg;

	bool fits = transfer->body.len + len <= transfer->body.limit; /* else that is what is wrong */
	transfer->no_room = fits && (transfer->all->body_bytes + len > HTTP_BODIES_MAX ||
				     transfer->share->body_bytes + len > HTTP_SHARE_MAX);
	if (transfer->no_room) {
		body_forget(transfer);
		return false;
	}
	strbuf_add(&transfer->body, bytes, len);
	transfer->all->body_bytes += len;
	transfer->share->body_bytes += len;
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
	const char *transfer_encoding = transfer->head.transfer_encoding;
	const char *encoding = transfer->head.content_encoding;

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

/* Room for all of it at once, where the server says how much it is: a body that grows is copied again and again. What
 * it says is believed only so far. */
static void body_reserve(struct transfer *transfer)
{
	curl_off_t length = -1;

	(void)curl_easy_getinfo(transfer->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
	if (length > 0 && length <= BODY_RESERVED_MAX && (size_t)length <= transfer->body.limit)
		strbuf_reserve(&transfer->body, (size_t)length);
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
		if (!transfer->gunzip)
			body_reserve(transfer);
	}
	if (!transfer->gunzip)
		return body_add(transfer, bytes, len) ? len : 0;
	return gunzip_add(transfer->gunzip, bytes, len, body_add, transfer, err) ? 0 : len;
}

static size_t header_cb(char *line, size_t size, size_t count, void *user)
{
	struct transfer *transfer = user;

	reply_head_line(&transfer->head, line, size * count);
	return size * count;
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
	return length < 0 && !transfer->head.transfer_encoding[0] && version < CURL_HTTP_VERSION_2_0;
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
	const struct reply_head *head = &transfer->head;
	int rc = transfer->gunzip ? gunzip_end(transfer->gunzip, &reply->err) : 0;

	if (rc)
		return rc;
	reply->body_len = transfer->body.len;
	reply->body = strbuf_take(&transfer->body);
	if (!reply->body)
		rc = err_nomem(&reply->err);
	if (!rc && reply->status == 200) {
		rc = copy_text(reply_head_etag(head), &reply->etag, &reply->err);
		reply->unframed = is_unframed(transfer);
		reply->last_modified = reply_head_date(head->last_modified);
		reply->date = reply_head_date(head->date);
	}
	if (!rc && reply->status == 401)
		rc = copy_text(head->authenticate, &reply->authenticate, &reply->err);
	return rc;
}

void transfer_fill_reply(struct transfer *transfer, CURLcode code)
{
	struct http_reply *reply = &transfer->reply;

	fill_status(transfer, reply);
	if (transfer->no_room) {
		(void)err_set(&reply->err, ERR_BUSY, "the replies under way take all the room there is for them");
	} else if (transfer->body.failed) {
		(void)err_set(&reply->err, ERR_LIMIT, "the reply is larger than %zu bytes", transfer->body.limit);
	} else if (code != CURLE_OK && !reply->err.code) {
		(void)explain(transfer, code, &reply->err);
		reply->transient = is_transient(code);
	} else if (!reply->err.code && fill_content(transfer, reply)) {
		reply->body_len = 0;
	}
}

/* ---- what goes out ---- */

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
	bad |= (int)curl_easy_setopt(easy, CURLOPT_CA_CACHE_TIMEOUT, 0L); /* the multi handle's: one for all */
	bad |= (int)curl_easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, trust_cb);
	bad |= (int)curl_easy_setopt(easy, CURLOPT_SSL_CTX_DATA, transfer);
	return bad ? err_set(err, ERR_IO, "libcurl lacks an option that is needed") : 0;
}

/* libcurl uses a connection or a TLS session again only where the folder of certificates has the same name; so it
 * gets a name, of a folder that cannot be. */
static int set_trust(struct transfer *transfer, const struct http_request *request, struct err *err)
{
	char path[TRUST_PATH_SIZE];

	if (!request->trust)
		return curl_easy_setopt(transfer->easy, CURLOPT_CAPATH, NULL) == CURLE_OK ? 0 : err_nomem(err);
	if (snprintf(path, sizeof path, TRUST_PATH "%s", request->trust_id) >= (int)sizeof path)
		return err_set(err, ERR_LIMIT, "the name of the certificates is too long");
	if (curl_easy_setopt(transfer->easy, CURLOPT_CAPATH, path) != CURLE_OK || !X509_STORE_up_ref(request->trust))
		return err_nomem(err);
	transfer->trust = request->trust;
	return 0;
}

int transfer_set(struct transfer *transfer, const struct http_request *request, struct err *err)
{
	if (curl_easy_setopt(transfer->easy, CURLOPT_URL, request->url) != CURLE_OK ||
	    curl_easy_setopt(transfer->easy, CURLOPT_FRESH_CONNECT, request->fresh ? 1L : 0L) != CURLE_OK)
		return err_nomem(err);
	transfer->share = request->share;
	transfer->body.limit = request->body_max;
	int rc = set_trust(transfer, request, err);
	return rc ? rc : set_headers(transfer, request, err);
}

/* ---- life ---- */

void transfer_free(struct transfer *transfer)
{
	if (transfer->easy)
		curl_easy_cleanup(transfer->easy);
	X509_STORE_free(transfer->trust);
	strbuf_release(&transfer->header_text);
	strbuf_release(&transfer->body);
	free(transfer);
}

void transfer_clear(struct transfer *transfer)
{
	body_forget(transfer);
	transfer->no_room = false;
	transfer->has_body = false;
	transfer->why[0] = '\0';
	gunzip_free(TAKE(transfer->gunzip));
	X509_STORE_free(TAKE(transfer->trust));
	strbuf_reset(&transfer->header_text);
	free(transfer->reply.body);
	free(transfer->reply.etag);
	free(transfer->reply.authenticate);
	transfer->reply = (struct http_reply){0};
	transfer->head = (struct reply_head){0};
}

struct transfer *transfer_new(struct http_share *all, struct err *err)
{
	struct transfer *transfer = calloc(1, sizeof *transfer);

	if (!transfer || !(transfer->easy = curl_easy_init())) {
		free(transfer);
		(void)err_nomem(err);
		return NULL;
	}
	transfer->all = all;
	if (set_constants(transfer, err)) {
		transfer_free(transfer);
		return NULL;
	}
	return transfer;
}
