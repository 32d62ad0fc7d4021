/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trial.c: see trial.h. A process may close its channel and go on, or leave a child
 * that holds it: so its end is looked for by itself, and the channels are never
 * waited for alone.
 */
#include "config/trial.h"

#include "base/clock.h"
#include "base/json.h"
#include "base/numbers.h"
#include "base/process.h"
#include "base/text.h"
#include "model/frames.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define AT_ONCE 16       /* trials: more would take the processor, and so their time to open, from each other */
#define LOOK_MS 5        /* how often ends and deadlines are looked for */
#define HEARD_MAX 131072 /* bytes that may come before "opened" or "failed" */

struct trial {
	struct process process;
	struct strbuf in, out; /* frames */
	size_t written;        /* of out */
	int64_t deadline_ms;   /* monotonic clock: to open or, once it is decided, to end */
	bool decided;          /* or not to be tried */
	struct err *fault;     /* the caller's; its code is 0 so far */
	struct err how;        /* it ended, once process.pid is 0 */
};

/* What it still has to do is close(), which it does when its channel ends. */
static void decide(struct trial *trial)
{
	trial->decided = true;
	trial->deadline_ms = clock_mono_ms() + FRAME_CLOSE_MS;
	process_close(&trial->process);
}

/* ---- what it says ---- */

static void on_opened(struct trial *trial, const cJSON *frame)
{
	(void)frame;
	decide(trial);
}

static void on_failed(struct trial *trial, const cJSON *frame)
{
	const char *text = json_string(frame, "text");
	char safe[ERR_TEXT_MAX];

	(void)err_set(trial->fault, ERR_BAD, "%s",
		      text && *text ? text_safe(text, safe, sizeof safe) : "cannot be opened and does not say why");
	decide(trial);
}

/* It says the same again when the daemon opens it. */
static void on_log(struct trial *trial, const cJSON *frame)
{
	(void)trial;
	(void)frame;
}

static void on_frame(struct trial *trial, const char *json, size_t len)
{
	static const struct {
		const char *type;
		void (*handle)(struct trial *trial, const cJSON *frame);
	} types[] = {{"opened", on_opened}, {"failed", on_failed}, {"log", on_log}};
	OWNED_JSON cJSON *frame = NULL;
	struct err ignored;

	const char *type = json_parse(json, len, &frame, &ignored) ? NULL : json_string(frame, "type");
	for (size_t i = 0; type && i < ARRAY_LEN(types); i++) {
		if (strcmp(types[i].type, type) == 0) {
			types[i].handle(trial, frame);
			return;
		}
	}
	(void)err_set(trial->fault, ERR_BAD, "the plugin's process said something that is no frame");
	decide(trial);
}

static void take_frames(struct trial *trial)
{
	size_t taken = 0;

	while (!trial->decided) {
		const char *json;
		size_t len;
		int64_t used =
			frame_peek(strbuf_str(&trial->in) + taken, trial->in.len - taken, &json, &len, trial->fault);
		if (used < 0)
			decide(trial);
		if (used <= 0)
			break;
		on_frame(trial, json, len);
		taken += (size_t)used;
	}
	if (!taken)
		return;
	memmove(trial->in.data, trial->in.data + taken, trial->in.len - taken);
	trial->in.len -= taken;
}

/* One piece of it: who never stops talking is stopped by the deadline. False: there was nothing. */
static bool hear(struct trial *trial)
{
	char chunk[16384];

	if (trial->process.fd < 0)
		return false;
	ssize_t n = read(trial->process.fd, chunk, sizeof chunk);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	if (n <= 0) {
		process_close(&trial->process);
		return false;
	}
	strbuf_add(&trial->in, chunk, (size_t)n);
	if (strbuf_failed(&trial->in)) {
		(void)err_set(trial->fault, ERR_LIMIT, "the plugin's process says too much");
		decide(trial);
	} else {
		take_frames(trial);
	}
	return true;
}

/* ---- what it is told ---- */

static void speak(struct trial *trial)
{
	while (trial->process.fd >= 0 && trial->written < trial->out.len) {
		ssize_t n = send(trial->process.fd, trial->out.data + trial->written, trial->out.len - trial->written,
				 MSG_NOSIGNAL);
		if (n < 0)
			return; /* not now; or it has ended, which is seen elsewhere */
		trial->written += (size_t)n;
	}
}

