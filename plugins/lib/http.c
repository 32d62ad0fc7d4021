/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http.c: see http.h. A handle for each POST: deliveries are rare, and a kept
 * connection would mostly be found dead.
 */
#include "lib/http.h"

#include "lib/address.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

struct transfer {
	struct http_answer *answer;
	size_t header_bytes;
	bool public_only;
	char refused[ADDRESS_TEXT_MAX]; /* the last address that public_only denied */
};

/* Returning less than was given ends the transfer; http_post() tells why. */
static size_t on_body_cb(char *data, size_t size, size_t n, void *arg)
{
	struct http_answer *answer = ((struct transfer *)arg)->answer;
	size_t len = size * n;
	size_t room = sizeof answer->body - answer->body_len;
	size_t taken = len < room ? len : room;

	memcpy(answer->body + answer->body_len, data, taken);
	answer->body_len += taken;
	return taken;
}

static size_t on_header_cb(char *data, size_t size, size_t n, void *arg)
{
	struct transfer *transfer = arg;

	(void)data;
	transfer->header_bytes += size * n;
	return transfer->header_bytes <= HTTP_ANSWER_HEADERS_MAX ? size * n : 0;
}

/* Between the look-up of the name and the connection: a name that answers differently next time gains nothing. */
static curl_socket_t on_open_socket_cb(void *arg, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct transfer *transfer = arg;

	(void)purpose;
	if (transfer->public_only && !address_is_public(&address->addr)) {
		(void)address_text(&address->addr, transfer->refused);
		return CURL_SOCKET_BAD;
	}
	return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

int64_t http_pause_ms(curl_off_t seconds)
{
	if (seconds == 0)
		return 0;
	if (seconds < HTTP_PAUSE_MIN_MS / 1000)
		return HTTP_PAUSE_MIN_MS;
	return seconds > HTTP_PAUSE_MAX_MS / 1000 ? HTTP_PAUSE_MAX_MS : seconds * 1000;
}

static struct curl_slist *header_list(const char *const *headers)
{
	/* Without "Expect:" curl asks before a large body and waits for a reply. */
	struct curl_slist *list = curl_slist_append(NULL, "Expect:");

	for (; list && *headers; headers++) {
		struct curl_slist *longer = curl_slist_append(list, *headers);
		if (!longer)
			curl_slist_free_all(list);
		list = longer;
	}
	return list;
}

static void set_connection(CURL *curl, const struct http_request *request, struct transfer *transfer)
{
	int64_t timeout_ms = request->timeout_ms > 0 ? request->timeout_ms : 1; /* 0 would be for ever */

	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(curl, CURLOPT_PROXY, request->proxy ? request->proxy : "");
	curl_easy_setopt(curl, CURLOPT_NOPROXY, "");
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)timeout_ms);
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, (long)HTTP_CONNECT_TIMEOUT_MS);
	curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, on_open_socket_cb);
	curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, transfer);
	if (request->ca_file) {
		curl_easy_setopt(curl, CURLOPT_CAINFO, request->ca_file);
		curl_easy_setopt(curl, CURLOPT_CAPATH, NULL);
	}
}

static void set_request(CURL *curl, const struct http_request *request, const struct curl_slist *headers)
{
	curl_easy_setopt(curl, CURLOPT_URL, request->url);
	curl_easy_setopt(curl, CURLOPT_USERAGENT, "yankwatch/" YANKWATCH_VERSION);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(curl, CURLOPT_POST, 1L);
	curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body_len);
	curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request->body);
	if (request->method)
		curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request->method);
}

static void set_answer(CURL *curl, struct transfer *transfer)
{
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body_cb);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, transfer);
	curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_header_cb);
	curl_easy_setopt(curl, CURLOPT_HEADERDATA, transfer);
	curl_easy_setopt(curl, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
	curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, transfer->answer->error);
}

static void perform(CURL *curl, struct transfer *transfer)
{
	struct http_answer *answer = transfer->answer;
	curl_off_t seconds = 0;

	answer->code = curl_easy_perform(curl);
	/* Two callbacks end a transfer: a full body is enough of an answer. */
	if (answer->code == CURLE_WRITE_ERROR && answer->body_len == sizeof answer->body)
		answer->code = CURLE_OK;
	(void)curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &answer->status);
	(void)curl_easy_getinfo(curl, CURLINFO_RETRY_AFTER, &seconds);
	answer->retry_after_ms = http_pause_ms(seconds);
}

void http_post(const struct http_request *request, struct http_answer *ret)
{
	struct transfer transfer = {.answer = ret, .public_only = request->public_only};
	CURL *curl = curl_easy_init();
	struct curl_slist *headers = header_list(request->headers);

	memset(ret, 0, sizeof *ret);
	ret->code = CURLE_OUT_OF_MEMORY;
	if (curl && headers) {
		set_connection(curl, request, &transfer);
		set_request(curl, request, headers);
		set_answer(curl, &transfer);
		perform(curl, &transfer);
	}
	if (ret->code == CURLE_OK)
		ret->error[0] = '\0';
	else if (transfer.refused[0])
		(void)snprintf(ret->error, sizeof ret->error, "%s is not a public address", transfer.refused);
	else if (!ret->error[0])
		(void)snprintf(ret->error, sizeof ret->error, "%s", curl_easy_strerror(ret->code));
	curl_slist_free_all(headers);
	curl_easy_cleanup(curl);
}
