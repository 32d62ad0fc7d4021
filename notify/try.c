/* SPDX-License-Identifier: Apache-2.0 */
/* try.c: see try.h. */
#include "try.h"

#include "base/text.h"
#include "channel.h"
#include "declare.h"
#include "model/frames.h"
#include "runner.h"
#include "sandbox.h"
#include "schema.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <yankwatch/notifier.h>

#define SHOWN_MAX 2048
#define END_MS 1000
#define SUBJECT "[high] demo-crate 1.2.3 yanked"

static const char sample[] =
	"{\"kind\":\"events\",\"events\":[{\"id\":\"evt_sample\",\"seq\":1,\"at\":\"2026-11-21T09:30:00.123Z\","
	"\"registry\":\"crates-io\",\"crate\":\"demo-crate\",\"version\":\"1.2.3\",\"event\":\"yanked\","
	"\"checksum\":\"0000000000000000000000000000000000000000000000000000000000000000\",\"yanked\":true,"
	"\"reason\":{\"text\":\"a sample, <b>nothing</b> was yanked\",\"by\":\"nobody\"},"
	"\"replacement\":{\"version\":\"1.2.4\",\"compatible\":true,"
	"\"command\":\"cargo update -p demo-crate --precise 1.2.4\"},\"severity\":\"high\"}]}";

/* ---- KEY=VALUE as the options of the frame "open" ---- */

/* The value of `argument` when it is KEY=VALUE with this key, else NULL. */
static const char *value_of(const char *argument, const char *key)
{
	size_t len = strlen(key);
	return strncmp(argument, key, len) == 0 && argument[len] == '=' ? argument + len + 1 : NULL;
}

static const char *type_of(const cJSON *description, const char *key)
{
	const cJSON *option;

	cJSON_ArrayForEach (option, json_member(description, "options")) {
		const char *name = json_string(option, "name");
		if (name && strcmp(name, key) == 0)
			return json_string(option, "type");
	}
	return "string"; /* NAME_file; or an option that the plugin does not have, which it is told */
}

static void put_list(struct json_writer *w, const char *key, size_t n_given, char *const *given)
{
	json_open(w, key, '[');
	for (size_t i = 0; i < n_given; i++)
		if (value_of(given[i], key))
			json_put_string(w, NULL, value_of(given[i], key));
	json_close(w, ']');
}

static int put_scalar(struct json_writer *w, const char *key, const char *type, const char *value, struct err *err)
{
	enum yw_option_type number = strcmp(type, "integer") == 0   ? YW_OPTION_INTEGER
				     : strcmp(type, "boolean") == 0 ? YW_OPTION_BOOLEAN
								    : 0;
	int64_t integer = 0;

	if (number && !schema_number(number, value, &integer))
		return err_set(err, ERR_BAD, "%s: must be of the type %s", key, type);
	if (number == YW_OPTION_INTEGER)
		json_put_int(w, key, integer);
	else if (number == YW_OPTION_BOOLEAN)
		json_put_bool(w, key, integer);
	else
		json_put_string(w, key, value);
	return 0;
}

static int put_options(struct json_writer *w, const cJSON *description, size_t n_given, char *const *given,
		       struct err *err)
{
	json_open(w, NULL, '{');
	for (size_t i = 0; i < n_given; i++) {
		const char *equals = strchr(given[i], '=');
		if (!equals)
			return err_set(err, ERR_BAD, "%s: KEY=VALUE is needed", given[i]);
		OWNED_MEM char *key = strndup(given[i], (size_t)(equals - given[i]));
		if (!key)
			return err_nomem(err);
		size_t first = 0;
		while (!value_of(given[first], key))
			first++;
		bool list = strcmp(type_of(description, key), "list") == 0;
		if (first < i && !list)
			return err_set(err, ERR_BAD, "%s: is given twice", key);
		if (first == i && list)
			put_list(w, key, n_given, given);
		int rc = list ? 0 : put_scalar(w, key, type_of(description, key), equals + 1, err);
		if (rc)
			return rc;
	}
	json_close(w, '}');
	return 0;
}

/* ---- the runner ---- */

static _Noreturn void be_the_runner(const char *plugin_path, int channel)
{
	struct err err;
	int null = open("/dev/null", O_RDWR);

	(void)setpgid(0, 0);
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		(void)dup2(null, fd);
	/* What the runner wants to say of an error it says on its channel. */
	if (dup2(channel, FRAME_FD) < 0 || sandbox_begin(FRAME_FD, &err) || runner_run(plugin_path, FRAME_FD, &err))
		_exit(EXIT_FAILURE);
	_exit(EXIT_SUCCESS);
}

static int start(const char *plugin_path, struct channel *channel, pid_t *ret_pid, struct err *err)
{
	const struct timeval patience = {.tv_sec = TRY_DEADLINE_MS / 1000};
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
		return err_errno(err, "socketpair");
	*ret_pid = fork();
	if (*ret_pid == 0)
		be_the_runner(plugin_path, pair[1]);
	(void)close(pair[1]);
	if (*ret_pid < 0)
		return err_errno(err, "fork");
	(void)setsockopt(pair[0], SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	return channel_init(channel, pair[0], err);
}

/* Of a process that ended by itself: how. */
static void print_end(pid_t pid)
{
	siginfo_t info = {0};
	struct pollfd end = {.fd = (int)syscall(SYS_pidfd_open, pid, 0), .events = POLLIN};

	/* Its channel ends a moment before it does. */
	(void)poll(&end, 1, END_MS);
	if (end.fd >= 0)
		(void)close(end.fd);
	if (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) != 0 || !info.si_pid)
		return;
	if (info.si_code == CLD_EXITED)
		(void)printf("%-11s exit status %d\n", "ended", info.si_status);
	else
		(void)printf("%-11s signal %d (%s)\n", "ended", info.si_status, strsignal(info.si_status));
}

