/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sandbox_seccomp.c: which system calls the process can make. A list of what is
 * denied, not of what is allowed: with the next libcurl or libc a list of the latter
 * loses alerts. What only an attack does ends the process, so that it is seen; what
 * a library may try is answered with EPERM, and it takes another way.
 */
#include "sandbox.h"

#include <errno.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>
#include <yankwatch/notifier.h>

#ifndef HAVE_LIBSECCOMP

bool sandbox_has_seccomp(void)
{
	return false;
}

int sandbox_seccomp(uint32_t needs, struct err *err)
{
	(void)needs;
	return err_set(err, ERR_ABSENT, "built without libseccomp");
}

#else
#include <linux/netlink.h>
#include <seccomp.h>

#define FAMILIES 64     /* address families; the kernel has fewer */
#define INT 0xffffffffu /* what the kernel looks at of an argument of the type int */
#ifdef __s390__
#define CLONE_FLAGS_ARGUMENT 1
#else
#define CLONE_FLAGS_ARGUMENT 0
#endif

/* Of no use to a plugin or to what it runs, and all an attacker wishes for. */
static const char *const attacks[] = {
	"ptrace",
	"process_vm_readv",
	"process_vm_writev",
	"pidfd_getfd",
	"process_madvise",
	"bpf",
	"perf_event_open",
	"mount",
	"umount",
	"umount2",
	"move_mount",
	"open_tree",
	"fsopen",
	"fsconfig",
	"fsmount",
	"fspick",
	"mount_setattr",
	"pivot_root",
	"chroot",
	"setns",
	"unshare",
	"init_module",
	"finit_module",
	"delete_module",
	"kexec_load",
	"kexec_file_load",
	"reboot",
	"swapon",
	"swapoff",
	"open_by_handle_at",
	"settimeofday",
	"clock_settime",
	"clock_adjtime",
	"adjtimex",
	"acct",
	"quotactl",
	"quotactl_fd",
	"syslog",
	"iopl",
	"ioperm",
	"modify_ldt",
	"lookup_dcookie",
	"nfsservctl",
	"vhangup",
	"fanotify_init",
	"migrate_pages",
	"move_pages",
	"process_mrelease",
};

/* Tried by libraries that have another way; setsid and setpgid: what leaves the group is not
 * killed with it. */
static const char *const refused[] = {
	"io_uring_setup", "io_uring_enter", "io_uring_register", "userfaultfd", "keyctl", "add_key",
	"request_key",    "setsid",         "setpgid",           "kcmp",
};

static const char *const of_programs[] = {"fork", "vfork", "execve", "execveat"};

/* Landlock does not judge who changes a file's mode, owner, times or attributes by its path, nor,
 * before its ABI 3, who empties it. */
static const char *const of_metadata[] = {
	"chmod",        "fchmodat",   "fchmodat2",     "chown",    "lchown",     "fchownat",
	"utime",        "utimes",     "futimesat",     "setxattr", "lsetxattr",  "removexattr",
	"lremovexattr", "setxattrat", "removexattrat", "truncate", "truncate64",
};
static const char *const of_metadata_by_name[] = {"utimensat"};

/* In these the caller's own process is meant by 0. */
static const char *const of_pid_0[] = {"prlimit64", "sched_setscheduler", "sched_setparam", "sched_setattr",
				       "sched_setaffinity"};
static const char *const of_pid_0_second[] = {"setpriority", "ioprio_set"};
static const char *const of_priority[] = {"setpriority"}; /* of a process, not of a user's all */
static const char *const of_io_priority[] = {"ioprio_set"};
#define IO_PRIORITY_OF_A_PROCESS 1 /* linux/ioprio.h, which older headers do not have */

/* In these by its number. */
static const char *const signals_to[] = {"kill", "tgkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo"};
static const char *const signals[] = {"tkill", "pidfd_send_signal"};

