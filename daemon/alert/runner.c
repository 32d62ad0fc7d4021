/* SPDX-License-Identifier: Apache-2.0 */
/* runner.c: see runner.h. Stages are changed by runner_move() alone. */
#include "alert/runner.h"

#include "alert/frame_stream.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "base/numbers.h"
#include "base/process.h"
#include "base/text.h"
#include "model/frames.h"
#include "model/pace.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct runner {
	struct loop *loop;
	struct runner_sink sink;
	char *program;
	char *name;
	char *plugin_path;
	char *options_json;
	char *hidden_json;
	int64_t timeout_ms;

	enum runner_stage stage;
	bool wanted; /* false: it is not to be started again */
	struct process process;
	struct frame_stream stream; /* the process's, while it is open */
	struct loop_timer timer;    /* deadline while opening or busy, pause while stopped */
	unsigned faults;            /* in a row */
	int64_t restarts;
	struct delivery_result result; /* of the notification it is busy with, as far as it is known */
	int64_t busy_since_ms;         /* monotonic clock */
	char id[NOTIFICATION_ID_MAX];
	char plugin[64]; /* what it calls itself; "" until it was opened */
	struct confinement confinement;
};

static void runner_start(struct runner *runner);

static void runner_move(struct runner *runner, enum runner_stage stage)
{
	runner->stage = stage;
}

/* ---- ending ---- */

static void close_channel(struct runner *runner)
{
	frame_stream_close(&runner->stream);
	process_close(&runner->process);
}

static void pause_before_start(struct runner *runner)
{
	runner_move(runner, RUNNER_STOPPED);
	if (runner->wanted)
		loop_timer_set(&runner->timer, pace_backoff_ms(runner->faults, RUNNER_PAUSE_FIRST_MS,
							       RUNNER_PAUSE_MAX_MS, randombytes_random()));
}

/* What the plugin left for the next attempt stays: the receiver may know of this one. */
static void end_delivery(struct runner *runner, enum frame_outcome outcome, const char *text)
{
	runner->result.outcome = outcome;
	runner->result.duration_ms = clock_mono_ms() - runner->busy_since_ms;
	(void)snprintf(runner->result.text, sizeof runner->result.text, "%s", text);
	runner->sink.result(runner->sink.ctx, &runner->result);
}

/* The process is of no use any more; tells what became of the delivery first. */
static void runner_fail(struct runner *runner, const struct err *why)
{
	bool was_busy = runner->stage == RUNNER_BUSY;

	if (runner->stage == RUNNER_STOPPED || runner->stage == RUNNER_ENDING)
		return;
	runner->faults++;
	loop_timer_clear(&runner->timer);
	close_channel(runner);
	if (runner->process.pid) {
		process_kill(&runner->process);
		runner_move(runner, RUNNER_ENDING);
	} else {
		pause_before_start(runner);
	}
	log_warning("notifier %s: %s; it is started again", runner->name, why->text);
	runner->sink.fault(runner->sink.ctx, why);
	if (was_busy)
		end_delivery(runner, FRAME_RETRY, why->text);
}

void runner_reap(struct runner *runner)
{
	struct err how;

	if (!process_reap(&runner->process, &how))
		return;
	if (runner->stage != RUNNER_ENDING) {
		runner_fail(runner, &how);
		return;
	}
	loop_timer_clear(&runner->timer);
	pause_before_start(runner);
}

/* ---- what the process says ---- */

static void on_opened(struct runner *runner, const cJSON *frame)
{
	const char *plugin = json_string(frame, "plugin");

	if (runner->stage != RUNNER_OPENING)
		return;
	(void)snprintf(runner->plugin, sizeof runner->plugin, "%s", plugin ? plugin : "");
	runner->confinement = confinement_read(frame);
	loop_timer_clear(&runner->timer);
	runner_move(runner, RUNNER_IDLE);
	runner->sink.ready(runner->sink.ctx);
}

/* It ended itself between two deliveries, to see files that are new: no fault. */
static void renew(struct runner *runner, const char *why)
{
	log_info("notifier %s: %s", runner->name, why);
	close_channel(runner);
	process_kill(&runner->process);
	runner_move(runner, RUNNER_ENDING);
}

static void on_failed(struct runner *runner, const cJSON *frame)
{
	const char *text = json_string(frame, "text");
	char safe[ERR_TEXT_MAX / 2];
	struct err why;

	(void)text_safe(text ? text : "", safe, sizeof safe);
	if (runner->stage == RUNNER_IDLE) {
		renew(runner, safe);
		return;
	}
	(void)err_set(&why, ERR_BAD, "%s%s", runner->stage == RUNNER_OPENING ? "the plugin cannot start: " : "", safe);
	runner_fail(runner, &why);
}

