/* SPDX-License-Identifier: Apache-2.0 */
/*
 * smtp.c: see smtp.h. A handle for each mail: mails are rare, and servers close
 * what is idle.
 */
#include "smtp.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define SOCKETS_MAX 4 /* open at a time: while it connects, one for IPv4 and one for IPv6 */

struct session {
	const struct smtp_mail *mail;
	struct trace *trace;
	size_t sent; /* of the mail's bytes */
	int sockets[SOCKETS_MAX];
	size_t n_sockets;
};

static size_t on_read_cb(char *buf, size_t size, size_t n, void *arg)
{
	struct session *session = arg;
	size_t left = session->mail->len - session->sent;
	size_t given = size * n < left ? size * n : left;

	memcpy(buf, session->mail->bytes + session->sent, given);
	session->sent += given;
	return given;
}

static curl_socket_t on_open_socket_cb(void *arg, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct session *session = arg;
	int fd = socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);

	(void)purpose;
	if (fd >= 0 && session->n_sockets < SOCKETS_MAX)
		session->sockets[session->n_sockets++] = fd;
	return fd;
}

static int on_close_socket_cb(void *arg, curl_socket_t fd)
{
	struct session *session = arg;

	for (size_t i = 0; i < session->n_sockets; i++)
		if (session->sockets[i] == fd)
			session->sockets[i--] = session->sockets[--session->n_sockets];
	return close(fd);
}

/*
 * By QUIT all is said, but libcurl waits up to two minutes for the reply, whatever
 * the timeout (7.88, curl issue 739): a server that hangs there would have us
 * killed, and a mail that it has taken would be sent again. Without a reading side
 * it ends at once.
 */
static void stop_reading(const struct session *session)
{
	for (size_t i = 0; i < session->n_sockets; i++)
		(void)shutdown(session->sockets[i], SHUT_RD);
}

static int on_debug_cb(CURL *curl, curl_infotype type, char *data, size_t len, void *arg)
{
	struct session *session = arg;

	(void)curl;
	if (type == CURLINFO_HEADER_OUT)
		trace_sent(session->trace, data, len);
	if (session->trace->over)
		stop_reading(session);
	else if (type == CURLINFO_HEADER_IN)
		trace_received(session->trace, data, len);
	return 0;
}

static struct curl_slist *recipient_list(const struct smtp_mail *mail)
{
	struct curl_slist *list = NULL;

	for (size_t i = 0; i < mail->n_to; i++) {
		struct curl_slist *longer = curl_slist_append(list, mail->to[i]);
		if (!longer) {
			curl_slist_free_all(list);
			return NULL;
		}
		list = longer;
	}
	return list;
}

static void set_server(CURL *curl, const struct smtp_server *server)
{
	curl_easy_setopt(curl, CURLOPT_URL, server->url);
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
	curl_easy_setopt(curl, CURLOPT_USE_SSL, server->tls ? (long)CURLUSESSL_ALL : (long)CURLUSESSL_NONE);
	curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(curl, CURLOPT_PROXY, "");
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	if (server->ca_file) {
		curl_easy_setopt(curl, CURLOPT_CAINFO, server->ca_file);
		curl_easy_setopt(curl, CURLOPT_CAPATH, NULL);
	}
	if (server->user) {
		curl_easy_setopt(curl, CURLOPT_USERNAME, server->user);
		curl_easy_setopt(curl, CURLOPT_PASSWORD, server->password);
		/*
		 * Inside TLS nothing is gained by more, and curl takes the first of its own order that
		 * the server names: Kerberos without a ticket, a digest of a password that the server
		 * has not in the clear; and does not try another one after that.
		 */
		curl_easy_setopt(curl, CURLOPT_LOGIN_OPTIONS, "AUTH=PLAIN;AUTH=LOGIN");
	}
}

static void set_mail(CURL *curl, struct session *session, struct curl_slist *to)
{
	const struct smtp_mail *mail = session->mail;
	long timeout_ms = (long)(mail->timeout_ms > 0 ? mail->timeout_ms : 1); /* 0 would be for ever */

	curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, timeout_ms);
	/* Curl's connecting ends with the login, which a server may delay: it is not limited by itself. */
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, timeout_ms);
	curl_easy_setopt(curl, CURLOPT_MAIL_FROM, mail->from);
	curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, to);
	curl_easy_setopt(curl, CURLOPT_MAIL_RCPT_ALLLOWFAILS, 1L);
	curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
	curl_easy_setopt(curl, CURLOPT_INFILESIZE_LARGE, (curl_off_t)mail->len);
	curl_easy_setopt(curl, CURLOPT_READFUNCTION, on_read_cb);
	curl_easy_setopt(curl, CURLOPT_READDATA, session);
	curl_easy_setopt(curl, CURLOPT_DEBUGFUNCTION, on_debug_cb);
	curl_easy_setopt(curl, CURLOPT_DEBUGDATA, session);
	curl_easy_setopt(curl, CURLOPT_VERBOSE, 1L);
	curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, on_open_socket_cb);
	curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, session);
	curl_easy_setopt(curl, CURLOPT_CLOSESOCKETFUNCTION, on_close_socket_cb);
	curl_easy_setopt(curl, CURLOPT_CLOSESOCKETDATA, session);
}

/* What curl does not tell, or not in words that help. */
static void tell_error(CURLcode code, const struct trace *trace, char *error)
{
	if (code == CURLE_OK)
		error[0] = '\0';
	else if (code == CURLE_LOGIN_DENIED && trace->stage == TRACE_HELLO)
		(void)snprintf(error, CURL_ERROR_SIZE, "the server offers no login by PLAIN or LOGIN");
	else if (code == CURLE_USE_SSL_FAILED && trace->stage == TRACE_HELLO)
		(void)snprintf(error, CURL_ERROR_SIZE, "the server offers no STARTTLS, and tls is required");
	else if (!error[0])
		(void)snprintf(error, CURL_ERROR_SIZE, "%s", curl_easy_strerror(code));
}

void smtp_send(const struct smtp_server *server, const struct smtp_mail *mail, struct trace *trace, char *error)
{
	struct session session = {.mail = mail, .trace = trace};
	CURL *curl = curl_easy_init();
	struct curl_slist *to = recipient_list(mail);
	CURLcode code = CURLE_OUT_OF_MEMORY;

	error[0] = '\0';
	if (curl && to) {
		set_server(curl, server);
		set_mail(curl, &session, to);
		curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, error);
		code = curl_easy_perform(curl);
		stop_reading(&session); /* QUIT is still to come, with curl_easy_cleanup() */
	}
	tell_error(code, trace, error);
	if (curl)
		curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, NULL);
	curl_slist_free_all(to);
	curl_easy_cleanup(curl);
}