static const int new_namespaces[] = {
	CLONE_NEWUSER, CLONE_NEWNS, CLONE_NEWPID, CLONE_NEWNET, CLONE_NEWIPC, CLONE_NEWUTS, CLONE_NEWCGROUP,
};

struct filter {
	scmp_filter_ctx ctx;
	int failed; /* the first error: negative errno */
};

/* A call that this kernel's or library's time does not know cannot be made. */
static void deny(struct filter *filter, const char *name, uint32_t action, unsigned n, const struct scmp_arg_cmp *args)
{
	int nr = seccomp_syscall_resolve_name(name);
	int rc = nr == __NR_SCMP_ERROR ? 0 : seccomp_rule_add_array(filter->ctx, action, nr, n, args);

	if (rc < 0 && !filter->failed)
		filter->failed = rc;
}

static void deny_all(struct filter *filter, const char *const *names, size_t count, uint32_t action)
{
	for (size_t i = 0; i < count; i++)
		deny(filter, names[i], action, 0, NULL);
}

static void deny_if(struct filter *filter, const char *const *names, size_t count, struct scmp_arg_cmp arg)
{
	for (size_t i = 0; i < count; i++)
		deny(filter, names[i], SCMP_ACT_ERRNO(EPERM), 1, &arg);
}
#define DENY_ALL(filter, names, action) deny_all(filter, names, ARRAY_LEN(names), action)
#define DENY_IF(filter, names, arg) deny_if(filter, names, ARRAY_LEN(names), arg)

/* ---- sockets ---- */

static bool family_is_allowed(unsigned family, uint32_t needs)
{
	switch (family) { /* numbers, not an enum: nobody knows them all */
	case AF_UNIX:
		return needs & YW_NEEDS_LOCAL_SOCKETS;
	case AF_INET:
	case AF_INET6:
	case AF_NETLINK: /* getaddrinfo() asks which addresses there are */
		return needs & YW_NEEDS_NETWORK;
	default:
		return false;
	}
}

/* One of a pair of datagram sockets can send to any other of its kind: syslog's. Pairs of
 * streams are what threads wake each other with. */
static void deny_datagram_pairs(struct filter *filter)
{
	static const unsigned types[] = {SOCK_DGRAM, SOCK_RAW};

	for (size_t i = 0; i < ARRAY_LEN(types); i++) {
		const struct scmp_arg_cmp it = SCMP_A1(SCMP_CMP_MASKED_EQ, 0xf, types[i]);
		deny(filter, "socketpair", SCMP_ACT_ERRNO(EPERM), 1, &it);
	}
}

static void deny_sockets(struct filter *filter, uint32_t needs)
{
	const struct scmp_arg_cmp above = SCMP_A0(SCMP_CMP_GE, FAMILIES);
	const struct scmp_arg_cmp other_netlink[] = {
		SCMP_A0(SCMP_CMP_EQ, AF_NETLINK),
		SCMP_A2(SCMP_CMP_NE, NETLINK_ROUTE),
	};

	for (unsigned family = 0; family < FAMILIES; family++) {
		const struct scmp_arg_cmp it = SCMP_A0(SCMP_CMP_EQ, family);
		if (!family_is_allowed(family, needs))
			deny(filter, "socket", SCMP_ACT_ERRNO(EPERM), 1, &it);
	}
	deny(filter, "socket", SCMP_ACT_ERRNO(EPERM), 1, &above);
	deny(filter, "socket", SCMP_ACT_ERRNO(EPERM), 2, other_netlink);
	if (!(needs & YW_NEEDS_LOCAL_SOCKETS))
		deny_datagram_pairs(filter);
}

/* ---- processes ---- */

/* Threads are allowed, processes are not. The flags of clone3 lie in memory, where no
 * filter sees them: without it the libc takes clone. */
