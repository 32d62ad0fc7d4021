/* SPDX-License-Identifier: Apache-2.0 */
/* api.c: libmicrohttpd on the UNIX socket; requests go to routes.c. See api.h. */
#include "api/api.h"

#include "api/listen.h"
#include "api/peer.h"
#include "api/request.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/numbers.h"

#include <microhttpd.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* One open connection; kept as libmicrohttpd's socket context. */
struct client {
	struct peer peer;
	bool known;    /* the kernel told who it is */
	bool too_many; /* its user has too many already */
	struct client *next, **link;
};

struct api {
	struct api_backend backend;
	struct readers *readers;
	struct places places;
	struct streams streams;
	struct news *news; /* borrowed */
	struct MHD_Daemon *http;
	char *socket_path;
	int64_t started_ms;
	atomic_bool stopping;
	pthread_mutex_t lock;        /* of the rest */
	const struct config *config; /* in force; a reference */
	struct client *clients;
};

/* ---- connections ---- */

static size_t count_alike(const struct api *api, const struct peer *peer)
{
	size_t count = 0;

	for (const struct client *client = api->clients; client; client = client->next)
		count += client->peer.uid == peer->uid && client->peer.is_plugins == peer->is_plugins;
	return count;
}

static void client_opened(struct api *api, struct MHD_Connection *connection, void **context)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	struct client *client = calloc(1, sizeof *client);
	struct err err;

	*context = client;
	if (!client)
		return;
	if (!info || peer_read(info->connect_fd, &client->peer, &err))
		return;
	pthread_mutex_lock(&api->lock);
	client->known = true;
	client->too_many = count_alike(api, &client->peer) >=
			   (client->peer.is_plugins ? API_CONNECTIONS_OF_PLUGINS : API_CONNECTIONS_PER_USER);
	client->next = api->clients;
	if (client->next)
		client->next->link = &client->next;
	client->link = &api->clients;
	api->clients = client;
	pthread_mutex_unlock(&api->lock);
	if (client->too_many)
		(void)shutdown(info->connect_fd, SHUT_RDWR); /* it must not keep a place that others need */
}

static void client_closed(struct api *api, void **context)
{
	struct client *client = *context;

	*context = NULL;
	if (!client)
		return;
	pthread_mutex_lock(&api->lock);
	if (client->link) {
		*client->link = client->next;
		if (client->next)
			client->next->link = client->link;
	}
	pthread_mutex_unlock(&api->lock);
	peer_release(&client->peer);
	free(client);
}

static void connection_cb(void *cls, struct MHD_Connection *connection, void **context,
			  enum MHD_ConnectionNotificationCode code)
{
	if (code == MHD_CONNECTION_NOTIFY_STARTED)
		client_opened(cls, connection, context);
	else
		client_closed(cls, context);
}

static const struct client *client_of(struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
	return info ? info->socket_context : NULL;
}

/* ---- requests ---- */

static const char *argument(const struct request *request, const char *name)
{
	return MHD_lookup_connection_value(request->connection, MHD_GET_ARGUMENT_KIND, name);
}

static const char *header(const struct request *request, const char *name)
{
	return MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND, name);
}

struct other_search {
	const char *words;
	const char *found;
};

static enum MHD_Result look_at_argument(void *cls, enum MHD_ValueKind kind, const char *name, const char *value)
{
	struct other_search *search = cls;
	(void)kind;
	(void)value;

	if (!word_is_listed(search->words, name))
		search->found = name;
	return search->found ? MHD_NO : MHD_YES;
}

static const char *other_argument(const struct request *request, const char *words)
{
	struct other_search search = {.words = words};

	(void)MHD_get_connection_values(request->connection, MHD_GET_ARGUMENT_KIND, look_at_argument, &search);
	return search.found;
}

static void request_free(struct request *request)
{
	config_unref(request->config);
	request_drop_body(request);
	if (request->stream)
		stream_end(request->stream);
	strbuf_release(&request->answer);
	free(request->path_copy);
	free(request);
}