/* Without one, what the attempt before left stays. */
static void copy_state(struct delivery_result *result, const char *state)
{
	if (state)
		(void)snprintf(result->state, sizeof result->state, "%s", state);
}

static void on_result(struct runner *runner, const cJSON *frame)
{
	const char *id = json_string(frame, "id");
	const char *outcome = json_string(frame, "outcome");
	const char *text = json_string(frame, "text");
	const char *state = json_string(frame, "state");
	enum frame_outcome known;
	struct err why;

	if (runner->stage != RUNNER_BUSY || !id || strcmp(id, runner->id) != 0 || !outcome ||
	    !frame_outcome_parse(outcome, &known)) {
		(void)err_set(&why, ERR_BAD, "the plugin's process answered with a result that fits no delivery");
		runner_fail(runner, &why);
		return;
	}
	runner->result.retry_after_ms = json_int(frame, "retry_after_ms", 0);
	runner->result.again_after_ms = json_int(frame, "again_after_ms", 0);
	copy_state(&runner->result, state);
	loop_timer_clear(&runner->timer);
	runner->faults = 0;
	runner_move(runner, RUNNER_IDLE);
	end_delivery(runner, known, text ? text : "");
}

static void on_log(struct runner *runner, const cJSON *frame)
{
	static const char *const names[] = {"error", "warning", "info", "debug"};
	const char *level = json_string(frame, "level");
	const char *text = json_string(frame, "text");
	char safe[LOG_LINE_MAX];
	size_t i = 0;

	while (i < LOG_LEVEL_DEBUG && (!level || strcmp(names[i], level) != 0))
		i++;
	log_write((enum log_level)i, "notifier %s: %s", runner->name, text_safe(text ? text : "", safe, sizeof safe));
}

static void stream_on_frame(struct frame_stream *stream, const char *json, size_t len)
{
	struct runner *runner = CONTAINER_OF(stream, struct runner, stream);
	static const struct {
		const char *type;
		void (*handle)(struct runner *runner, const cJSON *frame);
	} types[] = {{"opened", on_opened}, {"failed", on_failed}, {"result", on_result}, {"log", on_log}};
	OWNED_JSON cJSON *frame = NULL;
	struct err why;

	int rc = json_parse(json, len, &frame, &why);
	const char *type = rc ? NULL : json_string(frame, "type");
	for (size_t i = 0; type && i < ARRAY_LEN(types); i++) {
		if (strcmp(types[i].type, type) == 0) {
			types[i].handle(runner, frame);
			return;
		}
	}
	(void)err_set(&why, ERR_BAD, "the plugin's process said something that is no frame");
	runner_fail(runner, &why);
}

static void stream_on_broken(struct frame_stream *stream, const struct err *why)
{
	struct runner *runner = CONTAINER_OF(stream, struct runner, stream);

	/* When it has ended already, its status says more than its silence. */
	if (why->code == ERR_IO)
		runner_reap(runner);
	runner_fail(runner, why);
}

/* ---- what we say ---- */

static int say_open(struct runner *runner, struct err *err)
{
	OWNED_STRBUF struct strbuf json = {0};
	const struct frame_open open = {
		.notifier = runner->name, .options = runner->options_json, .hidden = runner->hidden_json};

	frame_write_open(&open, &json);
	return frame_stream_say(&runner->stream, &json, err);
}

int runner_deliver(struct runner *runner, const struct notification *notification, struct err *err)
{
	OWNED_STRBUF struct strbuf json = {0};
	struct json_writer w = {.out = &json};

	json_open(&w, NULL, '{');
	json_put_string(&w, "type", "deliver");
	json_put_string(&w, "id", notification->id);
	json_put_int(&w, "attempt", notification->attempt);
	json_put_int(&w, "deadline_ms", runner->timeout_ms - runner->timeout_ms / RUNNER_DEADLINE_SHARE);
	json_put_time(&w, "created_at", notification->created_ms);
	json_put_string(&w, "subject", notification->subject);
	if (notification->state)
		json_put_string(&w, "state", notification->state);
	if (*notification->follows)
		json_put_string(&w, "follows", notification->follows);
	if (notification->ended)
		json_put_raw(&w, "ended", notification->ended);
	json_put_raw(&w, "document", notification->document);
	json_close(&w, '}');

	runner->result = (struct delivery_result){
		.row = notification->row, .attempt = notification->attempt, .started_ms = clock_wall_ms()};
	copy_state(&runner->result, notification->state);
	runner->busy_since_ms = clock_mono_ms();
	(void)snprintf(runner->id, sizeof runner->id, "%s", notification->id);
	runner_move(runner, RUNNER_BUSY);
	loop_timer_set(&runner->timer, runner->timeout_ms);
	int rc = frame_stream_say(&runner->stream, &json, err);
	if (rc) {
		loop_timer_clear(&runner->timer);
		runner_move(runner, RUNNER_IDLE);
	}
	return rc;
}