static void deny_processes(struct filter *filter, uint32_t needs)
{
	const struct scmp_arg_cmp no_thread = SCMP_CMP(CLONE_FLAGS_ARGUMENT, SCMP_CMP_MASKED_EQ, CLONE_THREAD, 0);

	deny(filter, "clone3", SCMP_ACT_ERRNO(ENOSYS), 0, NULL);
	for (size_t i = 0; i < ARRAY_LEN(new_namespaces); i++) {
		const struct scmp_arg_cmp it =
			SCMP_CMP(CLONE_FLAGS_ARGUMENT, SCMP_CMP_MASKED_EQ, (scmp_datum_t)new_namespaces[i],
				 (scmp_datum_t)new_namespaces[i]);
		deny(filter, "clone", SCMP_ACT_ERRNO(EPERM), 1, &it);
	}
	DENY_IF(filter, of_pid_0, SCMP_A0(SCMP_CMP_NE, 0));
	DENY_IF(filter, of_pid_0_second, SCMP_A1(SCMP_CMP_GE, 1));
	DENY_IF(filter, of_priority, SCMP_A0(SCMP_CMP_GE, PRIO_PROCESS + 1));
	DENY_IF(filter, of_io_priority, SCMP_A0(SCMP_CMP_GE, IO_PRIORITY_OF_A_PROCESS + 1));
	if (needs & YW_NEEDS_PROGRAMS)
		return;
	deny(filter, "clone", SCMP_ACT_ERRNO(EPERM), 1, &no_thread);
	DENY_ALL(filter, of_programs, SCMP_ACT_ERRNO(EPERM));
}

/* What a plugin of programs may signal is Landlock's affair: it has children. */
static void deny_signals(struct filter *filter)
{
	DENY_IF(filter, signals_to, SCMP_A0(SCMP_CMP_NE, (scmp_datum_t)getpid()));
	DENY_ALL(filter, signals, SCMP_ACT_ERRNO(EPERM));
}

/* The end with the daemon, and no look into the memory, stay as they are. */
static void deny_prctl(struct filter *filter)
{
	static const unsigned options[] = {PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_PTRACER};

	for (size_t i = 0; i < ARRAY_LEN(options); i++) {
		const struct scmp_arg_cmp it = SCMP_A0(SCMP_CMP_MASKED_EQ, INT, options[i]);
		deny(filter, "prctl", SCMP_ACT_ERRNO(EPERM), 1, &it);
	}
}

static void fill(struct filter *filter, uint32_t needs)
{
	const bool programs = needs & YW_NEEDS_PROGRAMS;

	/* A program that tries a namespace has to be told no, not ended. */
	DENY_ALL(filter, attacks, programs ? SCMP_ACT_ERRNO(EPERM) : SCMP_ACT_KILL_PROCESS);
	DENY_ALL(filter, refused, SCMP_ACT_ERRNO(EPERM));
	deny_sockets(filter, needs);
	deny_processes(filter, needs);
	if (!programs) {
		DENY_ALL(filter, of_metadata, SCMP_ACT_ERRNO(EPERM));
		DENY_IF(filter, of_metadata_by_name, SCMP_A1(SCMP_CMP_NE, 0));
		deny_signals(filter);
		deny_prctl(filter);
	}
}

bool sandbox_has_seccomp(void)
{
	return prctl(PR_GET_SECCOMP, 0, 0, 0, 0) >= 0;
}

int sandbox_seccomp(uint32_t needs, struct err *err)
{
	struct filter filter = {.ctx = seccomp_init(SCMP_ACT_ALLOW)};

	if (!filter.ctx)
		return err_nomem(err);
	/* Numbers of another architecture would pass by all of it. */
	(void)seccomp_attr_set(filter.ctx, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
	fill(&filter, needs);
	int failed = filter.failed ? filter.failed : seccomp_load(filter.ctx);
	seccomp_release(filter.ctx);
	errno = -failed;
	return failed < 0 ? err_errno(err, "seccomp") : 0;
}
#endif