static struct request *request_new(struct api *api, struct MHD_Connection *connection, const struct client *client,
				   const char *method)
{
	struct request *request = calloc(1, sizeof *request);

	if (!request)
		return NULL;
	request->connection = connection;
	request->fd = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
	pthread_mutex_lock(&api->lock);
	request->config = config_ref(api->config);
	pthread_mutex_unlock(&api->lock);
	request->uid = client->peer.uid;
	request->may_change = peer_is_admin(&client->peer, geteuid(), request->config->admin_group);
	request->backend = &api->backend;
	request->readers = api->readers;
	request->places = &api->places;
	request->streams = &api->streams;
	request->news = api->news;
	request->stopping = &api->stopping;
	request->started_ms = api->started_ms;
	request->method = method;
	request->argument = argument;
	request->other_argument = other_argument;
	request->header = header;
	request->body.limit = API_BODY_MAX;
	return request;
}

static ssize_t stream_cb(void *cls, uint64_t position, char *buf, size_t max)
{
	(void)position;

	ssize_t len = stream_read(cls, buf, max);
	return len < 0 ? MHD_CONTENT_READER_END_WITH_ERROR : len ? len : MHD_CONTENT_READER_END_OF_STREAM;
}

static struct MHD_Response *whole_answer(struct request *request)
{
	size_t len = request->answer.len;
	char *bytes = strbuf_take(&request->answer);
	struct MHD_Response *response =
		bytes ? MHD_create_response_from_buffer(len, bytes, MHD_RESPMEM_MUST_FREE) : NULL;

	if (!response)
		free(bytes);
	return response;
}

static struct MHD_Response *stream_answer(struct stream *stream)
{
	uint64_t size = stream->size ? stream->size : MHD_SIZE_UNKNOWN;

	return MHD_create_response_from_callback(size, API_MEMORY, stream_cb, stream, NULL);
}

static enum MHD_Result send_answer(struct request *request)
{
	bool is_stream = request->stream && request->status == 200;
	struct MHD_Response *response = is_stream ? stream_answer(request->stream) : whole_answer(request);
	enum MHD_Result result;

	if (!response)
		return MHD_NO;
	if (request->content_type)
		(void)MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, request->content_type);
	result = MHD_queue_response(request->connection, (unsigned)request->status, response);
	MHD_destroy_response(response);
	return result;
}

/* The headers are there: who must not ask is refused before the body is taken in. */
static void admit(struct request *request, const struct client *client)
{
	if (!client->known)
		request_problem(request, 403, "the kernel does not say who you are", NULL, 0);
	else if (client->peer.is_plugins)
		request_problem(request, 403, "plugins, and the programs that they run, have no access to this socket",
				NULL, 0);
	else if (client->too_many)
		request_problem(request, 429, "your user has 16 connections open already", NULL, 0);
	else
		request_find_row(request);
}

static enum MHD_Result begin_request(struct api *api, struct MHD_Connection *connection, const struct client *client,
				     const char *method, const char *url, void **context)
{
	struct request *request = request_new(api, connection, client, method);

	*context = request;
	if (!request)
		return MHD_NO;
	request->path = url;
	admit(request, client);
	/* Who waits for a word before the body is sent gets it; a body that others send is dropped as it comes. */
	if (request->status && MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_EXPECT))
		return send_answer(request);
	return MHD_YES;
}

static enum MHD_Result request_cb(void *cls, struct MHD_Connection *connection, const char *url, const char *method,
				  const char *version, const char *body, size_t *body_len, void **context)
{
	const struct client *client = client_of(connection);
	struct request *request = *context;
	(void)version;

	if (!client)
		return MHD_NO;
	if (!request) /* the headers are there, the body is not */
		return begin_request(cls, connection, client, method, url, context);
	if (*body_len) {
		request_take_in(request, body, *body_len);
		*body_len = 0;
		return MHD_YES;
	}
	if (!request->status)
		request_dispatch(request);
	return send_answer(request);
}