static int write_open(struct trial *trial, const struct config_notifier *notifier, struct err *err)
{
	OWNED_STRBUF struct strbuf json = {0};
	const struct frame_open open = {.notifier = notifier->name,
					.options = notifier->options_json,
					.hidden = notifier->hidden_json,
					.trial = true};

	frame_write_open(&open, &json);
	if (json.len > FRAME_MAX)
		return err_set(err, ERR_LIMIT, "has options of %zu bytes, allowed: %u", json.len, FRAME_MAX);
	frame_add_header(&trial->out, json.len);
	strbuf_add(&trial->out, strbuf_str(&json), json.len);
	return strbuf_failed(&json) || strbuf_failed(&trial->out) ? err_nomem(err) : 0;
}

/* ---- from the start to the end ---- */

static int trial_begin(struct trial *trial, const char *program, const struct config_notifier *notifier)
{
	int rc = write_open(trial, notifier, trial->fault);

	if (!rc)
		rc = process_start(&trial->process, program, notifier->plugin_path, trial->fault);
	trial->decided = rc != 0;
	trial->deadline_ms = clock_mono_ms() + FRAME_OPEN_MS;
	return rc == ERR_NOMEM ? rc : 0;
}

static void give_up(struct trial *trial)
{
	char limit[DURATION_TEXT_MAX];

	if (!trial->decided)
		(void)err_set(trial->fault, ERR_BUSY, "does not open within %s", duration_format(FRAME_OPEN_MS, limit));
	trial->decided = true;
	process_end(&trial->process);
}

/* What it said before its end counts more than how it ended. */
static void trial_look(struct trial *trial)
{
	(void)process_reap(&trial->process, &trial->how);
	speak(trial);
	bool heard = hear(trial);
	if (!trial->decided && !trial->process.pid && !heard) {
		*trial->fault = trial->how;
		decide(trial);
	} else if (clock_mono_ms() >= trial->deadline_ms) {
		give_up(trial);
	}
}

static bool is_over(const struct trial *trial)
{
	return trial->decided && !trial->process.pid;
}

static size_t under_way(const struct trial *trials, size_t n)
{
	size_t count = 0;

	for (size_t i = 0; i < n; i++)
		count += !is_over(&trials[i]);
	return count;
}

static void wait_for_any(const struct trial *trials, struct pollfd *fds, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		bool has_more = trials[i].written < trials[i].out.len;
		fds[i] = (struct pollfd){.fd = trials[i].process.fd, .events = has_more ? POLLIN | POLLOUT : POLLIN};
	}
	(void)poll(fds, n, LOOK_MS);
}

static int run_all(struct trial *trials, struct pollfd *fds, const char *program,
		   const struct config_notifier *notifiers, size_t n)
{
	size_t begun = 0;
	int rc = 0;

	while (!rc && (begun < n || under_way(trials, n) > 0)) {
		for (; begun < n && !rc && under_way(trials, n) < AT_ONCE; begun++)
			if (notifiers[begun].options_json)
				rc = trial_begin(&trials[begun], program, &notifiers[begun]);
		wait_for_any(trials, fds, n);
		for (size_t i = 0; i < n; i++)
			if (!is_over(&trials[i]))
				trial_look(&trials[i]);
	}
	return rc;
}

static void trial_release(struct trial *trial)
{
	process_end(&trial->process);
	strbuf_release(&trial->in);
	strbuf_release(&trial->out);
}

int trial_run(const char *program, const struct config_notifier *notifiers, size_t n, struct err *ret_faults)
{
	OWNED_MEM struct trial *trials = calloc(n + 1, sizeof *trials);
	OWNED_MEM struct pollfd *fds = calloc(n + 1, sizeof *fds);

	if (!trials || !fds)
		return ERR_NOMEM;
	for (size_t i = 0; i < n; i++) {
		ret_faults[i] = (struct err){0};
		trials[i] = (struct trial){
			.process.fd = -1, .in.limit = HEARD_MAX, .decided = true, .fault = &ret_faults[i]};
	}
	int rc = run_all(trials, fds, program, notifiers, n);
	for (size_t i = 0; i < n; i++)
		trial_release(&trials[i]);
	return rc;
}