/* ---- starting ---- */

static void timer_on_fire(struct loop_timer *timer)
{
	struct runner *runner = CONTAINER_OF(timer, struct runner, timer);
	char text[DURATION_TEXT_MAX];
	struct err why;

	if (runner->stage == RUNNER_STOPPED) {
		runner->restarts++;
		runner_start(runner);
		return;
	}
	if (runner->stage == RUNNER_ENDING) {
		process_kill(&runner->process);
		return;
	}
	int64_t limit_ms = runner->stage == RUNNER_OPENING ? FRAME_OPEN_MS : runner->timeout_ms;
	(void)err_set(&why, ERR_BUSY, "no answer within %s: killed", duration_format(limit_ms, text));
	runner_fail(runner, &why);
}

static int start_process(struct runner *runner, struct err *err)
{
	static const struct frame_stream_sink sink = {.frame = stream_on_frame, .broken = stream_on_broken};

	int rc = process_start(&runner->process, runner->program, runner->plugin_path, err);

	if (!rc)
		rc = frame_stream_open(&runner->stream, runner->loop, runner->process.fd, &sink, err);
	return rc ? rc : say_open(runner, err);
}

static void runner_start(struct runner *runner)
{
	struct err why;

	runner_move(runner, RUNNER_OPENING);
	loop_timer_set(&runner->timer, FRAME_OPEN_MS);
	if (start_process(runner, &why))
		runner_fail(runner, &why);
}

static bool copy_config(struct runner *runner, const char *program, const struct config_notifier *config)
{
	runner->timeout_ms = config->timeout_ms;
	runner->program = strdup(program);
	runner->name = strdup(config->name);
	runner->plugin_path = strdup(config->plugin_path);
	runner->options_json = strdup(config->options_json);
	runner->hidden_json = strdup(config->hidden_json);
	return runner->program && runner->name && runner->plugin_path && runner->options_json && runner->hidden_json;
}

int runner_new(struct loop *loop, const char *program, const struct config_notifier *config,
	       const struct runner_sink *sink, struct runner **ret, struct err *err)
{
	struct runner *runner = calloc(1, sizeof *runner);

	if (!runner)
		return err_nomem(err);
	*runner = (struct runner){.loop = loop, .sink = *sink, .process.fd = -1, .stream.fd = -1, .wanted = true};
	int rc = copy_config(runner, program, config) ? 0 : err_nomem(err);
	if (!rc)
		rc = loop_timer_init(loop, &runner->timer, timer_on_fire, err);
	if (rc) {
		runner_free(runner);
		return rc;
	}
	*ret = runner;
	runner_start(runner);
	return 0;
}

void runner_stop(struct runner *runner)
{
	runner->wanted = false;
	loop_timer_clear(&runner->timer);
	close_channel(runner); /* the process sees the end, closes its plugin and exits */
	if (runner->process.pid)
		loop_timer_set(&runner->timer, FRAME_CLOSE_MS);
	runner_move(runner, runner->process.pid ? RUNNER_ENDING : RUNNER_STOPPED);
}

bool runner_is_gone(const struct runner *runner)
{
	return runner->process.pid == 0;
}

void runner_free(struct runner *runner)
{
	if (!runner)
		return;
	close_channel(runner);
	process_end(&runner->process);
	loop_timer_release(&runner->timer);
	frame_stream_release(&runner->stream);
	free(runner->program);
	free(runner->name);
	free(runner->plugin_path);
	free(runner->options_json);
	free(runner->hidden_json);
	free(runner);
}

enum runner_stage runner_stage(const struct runner *runner)
{
	return runner->stage;
}

int64_t runner_restarts(const struct runner *runner)
{
	return runner->restarts;
}

const char *runner_plugin(const struct runner *runner)
{
	const char *slash = strrchr(runner->plugin_path, '/');

	if (*runner->plugin)
		return runner->plugin;
	return slash ? slash + 1 : runner->plugin_path;
}

const struct confinement *runner_confinement(const struct runner *runner)
{
	return &runner->confinement;
}