static void finish(struct channel *channel, pid_t pid)
{
	if (channel->fd > 0) {
		(void)close(channel->fd);
		channel_release(channel);
	}
	if (pid <= 0)
		return;
	(void)kill(-pid, SIGKILL);
	(void)kill(pid, SIGKILL);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}

/* ---- what it says ---- */

static void print_words(const char *title, const cJSON *words)
{
	char safe[64];
	const cJSON *word;

	(void)printf("%-11s", title);
	cJSON_ArrayForEach (word, words)
		(void)printf(" %s", cJSON_IsString(word) ? text_safe(word->valuestring, safe, sizeof safe) : "?");
	(void)printf("%s\n", cJSON_GetArraySize(words) ? "" : " -");
}

static void print_text(const char *title, const char *word, const cJSON *frame)
{
	char safe[SHOWN_MAX];
	char safe_word[64];
	const char *text = json_string(frame, "text");

	(void)printf("%-11s %s: %s\n", title, text_safe(word ? word : "?", safe_word, sizeof safe_word),
		     text_safe(text ? text : "", safe, sizeof safe));
}

/* The process may be the plugin's by now, which speaks to a terminal here. */
static int failed(const cJSON *frame, struct err *err)
{
	char safe[ERR_TEXT_MAX];
	const char *text = json_string(frame, "text");

	return err_set(err, ERR_BAD, "%s", text_safe(text ? text : "it did not say why", safe, sizeof safe));
}

static void print_plugin(const cJSON *opened)
{
	char name[SHOWN_MAX];
	char version[SHOWN_MAX];
	const char *its_name = json_string(opened, "plugin");
	const char *its_version = json_string(opened, "version");

	(void)printf("%-11s %s %s\n", "plugin", text_safe(its_name ? its_name : "?", name, sizeof name),
		     text_safe(its_version ? its_version : "?", version, sizeof version));
}

/* The next frame that is of `type`; log lines before it are printed. */
static int next_frame(struct channel *channel, const char *type, cJSON **ret, struct err *err)
{
	for (;;) {
		OWNED_JSON cJSON *frame = NULL;
		const char *json;
		size_t len;
		int rc = channel_read(channel, &json, &len, err);
		if (rc <= 0)
			return err_set(err, ERR_IO, "no answer: the plugin's process ended, or %d s were not enough",
				       TRY_DEADLINE_MS / 1000);
		rc = json_parse(json, len, &frame, err);
		const char *got = rc ? NULL : json_string(frame, "type");
		if (got && strcmp(got, type) == 0) {
			*ret = TAKE(frame);
			return 0;
		}
		if (got && strcmp(got, "failed") == 0)
			return failed(frame, err);
		if (!got || strcmp(got, "log") != 0)
			return err_set(err, ERR_BAD, "the plugin's process said something that is no frame");
		print_text("log", json_string(frame, "level"), frame);
	}
}

static int deliver(struct channel *channel, bool *ret_delivered, struct err *err)
{
	OWNED_STRBUF struct strbuf out = {0};
	OWNED_JSON cJSON *result = NULL;
	struct json_writer w = {.out = &out};

	json_open(&w, NULL, '{');
	json_put_string(&w, "type", "deliver");
	json_put_string(&w, "id", "ntf_sample");
	json_put_int(&w, "attempt", 1);
	json_put_int(&w, "deadline_ms", TRY_DEADLINE_MS);
	json_put_string(&w, "created_at", "2026-11-21T09:30:01Z");
	json_put_string(&w, "subject", SUBJECT);
	json_put_raw(&w, "document", sample);
	json_close(&w, '}');
	int rc = channel_write(channel, &out, err);
	if (!rc)
		rc = next_frame(channel, "result", &result, err);
	if (rc)
		return rc;
	const char *outcome = json_string(result, "outcome");
	print_text("result", outcome ? outcome : "?", result);
	*ret_delivered = outcome && strcmp(outcome, frame_outcome_name(FRAME_OK)) == 0;
	return 0;
}

static int talk(struct channel *channel, const struct strbuf *open_frame, bool *ret_delivered, struct err *err)
{
	OWNED_JSON cJSON *opened = NULL;

	int rc = channel_write(channel, open_frame, err);
	if (!rc)
		rc = next_frame(channel, "opened", &opened, err);
	if (rc)
		return rc;
	print_plugin(opened);
	print_words("needs", json_member(opened, "needs"));
	print_words("confined", json_member(opened, "confined"));
	print_words("unconfined", json_member(opened, "unconfined"));
	return deliver(channel, ret_delivered, err);
}

int try_run(const char *plugin_path, size_t n_given, char *const *given, bool *ret_delivered, struct err *err)
{
	OWNED_STRBUF struct strbuf open_frame = {0};
	OWNED_STRBUF struct strbuf options = {0};
	OWNED_JSON cJSON *description = NULL;
	struct json_writer w = {.out = &options};
	struct channel channel = {0};
	pid_t pid = 0;

	int rc = declare_ask(plugin_path, &description, err);
	if (rc)
		return rc;
	rc = put_options(&w, description, n_given, given, err);
	if (!rc && strbuf_failed(&options))
		rc = err_nomem(err);
	frame_write_open(&(struct frame_open){.notifier = "try", .options = strbuf_str(&options)}, &open_frame);
	if (!rc)
		rc = start(plugin_path, &channel, &pid, err);
	if (!rc)
		rc = talk(&channel, &open_frame, ret_delivered, err);
	if (rc && pid > 0)
		print_end(pid);
	finish(&channel, pid);
	return rc;
}
