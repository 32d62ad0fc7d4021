/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sandbox.h: takes from this process, before the plugin is loaded into it, what its
 * plan does not name. Nothing is ever given back. What the kernel has no means for
 * stays open and is told: an alert that gets out matters more than a sandbox that
 * is whole. Decision 011 says what each part is against.
 */
#pragma once

#include "base/json.h"
#include "plan.h"

/* What may be closed; the words are those of the frame "opened". */
enum sandbox_item {
	SANDBOX_FILES,         /* "files": the paths of the plan and what every program reads */
	SANDBOX_NETWORK,       /* "network": no sockets of IPv4, IPv6 or others */
	SANDBOX_LOCAL_SOCKETS, /* "local_sockets": none of the UNIX family, the daemon's among them */
	SANDBOX_PROGRAMS,      /* "programs": no fork, no exec */
	SANDBOX_PROCESSES,     /* "processes": no signals to others, nothing of their memory and limits */
	SANDBOX_SYSTEM_CALLS,  /* "system_calls": none of those that only attacks make here */
	SANDBOX_MEMORY,        /* "memory": and descriptors */
	SANDBOX_ITEMS,
};

/* What the kernel, and the library that this was built with, offer. */
struct sandbox_means {
	int landlock_abi; /* 0: none */
	bool seccomp;
};

/* Bits of enum sandbox_item. What a plan allows is in neither; but the daemon's own
 * socket cannot be told from others, so local sockets that are allowed are open. */
struct sandbox_report {
	unsigned confined, open;
};

/*
 * The first thing that the process does, whatever it is run for: it ends with its parent,
 * cannot be traced, gains no privilege, ignores SIGPIPE and keeps no descriptor above
 * `last_fd`. ERR_IO.
 */
MUST_CHECK int sandbox_begin(int last_fd, struct err *err);

struct sandbox_means sandbox_probe(void);

/* What a plan comes to with these means. Pure. */
struct sandbox_report sandbox_expect(const struct plan *plan, struct sandbox_means means);

/* Only while the process has one thread. A part that fails counts as a means that is not there. */
struct sandbox_report sandbox_apply(const struct plan *plan, struct sandbox_means means);

void sandbox_write(struct sandbox_report report, struct json_writer *w); /* "confined":[…],"unconfined":[…] */
const char *sandbox_built_with(void);                                    /* for --version */

/* ---- its parts, each in a file of its own. 0, or ERR_…: it is not in force ---- */

MUST_CHECK int sandbox_drop_capabilities(struct err *err);
MUST_CHECK int sandbox_limit(const struct plan *plan, struct err *err);
int sandbox_landlock_abi(void);
MUST_CHECK int sandbox_landlock(const struct plan *plan, int abi, struct err *err);
bool sandbox_has_seccomp(void);
MUST_CHECK int sandbox_seccomp(uint32_t needs, struct err *err);
