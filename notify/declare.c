/* SPDX-License-Identifier: Apache-2.0 */
/* declare.c: see declare.h. The child says JSON, or else an error's sentence. */
#include "declare.h"

#include "describe.h"
#include "plugin.h"
#include "sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define SAID_FD 3 /* the child's end of the pipe */

static void close_fd(const int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
}

/* ---- the child ---- */

static int declare_here(const char *plugin_path, struct strbuf *out, struct err *err)
{
	OWNED(plan_release) struct plan plan;
	const struct yw_notifier *plugin;

	int rc = plan_of_a_look(plugin_path, &plan, err);
	if (rc)
		return rc;
	(void)sandbox_apply(&plan, sandbox_probe());
	rc = plugin_load(plugin_path, &plugin, err);
	if (rc)
		return rc;
	describe_plugin(plugin, out);
	return strbuf_failed(out) ? err_nomem(err) : 0;
}

static void say(const char *bytes, size_t len)
{
	while (len > 0) {
		ssize_t n = write(SAID_FD, bytes, len);
		if (n < 0 && errno != EINTR)
			return;
		bytes += n > 0 ? n : 0;
		len -= n > 0 ? (size_t)n : 0;
	}
}

/* Of the host's descriptors none is left to the plugin. */
static _Noreturn void be_the_child(const char *plugin_path, int said)
{
	struct strbuf out = {0};
	struct err err;

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	if (said != SAID_FD && dup2(said, SAID_FD) < 0)
		_exit(EXIT_FAILURE);
	(void)close_range(SAID_FD + 1, ~0u, 0);
	if (declare_here(plugin_path, &out, &err)) {
		say(err.text, strlen(err.text));
		_exit(EXIT_FAILURE);
	}
	say(strbuf_str(&out), out.len);
	_exit(EXIT_SUCCESS);
}

/* ---- the parent ---- */

static int listen_to(int fd, struct strbuf *said, struct err *err)
{
	char chunk[16384];

	for (;;) {
		ssize_t n = read(fd, chunk, sizeof chunk);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_errno(err, "reading what it declares");
		if (n == 0)
			return 0;
		strbuf_add(said, chunk, (size_t)n);
		if (strbuf_failed(said))
			return err_set(err, ERR_LIMIT, "it declares too much");
	}
}

static int judge(int status, const struct strbuf *said, struct err *err)
{
	if (WIFSIGNALED(status))
		return err_set(err, ERR_BAD, "loading it was ended by signal %d (%s)", WTERMSIG(status),
			       strsignal(WTERMSIG(status)));
	if (WEXITSTATUS(status) != EXIT_SUCCESS)
		return err_set(err, ERR_BAD, "%s", said->len ? strbuf_str(said) : "loading it ended the process");
	return 0;
}

int declare_ask_text(const char *plugin_path, struct strbuf *ret, struct err *err)
{
	int fds[2];
	int status = 0;

	if (pipe2(fds, O_CLOEXEC) != 0)
		return err_errno(err, "pipe");
	OWNED(close_fd) int ours = fds[0];
	pid_t pid = fork();
	if (pid == 0)
		be_the_child(plugin_path, fds[1]);
	(void)close(fds[1]);
	if (pid < 0)
		return err_errno(err, "fork");
	int rc = listen_to(ours, ret, err);
	if (rc)
		(void)kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return rc ? rc : judge(status, ret, err);
}

int declare_ask(const char *plugin_path, cJSON **ret, struct err *err)
{
	OWNED_STRBUF struct strbuf said = {.limit = DECLARATION_MAX};

	int rc = declare_ask_text(plugin_path, &said, err);
	if (rc)
		return rc;
	rc = json_parse(strbuf_str(&said), said.len, ret, err);
	return rc ? err_prefix(err, "what it declares") : 0;
}
