/* SPDX-License-Identifier: Apache-2.0 */
/*
 * runner.c: see runner.h. The daemon guards the time: a plugin that does not
 * return is killed together with this process, so nothing here times out.
 */
#include "runner.h"

#include "base/clock.h"
#include "base/text.h"
#include "channel.h"
#include "declare.h"
#include "message.h"
#include "model/frames.h"
#include "needs.h"
#include "offspring.h"
#include "options.h"
#include "plugin.h"
#include "sandbox.h"
#include "stale.h"

#include <stdio.h>
#include <string.h>

struct runner {
	struct yw_host host; /* what the plugin sees of us */
	struct channel channel;
	int64_t deadline_ms; /* on the monotonic clock; 0 outside deliver() */
	const struct yw_notifier *plugin;
	struct options *options;
	void *self; /* the plugin's instance */
	struct plan plan;
	struct sandbox_report report; /* what became of the plan */
	struct stale *stale;
};

/* ---- frames to the daemon ---- */

static int send_frame(struct runner *runner, struct json_writer *w, struct err *err)
{
	json_close(w, '}');
	return channel_write(&runner->channel, w->out, err);
}

static void begin_frame(struct json_writer *w, const char *type)
{
	json_open(w, NULL, '{');
	json_put_string(w, "type", type);
}

static int send_opened(struct runner *runner, struct err *err)
{
	OWNED_STRBUF struct strbuf body = {0};
	struct json_writer w = {.out = &body};

	begin_frame(&w, "opened");
	json_put_string(&w, "plugin", runner->plugin->name);
	json_put_string(&w, "version", runner->plugin->version);
	needs_write(runner->plan.needs, &w);
	sandbox_write(runner->report, &w);
	return send_frame(runner, &w, err);
}

static void send_failed(struct runner *runner, const char *text)
{
	OWNED_STRBUF struct strbuf body = {0};
	struct json_writer w = {.out = &body};
	struct err ignored; /* the first error is the one to report */

	begin_frame(&w, "failed");
	json_put_string(&w, "text", text);
	(void)!send_frame(runner, &w, &ignored);
}

/* A plugin may write any number into an enum. */
static enum frame_outcome known_outcome(struct yw_result *result)
{
	switch (result->outcome) {
	case YW_OK:
		return FRAME_OK;
	case YW_RETRY:
		return FRAME_RETRY;
	case YW_REJECT:
		return FRAME_REJECT;
	case YW_DISABLE:
		return FRAME_DISABLE;
	}
	(void)snprintf(result->text, sizeof result->text, "the plugin returned the unknown outcome %d",
		       (int)result->outcome);
	return FRAME_RETRY;
}

/* The plugin's state for its next attempt; "" when it left none, or none that can be kept. */
static const char *known_state(struct yw_result *result)
{
	const char *end = memchr(result->state, '\0', sizeof result->state);

	if (end && text_is_utf8(result->state, (size_t)(end - result->state)))
		return result->state;
	(void)snprintf(result->text, sizeof result->text,
		       "the plugin left a state that is not UTF-8 of less than %d bytes: dropped", YW_RESULT_STATE_MAX);
	return "";
}

static int send_result(struct runner *runner, const char *id, struct yw_result *result, struct err *err)
{
	OWNED_STRBUF struct strbuf body = {0};
	struct json_writer w = {.out = &body};

	enum frame_outcome outcome = known_outcome(result);
	const char *state = known_state(result);
	result->text[sizeof result->text - 1] = '\0';
	begin_frame(&w, "result");
	json_put_string(&w, "id", id);
	json_put_string(&w, "outcome", frame_outcome_name(outcome));
	json_put_int(&w, "retry_after_ms", result->retry_after_ms > 0 ? result->retry_after_ms : 0);
	if (outcome == FRAME_OK && result->again_after_ms > 0)
		json_put_int(&w, "again_after_ms", result->again_after_ms);
	if (*state)
		json_put_string(&w, "state", state);
	json_put_string(&w, "text", result->text);
	return send_frame(runner, &w, err);
}

/* ---- what the plugin may call ---- */

static struct runner *runner_of(const struct yw_host *host)
{
	return CONTAINER_OF(host, struct runner, host);
}

static void host_log(const struct yw_host *host, enum yw_log_level level, const char *line)
{
	static const char *const names[] = {
		[YW_LOG_ERROR] = "error",
		[YW_LOG_WARNING] = "warning",
		[YW_LOG_INFO] = "info",
		[YW_LOG_DEBUG] = "debug",
	};
	OWNED_STRBUF struct strbuf body = {0};
	struct json_writer w = {.out = &body};
	struct err ignored; /* a lost channel shows at the next result */
	char text[YW_RESULT_TEXT_MAX];

	(void)snprintf(text, sizeof text, "%s", line);
	begin_frame(&w, "log");
	json_put_string(&w, "level", (size_t)level < ARRAY_LEN(names) ? names[level] : "info");
	json_put_string(&w, "text", text);
	(void)!send_frame(runner_of(host), &w, &ignored);
}

static int64_t host_deadline_left_ms(const struct yw_host *host)
{
	int64_t left = runner_of(host)->deadline_ms - clock_mono_ms();
	return left > 0 ? left : 0;
}

/* ---- frames from the daemon ---- */

/* 1 with the next frame, which must be of `type`; 0 at the end. raw.h wants an
 * object from the first byte on, and cJSON skips a byte order mark. */
