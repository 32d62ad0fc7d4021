/* SPDX-License-Identifier: Apache-2.0 */
/* settings.c: see settings.h. */
#include "settings.h"

#include "fields.h"
#include "lib/options.h"
#include "verdict.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <unistd.h>

#define HOST_NAME_MAX_BYTES 254

const struct yw_option settings_options[SETTINGS_OPTIONS] = {
	{"smtp", YW_OPTION_STRING, YW_OPTION_REQUIRED, NULL,
	 "the server: smtp://HOST[:PORT] (STARTTLS, port 25) or smtps://HOST[:PORT] (TLS at once, port 465)"},
	{"from", YW_OPTION_STRING, YW_OPTION_REQUIRED, NULL, "the sender: NAME@DOMAIN or Words <NAME@DOMAIN>"},
	{"to", YW_OPTION_LIST, YW_OPTION_REQUIRED, NULL, "the recipients, each as from; at most 100"},
	{"user", YW_OPTION_STRING, 0, NULL, "who logs in at the server; needs password_file"},
	{"password", YW_OPTION_STRING, YW_OPTION_SECRET, NULL, "of the user"},
	{"tls", YW_OPTION_STRING, 0, "required",
	 "required, or none: a mail is sent in the clear, for a relay on this machine"},
	{"ca_file", YW_OPTION_PATH, 0, NULL, "PEM certificates to trust instead of the system's"},
	{"helo", YW_OPTION_STRING, 0, NULL, "the name that this machine gives itself; default: its host name"},
};

__attribute__((format(printf, 2, 3))) static bool fail(char *error, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	(void)vsnprintf(error, YW_ERROR_TEXT_MAX, format, args);
	va_end(args);
	return false;
}

/* ---- addresses ---- */

static bool same_as_before(const struct address *to, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcasecmp(to[i].spec, to[n].spec) == 0)
			return true;
	return false;
}

/* `state_len`: what all of them take in a result's state. */
static bool read_recipient(const char *text, struct address *to, size_t n, size_t *state_len, char *error)
{
	const char *fault = address_parse(text, &to[n]);

	if (fault)
		return fail(error, "to: recipient %zu: %s", n + 1, fault);
	if (same_as_before(to, n))
		return fail(error, "to: %s stands there twice", to[n].spec);
	*state_len += strlen(to[n].spec) + VERDICT_STATE_EXTRA;
	if (*state_len > YW_RESULT_STATE_MAX)
		return fail(error, "to: the addresses are too long together: use a list address of the mail server");
	return true;
}

static bool read_recipients(const struct yw_value *list, struct mail_frame *frame, char *error)
{
	size_t n = list ? list->n_items : 0;
	size_t state_len = 0;

	if (n == 0 || n > SETTINGS_RECIPIENTS_MAX)
		return fail(error, "to: %zu recipients, allowed are 1 to %d", n, SETTINGS_RECIPIENTS_MAX);
	struct address *to = calloc(n, sizeof *to);
	if (!to)
		return fail(error, "out of memory");
	frame->to = to;
	for (; frame->n_to < n; frame->n_to++)
		if (!read_recipient(list->items[frame->n_to], to, frame->n_to, &state_len, error))
			return false;
	return true;
}

/* ---- the server ---- */

/* "smtp[s]://HOST[:PORT]" and nothing else: what curl would take of a URL besides stands in other options. */
static const char *url_fault(CURLU *url, const char *text)
{
	static const CURLUPart others[] = {CURLUPART_USER, CURLUPART_PASSWORD, CURLUPART_OPTIONS, CURLUPART_QUERY,
					   CURLUPART_FRAGMENT};
	char *part;

	if (strncmp(text, "smtp://", 7) != 0 && strncmp(text, "smtps://", 8) != 0)
		return "it begins with smtp:// or smtps://";
	if (curl_url_set(url, CURLUPART_URL, text, CURLU_NON_SUPPORT_SCHEME))
		return "it is no URL smtp[s]://HOST[:PORT]";
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
		if (curl_url_get(url, others[i], &part, 0) == CURLUE_OK) {
			curl_free(part);
			return "smtp[s]://HOST[:PORT] and nothing more: user, password_file and helo are options";
		}
	}
	if (curl_url_get(url, CURLUPART_PATH, &part, 0))
		return "out of memory";
	bool has_path = strcmp(part, "/") != 0;
	curl_free(part);
	return has_path ? "smtp[s]://HOST[:PORT] without a path: the name for EHLO is the option helo" : NULL;
}

