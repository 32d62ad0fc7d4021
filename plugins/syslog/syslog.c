/* SPDX-License-Identifier: Apache-2.0 */
/*
 * syslog.c: the plugin "syslog": each event is one record for a syslog receiver.
 * README.md is for users; record.c, cef.c and text.c say what is in a record, wire.c
 * and tls.c bring it there.
 */
#include "lib/deadline.h"
#include "lib/options.h"
#include "record.h"
#include "target.h"
#include "wire.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define HOSTNAME_MAX 64

struct syslog {
	const struct yw_host *host;
	struct target target;
	struct record_style style;
	char hostname[HOSTNAME_MAX + 1];
	struct tls_client *client; /* NULL: not TLS */
};

static const struct yw_option options[] = {
	{"to", YW_OPTION_STRING, 0, "unix:///dev/log",
	 "unix:///PATH, udp://HOST, tcp://HOST or tls://HOST, a host with :PORT if need be"},
	{"format", YW_OPTION_STRING, 0, "rfc5424", "rfc5424, or cef"},
	{"facility", YW_OPTION_STRING, 0, "daemon", "user, daemon, auth, authpriv, local0 to local7"},
	{"ca_file", YW_OPTION_PATH, 0, NULL, "tls: PEM certificates to trust instead of the system's"},
	{"cert_file", YW_OPTION_PATH, 0, NULL, "tls: our own certificate, PEM, with those between it and the root"},
	{"key", YW_OPTION_STRING, YW_OPTION_SECRET, NULL, "tls: the key of cert_file, PEM"},
};

static void syslog_close(void *self)
{
	struct syslog *syslog = self;

	tls_client_free(syslog->client);
	free(syslog);
}

/* ---- open ---- */

static const char *set_style(struct syslog *syslog, const struct yw_options *given)
{
	const char *format = option_text(given, "format");

	syslog->style.cef = strcmp(format, "cef") == 0;
	if (!syslog->style.cef && strcmp(format, "rfc5424") != 0)
		return "format: must be rfc5424 or cef";
	syslog->style.facility = record_facility(option_text(given, "facility"));
	if (syslog->style.facility < 0)
		return "facility: must be user, daemon, auth, authpriv or local0 to local7";
	if (gethostname(syslog->hostname, sizeof syslog->hostname - 1) != 0 || !syslog->hostname[0])
		(void)snprintf(syslog->hostname, sizeof syslog->hostname, "-");
	syslog->style.hostname = syslog->hostname;
	syslog->style.local = syslog->target.kind == TARGET_UNIX;
	syslog->style.max = syslog->target.kind == TARGET_UDP ? RECORD_UDP_MAX : RECORD_STREAM_MAX;
	return NULL;
}

static bool set_tls(struct syslog *syslog, const struct yw_options *given, char *error)
{
	char fault[TLS_ERROR_MAX] = "ca_file, cert_file and key_file are of use with tls:// alone";
	const char *ca_file = option_text(given, "ca_file");
	const char *cert_file = option_text(given, "cert_file");
	const char *key = option_text(given, "key");

	if (syslog->target.kind != TARGET_TLS && !ca_file && !cert_file && !key)
		return true;
	if (syslog->target.kind == TARGET_TLS)
		syslog->client = tls_client_new(ca_file, cert_file, key, fault);
	if (!syslog->client)
		(void)snprintf(error, YW_ERROR_TEXT_MAX, "%s", fault);
	return syslog->client;
}

static bool syslog_set(struct syslog *syslog, const struct yw_options *given, char *error)
{
	const char *fault = target_parse(option_text(given, "to"), &syslog->target);

	if (!fault)
		fault = set_style(syslog, given);
	if (fault)
		(void)snprintf(error, YW_ERROR_TEXT_MAX, "%s", fault);
	return !fault && set_tls(syslog, given, error);
}

static void *syslog_open(const struct yw_options *given, const struct yw_host *host, char *error)
{
	struct syslog *syslog = calloc(1, sizeof *syslog);

	if (!syslog) {
		(void)snprintf(error, YW_ERROR_TEXT_MAX, "out of memory");
		return NULL;
	}
	syslog->host = host;
	if (syslog_set(syslog, given, error))
		return syslog;
	syslog_close(syslog);
	return NULL;
}

/* ---- deliver ---- */

static bool send_record(const struct syslog *syslog, struct wire *wire, const struct yw_message *message,
			const struct yw_event *event)
{
	size_t len = 0;
	char *record = record_make(&syslog->style, message, event, time(NULL), &len);
	bool sent = record && wire_send(wire, record, len);

	if (!record)
		(void)snprintf(wire->error, sizeof wire->error, "out of memory");
	free(record);
	return sent;
}

/* What is not of events alone has a record as a whole, before those of its events. */
static bool send_records(const struct syslog *syslog, struct wire *wire, const struct yw_message *message,
			 size_t *ret_sent)
{
	size_t sent = 0;

	if (message->kind != YW_MESSAGE_EVENTS || message->n_events == 0) {
		if (!send_record(syslog, wire, message, NULL))
			return false;
		sent++;
	}
	for (size_t i = 0; i < message->n_events; i++, sent++)
		if (!send_record(syslog, wire, message, message->events[i]))
			return false;
	*ret_sent = sent;
	return true;
}

static void syslog_deliver(void *self, const struct yw_message *message, struct yw_result *result)
{
	const struct syslog *syslog = self;
	int64_t left_ms = syslog->host->deadline_left_ms(syslog->host);
	struct wire wire;
	size_t sent = 0;
	bool read = false;

	bool done = wire_open(&wire, &syslog->target, syslog->client, left_ms - deadline_reserve_ms(left_ms)) &&
		    send_records(syslog, &wire, message, &sent) && wire_finish(&wire, &read);
	wire_close(&wire);
	result->outcome = done ? YW_OK : YW_RETRY;
	if (done)
		(void)snprintf(result->text, sizeof result->text, "%zu record%s sent%s", sent, sent == 1 ? "" : "s",
			       read ? ", and read to their end" : "");
	else
		(void)snprintf(result->text, sizeof result->text, "%.*s", (int)sizeof wire.error - 1, wire.error);
}

const struct yw_notifier yankwatch_notifier = {
	.abi_version = YANKWATCH_NOTIFIER_ABI,
	.size = sizeof yankwatch_notifier,
	.name = "syslog",
	.version = YANKWATCH_VERSION,
	.summary = "sends a record for each event to a syslog receiver",
	.options = options,
	.n_options = sizeof options / sizeof options[0],
	.open = syslog_open,
	.deliver = syslog_deliver,
	.close = syslog_close,
	.needs = YW_NEEDS_NETWORK | YW_NEEDS_LOCAL_SOCKETS,
};
