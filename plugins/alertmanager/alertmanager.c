/* SPDX-License-Identifier: Apache-2.0 */
/*
 * alertmanager.c: the plugin "alertmanager": events as alerts of a Prometheus
 * Alertmanager. README.md is for users; alerts.c makes the body.
 *
 * Alertmanager keeps alerts in memory alone, so what stands is told again every
 * `repeat`, until `keep` has passed since it was told first: `state` remembers
 * that end. The repeat that finds an event taken back ends its alert.
 */
#include "alerts.h"
#include "lib/answer.h"
#include "lib/deadline.h"
#include "lib/http_options.h"
#include "lib/options.h"
#include "span.h"

#include <stdlib.h>
#include <string.h>

#define PATH "/api/v2/alerts"
#define NOTE_S 900 /* how long the alert of a heartbeat or a test stands */

struct alertmanager {
	const struct yw_host *host;
	struct http_request request; /* what all requests have in common; the host's, until close() */
	char *url;
	const char *link;
	int64_t repeat_s, keep_s;
};

static const struct yw_option options[] = {
	HTTP_OPTION_URL,
	{"repeat", YW_OPTION_STRING, 0, "5m",
	 "how often what stands is told again, since a restart forgets it: 10s to 1h"},
	{"keep", YW_OPTION_STRING, 0, "1d", "how long an alert stands when nothing ends it: 1m to 365d"},
	{"link", YW_OPTION_URL, 0, NULL, "a page of yours that the alerts lead to (generatorURL)"},
	HTTP_OPTION_PROXY,
	HTTP_OPTION_CA_FILE,
};

static void alertmanager_close(void *self)
{
	struct alertmanager *am = self;

	free(am->url);
	free(am);
}

/* ---- open ---- */

static bool read_span(const struct yw_options *given, const char *name, int64_t min_s, int64_t max_s, int64_t *ret)
{
	*ret = span_parse(option_text(given, name));
	return *ret >= min_s && *ret <= max_s;
}

static const char *alertmanager_set(struct alertmanager *am, const struct yw_options *given)
{
	const char *fault = http_options_read(given, &am->request);

	if (fault)
		return fault;
	if (strchr(am->request.url, '?'))
		return "url: must be the server's, " PATH " is added to it";
	if (!read_span(given, "repeat", 10, 3600, &am->repeat_s))
		return "repeat: must be 10s to 1h, like 5m";
	if (!read_span(given, "keep", 60, INT64_C(365) * 86400, &am->keep_s))
		return "keep: must be 1m to 365d, like 12h";
	am->link = option_text(given, "link");
	size_t len = strlen(am->request.url);
	while (len > 0 && am->request.url[len - 1] == '/')
		len--;
	return asprintf(&am->url, "%.*s" PATH, (int)len, am->request.url) < 0 ? "out of memory" : NULL;
}

static void *alertmanager_open(const struct yw_options *given, const struct yw_host *host, char *error)
{
	struct alertmanager *am = calloc(1, sizeof *am);
	const char *fault = am ? alertmanager_set(am, given) : "out of memory";

	if (fault) {
		(void)snprintf(error, YW_ERROR_TEXT_MAX, "%s", fault);
		free(am);
		return NULL;
	}
	am->host = host;
	return am;
}

/* ---- deliver ---- */

static void post(const struct alertmanager *am, const char *body, struct http_answer *ret)
{
	static const char *const headers[] = {"Content-Type: application/json", NULL};
	int64_t left_ms = am->host->deadline_left_ms(am->host);
	struct http_request request = am->request;

	request.url = am->url;
	request.headers = headers;
	request.body = body;
	request.body_len = strlen(body);
	request.timeout_ms = left_ms - deadline_reserve_ms(left_ms);
	http_post(&request, ret);
}

static int64_t smaller(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* When the alerts end: as it was settled when they were told first, or from now on. */
static time_t end_of(const struct alertmanager *am, const struct yw_message *message, time_t now, bool *ret_repeat)
{
	bool is_note = message->kind == YW_MESSAGE_HEARTBEAT || message->kind == YW_MESSAGE_TEST;
	time_t until;

	*ret_repeat = message->state && span_parse_time(message->state, &until);
	return *ret_repeat ? until : now + (is_note ? NOTE_S : am->keep_s);
}

/*
 * After the answer. A repeat that fails is no delivery that failed: it was told
 * once, so it is tried again at the next repeat and never a dead letter.
 */
static void plan_repeat(const struct alertmanager *am, const struct alerts *alerts, bool is_repeat, time_t left_s,
			struct yw_result *result)
{
	bool failed = result->outcome != YW_OK;

	if (failed && is_repeat) {
		am->host->log(am->host, YW_LOG_WARNING, result->text);
		result->outcome = YW_OK;
	}
	if (result->outcome == YW_OK && left_s > 0 && (alerts->standing > 0 || failed))
		result->again_after_ms = 1000 * smaller(am->repeat_s, left_s);
}

static void send_alerts(const struct alertmanager *am, const struct yw_message *message, time_t now,
			struct yw_result *result)
{
	char until_text[SPAN_TIME_MAX];
	struct http_answer answer;
	struct alerts alerts;
	bool is_repeat;
	time_t until = end_of(am, message, now, &is_repeat);

	if (!alerts_make(message, span_format(until, until_text), am->link, &alerts)) {
		(void)snprintf(result->text, sizeof result->text, "out of memory");
	} else if (alerts.n == 0) {
		result->outcome = YW_OK;
		(void)snprintf(result->text, sizeof result->text, "nothing to send: none of these events is an alert");
	} else {
		post(am, alerts.body, &answer);
		answer_fill(&answer, answer_rule(&answer, answer_rules), result);
		plan_repeat(am, &alerts, is_repeat, until - now, result);
	}
	if (result->again_after_ms > 0 || is_repeat)
		(void)snprintf(result->state, sizeof result->state, "%s", until_text);
	free(alerts.body);
}

static void alertmanager_deliver(void *self, const struct yw_message *message, struct yw_result *result)
{
	send_alerts(self, message, time(NULL), result);
}

const struct yw_notifier yankwatch_notifier = {
	.abi_version = YANKWATCH_NOTIFIER_ABI,
	.size = sizeof yankwatch_notifier,
	.name = "alertmanager",
	.version = YANKWATCH_VERSION,
	.summary = "raises alerts in a Prometheus Alertmanager and ends them",
	.options = options,
	.n_options = sizeof options / sizeof options[0],
	.open = alertmanager_open,
	.deliver = alertmanager_deliver,
	.close = alertmanager_close,
	.needs = YW_NEEDS_NETWORK,
};
