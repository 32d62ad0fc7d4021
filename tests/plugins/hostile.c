/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hostile.c: a plugin that does in deliver() what no plugin should, one deed of
 * `deeds`, and tells in its result how that went: "done", or the error. Built
 * twice: as hostile.so it declares to need nothing, as hostile-programs.so that it
 * runs programs. `target` is a string, so that it is no path that the host opens.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>
#include <yankwatch/notifier.h>

#ifndef HOSTILE_NEEDS
#define HOSTILE_NEEDS 0
#endif
#define GB ((size_t)1 << 30)

struct hostile {
	const char *does, *target;
};

static int early_errno; /* of what the constructor tried */

/* Each returns 0 when it could be done, else -1 and an errno. */

/* Writes nothing: that it can be opened so is enough, and a trial by hand harms nothing. */
static int open_to_write(const char *target)
{
	int fd = open(target, O_RDWR | O_CLOEXEC);
	return fd < 0 ? -1 : close(fd);
}

static int open_to_read(const char *target)
{
	int fd = open(target, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? -1 : close(fd);
}

static int make_file(const char *target)
{
	int fd = open(target, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	return fd < 0 ? -1 : close(fd);
}

static int remove_file(const char *target)
{
	return unlink(target);
}

static int change_mode(const char *target)
{
	return chmod(target, 0600); /* what it has */
}

/* `target` is a port on 127.0.0.1. */
static int connect_elsewhere(const char *target)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	address.sin_port = htons((uint16_t)strtoul(target, NULL, 10));
	return fd < 0 ? -1 : connect(fd, (struct sockaddr *)&address, sizeof address);
}

static int ask_the_daemon(const char *target)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)snprintf(address.sun_path, sizeof address.sun_path, "%s", target);
	return fd < 0 ? -1 : connect(fd, (struct sockaddr *)&address, sizeof address);
}

static void wait_for_ever(void)
{
	for (;;)
		(void)pause();
}

static int fill_the_channel(const char *target)
{
	(void)target;
	if (write(3, "\xff\xff\xff\xff", 4) == 4)
		wait_for_ever();
	return -1;
}

static int fill_stdout(const char *target)
{
	static const char block[65536];

	(void)target;
	for (int i = 0; i < 1024; i++)
		if (write(STDOUT_FILENO, block, sizeof block) < 0 || write(STDERR_FILENO, block, sizeof block) < 0)
			return -1;
	return 0;
}

/* The grandchild holds the FIFO `target` open for as long as it lives. */
static int daemonise(const char *target)
{
	pid_t pid = fork();

	if (pid != 0)
		return pid < 0 ? -1 : 0;
	(void)setsid();
	(void)setpgid(0, 0);
	if (fork() != 0)
		_exit(0);
	(void)signal(SIGTERM, SIG_IGN);
	(void)open(target, O_WRONLY);
	wait_for_ever();
	return 0;
}

static int never_exit(const char *target)
{
	(void)target;
	for (int sig = 1; sig < NSIG; sig++)
		(void)signal(sig, SIG_IGN);
	wait_for_ever();
	return 0;
}

static int daemonise_and_never_exit(const char *target)
{
	return daemonise(target) < 0 ? -1 : never_exit(target);
}

static int run_a_program(const char *target)
{
	(void)target;
	return execl("/bin/true", "true", NULL);
}

static int leave_the_group(const char *target)
{
	(void)target;
	return setpgid(0, getpgid(getppid()));
}

static int take_memory(const char *target)
{
	(void)target;
	for (size_t taken = 0; taken < 4 * GB; taken += GB / 16) {
		char *block = malloc(GB / 16);
		if (!block)
			return -1;
		memset(block, 1, GB / 16);
	}
	return 0;
}

static int take_descriptors(const char *target)
{
	(void)target;
	for (int i = 0; i < 10000; i++)
		if (open("/dev/null", O_RDONLY) < 0) // NOLINT(clang-analyzer-unix.StdCLibraryFunctions)
			return -1;
	return 0;
}

static int trace_the_daemon(const char *target)
{
	(void)target;
	return (int)ptrace(PTRACE_ATTACH, getppid(), NULL, NULL);
}

static int read_the_daemons_memory(const char *target)
{
	char byte;
	struct iovec ours = {&byte, 1};
	struct iovec theirs = {&early_errno, 1}; /* the same address there, or another */

	(void)target;
	return (int)process_vm_readv(getppid(), &ours, 1, &theirs, 1, 0);
}

