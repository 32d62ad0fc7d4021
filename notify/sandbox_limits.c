/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sandbox_limits.c: the part of sandbox.h that POSIX has, and root's powers, which a
 * daemon that was started by root would hand down.
 *
 * No limit of processes: the kernel counts those of the user, and a user with many
 * would get no thread for a name to be resolved. No limit of processor time: it is
 * counted over the life of a process that lives for months; the deadline stands for it.
 */
#include "sandbox.h"

#include <errno.h>
#include <linux/capability.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <yankwatch/notifier.h>

#define MB ((rlim_t)1 << 20)
#define DATA_MAX (512 * MB)       /* written memory; a document of 8 MB and its trees take a fifth of it */
#define ADDRESSES_MAX (2048 * MB) /* with what is only reserved: 64 MB for each thread that allocates */
#define DESCRIPTORS_MAX 256

int sandbox_begin(int last_fd, struct err *err)
{
	/* A daemon that was killed takes a plugin that hangs with it. Secrets are in memory: no
	 * ptrace. No set-user-ID program is a way out. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0 ||
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return err_errno(err, "prctl");
	/* A write to a closed pipe is an error, not the end. */
	(void)signal(SIGPIPE, SIG_IGN);
	(void)close_range((unsigned)last_fd + 1, ~0u, 0);
	return 0;
}

int sandbox_drop_capabilities(struct err *err)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	const struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {{0}};

	/* Of the bounding set, too, or a program that root runs has them all again. */
	for (unsigned long cap = 0; prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) == 0; cap++)
		;
	if (syscall(SYS_capset, &header, none) != 0)
		return err_errno(err, "capset");
	return 0;
}

/* Lowers, never raises. */
static int lower(__rlimit_resource_t resource, rlim_t limit, struct err *err)
{
	struct rlimit now;

	if (getrlimit(resource, &now) != 0)
		return err_errno(err, "getrlimit");
	if (now.rlim_max < limit)
		limit = now.rlim_max;
	now = (struct rlimit){limit, limit};
	return setrlimit(resource, &now) != 0 ? err_errno(err, "setrlimit") : 0;
}

int sandbox_limit(const struct plan *plan, struct err *err)
{
	const bool programs = plan->needs & YW_NEEDS_PROGRAMS;
	const bool writes = programs || plan->writes.count > 0;
	const struct {
		rlim_t limit;
		__rlimit_resource_t resource;
		bool wanted;
	} limits[] = {
		{0, RLIMIT_CORE, true}, /* secrets are in memory */
		{DESCRIPTORS_MAX, RLIMIT_NOFILE, true},
		{DATA_MAX, RLIMIT_DATA, true},
		/* A program may reserve terabytes and use none of it: Java, Node, Go. */
		{ADDRESSES_MAX, RLIMIT_AS, !programs},
		/* Landlock forbids it by path; this holds without Landlock as well. */
		{0, RLIMIT_FSIZE, !writes},
	};

	for (size_t i = 0; i < ARRAY_LEN(limits); i++) {
		int rc = limits[i].wanted ? lower(limits[i].resource, limits[i].limit, err) : 0;
		if (rc)
			return rc;
	}
	return 0;
}
