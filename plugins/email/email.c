/* SPDX-License-Identifier: Apache-2.0 */
/*
 * email.c: the plugin "email": each notification is one mail to all recipients.
 * README.md is for users; mail.c makes the mail, smtp.c sends it, verdict.c says
 * what the server's replies mean.
 */
#include "fields.h"
#include "lib/deadline.h"
#include "settings.h"
#include "verdict.h"

#include <stdlib.h>
#include <string.h>

struct email {
	const struct yw_host *host;
	struct settings settings;
	struct verdict verdict;
	const char **open; /* room for the addresses of an attempt */
};

static void email_close(void *self)
{
	struct email *email = self;

	settings_release(&email->settings);
	free(email->verdict.fates);
	free(email->verdict.replies);
	free(email->open);
	free(email);
}

static bool make_room(struct email *email, char *error)
{
	struct verdict *verdict = &email->verdict;
	size_t n = email->settings.frame.n_to;

	*verdict = (struct verdict){.to = email->settings.frame.to,
				    .n = n,
				    .fates = calloc(n, sizeof *verdict->fates),
				    .replies = calloc(n, sizeof *verdict->replies)};
	email->open = calloc(n, sizeof *email->open);
	if (verdict->fates && verdict->replies && email->open)
		return true;
	(void)snprintf(error, YW_ERROR_TEXT_MAX, "out of memory");
	return false;
}

static void *email_open(const struct yw_options *given, const struct yw_host *host, char *error)
{
	struct email *email = calloc(1, sizeof *email);

	if (!email) {
		(void)snprintf(error, YW_ERROR_TEXT_MAX, "out of memory");
		return NULL;
	}
	email->host = host;
	if (settings_read(given, &email->settings, error) && make_room(email, error))
		return email;
	email_close(email);
	return NULL;
}

static size_t list_open(struct email *email)
{
	size_t n = 0;

	for (size_t i = 0; i < email->verdict.n; i++)
		if (email->verdict.fates[i] == VERDICT_OPEN)
			email->open[n++] = email->verdict.to[i].spec;
	return n;
}

static void send_to_open(struct email *email, const char *bytes, size_t len, struct trace *trace, char *error)
{
	int64_t left_ms = email->host->deadline_left_ms(email->host);
	struct smtp_mail mail = {.from = email->settings.frame.from.spec,
				 .to = email->open,
				 .n_to = list_open(email),
				 .bytes = bytes,
				 .len = len,
				 .timeout_ms = left_ms - deadline_reserve_ms(left_ms)};

	*trace = (struct trace){.recipients = email->verdict.replies, .n_recipients = mail.n_to};
	error[0] = '\0';
	if (mail.n_to > 0)
		smtp_send(&email->settings.server, &mail, trace, error);
}

/* A recipient that is refused while others are served shows nowhere else but in the log. */
static void warn_of_refused(const struct email *email, const struct yw_result *result)
{
	for (size_t i = 0; i < email->verdict.n; i++) {
		if (result->outcome == YW_OK && email->verdict.fates[i] == VERDICT_REFUSED) {
			email->host->log(email->host, YW_LOG_WARNING, result->text);
			return;
		}
	}
}

static void email_deliver(void *self, const struct yw_message *message, struct yw_result *result)
{
	struct email *email = self;
	struct trace trace;
	char error[CURL_ERROR_SIZE];
	size_t len = 0;
	char *bytes = mail_render(message, &email->settings.frame, &len);

	if (!bytes) {
		(void)snprintf(result->text, sizeof result->text, "out of memory");
		return;
	}
	verdict_begin(&email->verdict, FIELD_TEXT(message, state));
	send_to_open(email, bytes, len, &trace, error);
	verdict_end(&email->verdict, &trace, error, result);
	warn_of_refused(email, result);
	free(bytes);
}

const struct yw_notifier yankwatch_notifier = {
	.abi_version = YANKWATCH_NOTIFIER_ABI,
	.size = sizeof yankwatch_notifier,
	.name = "email",
	.version = YANKWATCH_VERSION,
	.summary = "sends mails by SMTP",
	.options = settings_options,
	.n_options = SETTINGS_OPTIONS,
	.open = email_open,
	.deliver = email_deliver,
	.close = email_close,
	.needs = YW_NEEDS_NETWORK,
};