static void completed_cb(void *cls, struct MHD_Connection *connection, void **context,
			 enum MHD_RequestTerminationCode code)
{
	(void)cls;
	(void)connection;
	(void)code;

	if (*context)
		request_free(*context);
	*context = NULL;
}

/* ---- life ---- */

/* "%2F" becomes "/", as libmicrohttpd does it by itself; but a NUL stays as it is written, for it would end a name
 * where nobody sees it. */
static size_t unescape_cb(void *cls, struct MHD_Connection *connection, char *text)
{
	char *to = text;
	(void)cls;
	(void)connection;

	for (const char *p = text; *p;) {
		const char digits[3] = {p[1], (char)(p[1] ? p[2] : '\0')};
		char byte = '\0';
		bool encoded = *p == '%' && hex_decode(digits, 1, &byte) && byte;
		*to++ = (char)(encoded ? byte : *p);
		p += encoded ? 3 : 1;
	}
	*to = '\0';
	return (size_t)(to - text);
}

static int start_http(struct api *api, int fd, struct err *err)
{
	unsigned flags = MHD_USE_THREAD_PER_CONNECTION | MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_POLL | MHD_USE_ITC;

	api->http = MHD_start_daemon(
		flags, 0, NULL, NULL, request_cb, api, MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_CONNECTION_LIMIT,
		(unsigned)API_CONNECTIONS_MAX, MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)API_IDLE_S,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)API_MEMORY, MHD_OPTION_NOTIFY_CONNECTION, connection_cb,
		api, MHD_OPTION_NOTIFY_COMPLETED, completed_cb, api, MHD_OPTION_UNESCAPE_CALLBACK, unescape_cb, NULL,
		MHD_OPTION_END);
	return api->http ? 0 : err_set(err, ERR_IO, "%s: cannot serve it", api->socket_path);
}

int api_serve(struct api *api, const struct config *config, struct err *err)
{
	int fd = -1;

	int rc = listen_unix(config, &fd, err);
	if (rc)
		return rc;
	api->socket_path = strdup(config->socket_path);
	rc = api->socket_path ? start_http(api, fd, err) : err_nomem(err);
	if (rc)
		(void)close(fd);
	return rc;
}

int api_new(const struct config *config, const char *database, const struct api_backend *backend, struct news *news,
	    struct api **ret, struct err *err)
{
	struct api *api = calloc(1, sizeof *api);

	if (!api)
		return err_nomem(err);
	pthread_mutex_init(&api->lock, NULL);
	api->backend = *backend;
	api->started_ms = clock_wall_ms();
	api->news = news;
	places_init(&api->places);
	streams_init(&api->streams);
	atomic_init(&api->stopping, false);
	api_configure(api, config);
	int rc = readers_open(database, &api->readers, err);
	if (rc) {
		api_free(api);
		return rc;
	}
	*ret = api;
	return 0;
}

void api_configure(struct api *api, const struct config *config)
{
	pthread_mutex_lock(&api->lock);
	const struct config *before = api->config;
	api->config = config_ref(config);
	pthread_mutex_unlock(&api->lock);
	config_unref(before);
}

const atomic_bool *api_stopping(const struct api *api)
{
	return &api->stopping;
}

void api_free(struct api *api)
{
	if (!api)
		return;
	atomic_store(&api->stopping, true);
	news_tell(api->news); /* who waits for an event sees that it is over */
	if (api->http)
		MHD_stop_daemon(api->http);
	if (api->socket_path)
		(void)unlink(api->socket_path);
	readers_close(api->readers);
	places_release(&api->places);
	streams_release(&api->streams);
	config_unref(api->config);
	pthread_mutex_destroy(&api->lock);
	free(api->socket_path);
	free(api);
}