/* curl takes the name for EHLO from the URL's path. */
static bool read_server(const char *text, const char *helo, struct smtp_server *server, char *error)
{
	CURLU *url = curl_url();
	char path[HOST_NAME_MAX_BYTES + 2], *whole = NULL;
	const char *fault = url ? url_fault(url, text) : "out of memory";

	(void)snprintf(path, sizeof path, "/%s", helo);
	if (!fault && (curl_url_set(url, CURLUPART_PATH, path, 0) || curl_url_get(url, CURLUPART_URL, &whole, 0)))
		fault = "out of memory";
	curl_url_cleanup(url);
	server->url = whole;
	return !fault || fail(error, "smtp: %s", fault);
}

/* The machine's name as far as it is one; a server that wants a full one says so, and is given `helo`. */
static const char *default_helo(char buf[static HOST_NAME_MAX_BYTES])
{
	if (gethostname(buf, HOST_NAME_MAX_BYTES - 1) != 0)
		buf[0] = '\0';
	buf[HOST_NAME_MAX_BYTES - 1] = '\0';
	return address_domain_fault(buf, strlen(buf)) ? "localhost" : buf;
}

static bool read_helo(const struct yw_options *given, char buf[static HOST_NAME_MAX_BYTES], const char **ret,
		      char *error)
{
	*ret = option_text(given, "helo");
	if (!*ret)
		*ret = default_helo(buf);
	else if (address_domain_fault(*ret, strlen(*ret)))
		return fail(error, "helo: it must be a host name: mail.example.com");
	return true;
}

static bool read_tls(const struct yw_options *given, struct smtp_server *server, char *error)
{
	const char *tls = fields_text(option_text(given, "tls"));

	server->tls = strcmp(tls, "required") == 0;
	if (!server->tls && strcmp(tls, "none") != 0)
		return fail(error, "tls: it must be required or none");
	if (!server->tls && strncmp(fields_text(option_text(given, "smtp")), "smtps:", 6) == 0)
		return fail(error, "tls: none contradicts smtps://");
	if (!server->tls && server->user)
		return fail(error, "user: with tls: none the password would be sent in the clear");
	return true;
}

static bool has_control(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			return true;
	return false;
}

static bool read_login(const struct yw_options *given, struct smtp_server *server, char *error)
{
	server->user = option_text(given, "user");
	server->password = option_text(given, "password");
	if (!server->user != !server->password)
		return fail(error, server->user ? "user: password_file is missing" : "password_file: user is missing");
	if (server->user && (!*server->user || has_control(server->user)))
		return fail(error, "user: it is empty or holds a control byte");
	if (server->password && (!*server->password || has_control(server->password)))
		return fail(error, "password_file: it is empty or holds a control byte; it is one line");
	server->ca_file = option_text(given, "ca_file");
	if (server->ca_file && access(server->ca_file, R_OK) != 0)
		return fail(error, "ca_file: it cannot be read");
	return true;
}

/* ---- all of it ---- */

static bool read_all(const struct yw_options *given, struct settings *ret, char *error)
{
	char host_name[HOST_NAME_MAX_BYTES];
	const char *helo = NULL;
	const char *fault = address_parse(fields_text(option_text(given, "from")), &ret->frame.from);

	ret->frame.notifier = given->notifier;
	if (fault)
		return fail(error, "from: %s", fault);
	return read_recipients(option_value(given, "to"), &ret->frame, error) &&
	       read_helo(given, host_name, &helo, error) &&
	       read_server(fields_text(option_text(given, "smtp")), helo, &ret->server, error) &&
	       read_login(given, &ret->server, error) && read_tls(given, &ret->server, error);
}

bool settings_read(const struct yw_options *given, struct settings *ret, char *error)
{
	*ret = (struct settings){0};
	bool done = read_all(given, ret, error);
	if (!done)
		settings_release(ret);
	return done;
}

void settings_release(struct settings *settings)
{
	curl_free((char *)settings->server.url);
	free((struct address *)settings->frame.to);
	*settings = (struct settings){0};
}