static int open_the_daemons_memory(const char *target)
{
	char path[64];

	(void)target;
	(void)snprintf(path, sizeof path, "/proc/%d/mem", (int)getppid());
	return open_to_read(path);
}

static int be_traceable(const char *target)
{
	(void)target;
	return prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
}

static int outlive_the_daemon(const char *target)
{
	(void)target;
	return prctl(PR_SET_PDEATHSIG, 0, 0, 0, 0);
}

static int stop_the_daemon(const char *target)
{
	(void)target;
	return kill(getppid(), SIGSTOP);
}

static int limit_the_daemon(const char *target)
{
	const struct rlimit few = {8, 8};

	(void)target;
	return prlimit(getppid(), RLIMIT_NOFILE, &few, NULL);
}

static int raise_a_limit(const char *target)
{
	const struct rlimit many = {65536, 65536};

	(void)target;
	return setrlimit(RLIMIT_NOFILE, &many);
}

static int make_a_namespace(const char *target)
{
	(void)target;
	return unshare(CLONE_NEWUSER);
}

static int ask_io_uring(const char *target)
{
	char parameters[256] = {0};

	(void)target;
	return (int)syscall(SYS_io_uring_setup, 8, parameters);
}

__attribute__((constructor)) static void early(void)
{
	pid_t pid = fork();
	if (pid == 0)
		_exit(0);
	early_errno = pid < 0 ? errno : 0;
}

static int begin_before_open(const char *target)
{
	(void)target;
	errno = early_errno;
	return early_errno ? -1 : 0;
}

static const struct {
	const char *name;
	int (*deed)(const char *target);
} deeds[] = {
	{"open_to_write", open_to_write},
	{"open_to_read", open_to_read},
	{"make_file", make_file},
	{"remove_file", remove_file},
	{"change_mode", change_mode},
	{"connect_elsewhere", connect_elsewhere},
	{"ask_the_daemon", ask_the_daemon},
	{"fill_stdout", fill_stdout},
	{"fill_the_channel", fill_the_channel},
	{"daemonise", daemonise},
	{"daemonise_and_never_exit", daemonise_and_never_exit},
	{"never_exit", never_exit},
	{"run_a_program", run_a_program},
	{"leave_the_group", leave_the_group},
	{"take_memory", take_memory},
	{"take_descriptors", take_descriptors},
	{"trace_the_daemon", trace_the_daemon},
	{"read_the_daemons_memory", read_the_daemons_memory},
	{"open_the_daemons_memory", open_the_daemons_memory},
	{"be_traceable", be_traceable},
	{"outlive_the_daemon", outlive_the_daemon},
	{"stop_the_daemon", stop_the_daemon},
	{"limit_the_daemon", limit_the_daemon},
	{"raise_a_limit", raise_a_limit},
	{"make_a_namespace", make_a_namespace},
	{"ask_io_uring", ask_io_uring},
	{"begin_before_open", begin_before_open},
};

static const struct yw_option options[] = {
	{"does", YW_OPTION_STRING, YW_OPTION_REQUIRED, NULL, "a deed"},
	{"target", YW_OPTION_STRING, 0, "", "what it is done to"},
};

static void *hostile_open(const struct yw_options *given, const struct yw_host *host, char *error)
{
	static struct hostile self;

	(void)host;
	(void)error;
	self = (struct hostile){given->values[0].text, given->values[1].text};
	return &self;
}

static void hostile_deliver(void *self, const struct yw_message *message, struct yw_result *result)
{
	const struct hostile *hostile = self;

	(void)message;
	for (size_t i = 0; i < sizeof deeds / sizeof deeds[0]; i++)
		if (strcmp(deeds[i].name, hostile->does) == 0)
			(void)snprintf(result->text, sizeof result->text, "%s",
				       deeds[i].deed(hostile->target) == 0 ? "done" : strerrorname_np(errno));
}

static void hostile_close(void *self)
{
	(void)self;
}

const struct yw_notifier yankwatch_notifier = {
	.abi_version = YANKWATCH_NOTIFIER_ABI,
	.size = sizeof yankwatch_notifier,
	.name = "hostile",
	.version = "1",
	.summary = "does what it should not",
	.options = options,
	.n_options = sizeof options / sizeof options[0],
	.open = hostile_open,
	.deliver = hostile_deliver,
	.close = hostile_close,
	.needs = HOSTILE_NEEDS,
};