static int next_frame(struct runner *runner, const char *type, cJSON **ret, const char **ret_json, size_t *ret_len,
		      struct err *err)
{
	int rc = channel_read(&runner->channel, ret_json, ret_len, err);
	if (rc <= 0)
		return rc;
	OWNED_JSON cJSON *frame = NULL;
	rc = json_parse(*ret_json, *ret_len, &frame, err);
	if (!rc && **ret_json != '{')
		rc = err_set(err, ERR_BAD, "not an object");
	if (rc)
		return err_prefix(err, "a frame of the daemon");
	const char *got = json_string(frame, "type");
	if (!got || strcmp(got, type) != 0)
		return err_set(err, ERR_BAD, "a frame of the type %.32s, expected %s", got ? got : "?", type);
	*ret = TAKE(frame);
	return 1;
}

/* Before a single line of the plugin runs in this process. */
static int confine(struct runner *runner, const char *path, const cJSON *frame, struct err *err)
{
	OWNED_JSON cJSON *description = NULL;

	int rc = declare_ask(path, &description, err);
	if (!rc)
		rc = plan_make(path, description, frame, &runner->plan, err);
	if (rc)
		return rc;
	runner->stale = stale_new(&runner->plan);
	if (!runner->stale)
		return err_nomem(err);
	runner->report = sandbox_apply(&runner->plan, sandbox_probe());
	return 0;
}

static int open_plugin(struct runner *runner, const char *path, const cJSON *frame, struct err *err)
{
	char error[YW_ERROR_TEXT_MAX] = "";
	const char *notifier = json_string(frame, "notifier");

	if (!notifier)
		return err_set(err, ERR_BAD, "open: no notifier");
	int rc = confine(runner, path, frame, err);
	if (!rc)
		rc = plugin_load(path, &runner->plugin, err);
	if (rc)
		return rc;
	rc = options_new(runner->plugin->options, runner->plugin->n_options, json_member(frame, "options"), notifier,
			 &runner->options, err);
	if (rc)
		return rc;
	runner->self = runner->plugin->open(options_view(runner->options), &runner->host, error);
	error[sizeof error - 1] = '\0';
	if (!runner->self)
		return err_set(err, ERR_BAD, "%s", *error ? error : "the plugin's open() failed and did not say why");
	return 0;
}

/* A rule of the sandbox that is of a file that was replaced since: only a new process has the new one's. */
static int check_files(const struct runner *runner, struct err *err)
{
	const char *path = runner->report.confined & 1u << SANDBOX_FILES ? stale_file(runner->stale) : NULL;

	return path ? err_set(err, ERR_BUSY, "%s was replaced: a new process reads the new one", path) : 0;
}

/* Its program may have missed a file that has no rule. */
static int check_folders(const struct runner *runner, struct err *err)
{
	bool may_miss = runner->report.confined & 1u << SANDBOX_FILES && runner->plan.needs & YW_NEEDS_PROGRAMS;
	const char *path = may_miss ? stale_folder(runner->stale) : NULL;

	return path ? err_set(err, ERR_BUSY, "%s changed: a new process sees what is new in it", path) : 0;
}

static int deliver(struct runner *runner, const cJSON *frame, const char *json, size_t len, struct err *err)
{
	int64_t arrived_ms = clock_mono_ms();
	OWNED_MESSAGE struct message *message = NULL;
	struct yw_result result = {.size = sizeof result, .outcome = YW_RETRY};

	int rc = check_files(runner, err);
	if (!rc)
		rc = message_new(frame, json, len, options_view(runner->options)->notifier, &message, err);
	if (rc)
		return rc;
	runner->deadline_ms = arrived_ms + message_deadline_ms(message);
	runner->plugin->deliver(runner->self, message_view(message), &result);
	runner->deadline_ms = 0;

	offspring_end();
	rc = send_result(runner, message_view(message)->id, &result, err);
	return rc || result.outcome == YW_OK ? rc : check_folders(runner, err);
}

/* 1 to go on, 0 at the end of the stream. */
static int deliver_next(struct runner *runner, struct err *err)
{
	OWNED_JSON cJSON *frame = NULL;
	const char *json;
	size_t len;

	int rc = next_frame(runner, "deliver", &frame, &json, &len, err);
	if (rc <= 0)
		return rc;
	rc = deliver(runner, frame, json, len, err);
	return rc ? rc : 1;
}

static int deliver_all(struct runner *runner, struct err *err)
{
	int rc = send_opened(runner, err);
	if (rc)
		return rc;
	do
		rc = deliver_next(runner, err);
	while (rc > 0);
	return rc;
}

static int serve(struct runner *runner, const char *path, struct err *err)
{
	OWNED_JSON cJSON *frame = NULL; /* the notifier's name lives in it until close() */
	const char *json;
	size_t len;

	int rc = next_frame(runner, "open", &frame, &json, &len, err);
	if (rc <= 0)
		return rc;
	rc = open_plugin(runner, path, frame, err);
	if (!rc)
		rc = deliver_all(runner, err);
	if (runner->self)
		runner->plugin->close(runner->self);
	if (runner->options)
		options_free(runner->options);
	plan_release(&runner->plan);
	stale_free(runner->stale);
	return rc;
}

/* The daemon has understood when it closes its end. Before that our end would look like a crash. */
static void wait_for_the_end(struct runner *runner)
{
	const char *json;
	size_t len;
	struct err ignored;

	while (channel_read(&runner->channel, &json, &len, &ignored) > 0)
		;
}

int runner_run(const char *plugin_path, int fd, struct err *err)
{
	struct runner runner = {
		.host = {.size = sizeof runner.host, .log = host_log, .deadline_left_ms = host_deadline_left_ms},
	};

	int rc = channel_init(&runner.channel, fd, err);
	if (!rc)
		rc = offspring_adopt(err);
	if (rc)
		return rc;
	rc = serve(&runner, plugin_path, err);
	if (rc)
		send_failed(&runner, err->text);
	if (rc == ERR_BUSY)
		wait_for_the_end(&runner);
	channel_release(&runner.channel);
	return rc;
}
