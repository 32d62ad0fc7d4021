/* SPDX-License-Identifier: Apache-2.0 */
/* sandbox.c: see sandbox.h. The order: what the parts need is given up by the later ones. */
#include "sandbox.h"

#include <yankwatch/notifier.h>

#define LANDLOCK_HAS_TRUNCATE 3 /* the ABI from which on truncate() is judged */
#define LANDLOCK_HAS_SCOPES 6   /* and from which on signals can be kept in */

static const char *const item_names[SANDBOX_ITEMS] = {
	[SANDBOX_FILES] = "files",       [SANDBOX_NETWORK] = "network",     [SANDBOX_LOCAL_SOCKETS] = "local_sockets",
	[SANDBOX_PROGRAMS] = "programs", [SANDBOX_PROCESSES] = "processes", [SANDBOX_SYSTEM_CALLS] = "system_calls",
	[SANDBOX_MEMORY] = "memory",
};

struct sandbox_means sandbox_probe(void)
{
#ifdef SANDBOX_OFF
	return (struct sandbox_means){0};
#else
	return (struct sandbox_means){.landlock_abi = sandbox_landlock_abi(), .seccomp = sandbox_has_seccomp()};
#endif
}

static void put(struct sandbox_report *report, enum sandbox_item item, bool confined)
{
	*(confined ? &report->confined : &report->open) |= 1u << item;
}

/*
 * Programs may touch all that is not hidden, so that has to be known. Before its ABI 3 Landlock lets
 * everybody empty every file by truncate(): the filter denies it to plugins, but programs need it.
 */
static bool confines_files(const struct plan *plan, struct sandbox_means means)
{
	bool programs = plan->needs & YW_NEEDS_PROGRAMS;
	bool keeps_contents = means.landlock_abi >= LANDLOCK_HAS_TRUNCATE || (means.seccomp && !programs);

	return means.landlock_abi > 0 && keeps_contents && (!programs || plan->knows_hidden);
}

struct sandbox_report sandbox_expect(const struct plan *plan, struct sandbox_means means)
{
	struct sandbox_report report = {0};
	bool programs = plan->needs & YW_NEEDS_PROGRAMS;

	put(&report, SANDBOX_FILES, confines_files(plan, means));
	if (!(plan->needs & YW_NEEDS_NETWORK))
		put(&report, SANDBOX_NETWORK, means.seccomp);
	put(&report, SANDBOX_LOCAL_SOCKETS, means.seccomp && !(plan->needs & YW_NEEDS_LOCAL_SOCKETS));
	if (!programs)
		put(&report, SANDBOX_PROGRAMS, means.seccomp);
	put(&report, SANDBOX_PROCESSES, means.seccomp && (!programs || means.landlock_abi >= LANDLOCK_HAS_SCOPES));
	put(&report, SANDBOX_SYSTEM_CALLS, means.seccomp);
	return report;
}

struct sandbox_report sandbox_apply(const struct plan *plan, struct sandbox_means means)
{
	struct err ignored; /* the report says that it is open */
	bool limited = false;

#ifndef SANDBOX_OFF
	(void)!sandbox_drop_capabilities(&ignored);
	limited = sandbox_limit(plan, &ignored) == 0;
#endif
	if (means.landlock_abi > 0 && sandbox_landlock(plan, means.landlock_abi, &ignored))
		means.landlock_abi = 0;
	if (means.seccomp && sandbox_seccomp(plan->needs, &ignored))
		means.seccomp = false;
	struct sandbox_report report = sandbox_expect(plan, means);
	put(&report, SANDBOX_MEMORY, limited);
	return report;
}

static void write_items(const char *key, unsigned items, struct json_writer *w)
{
	json_open(w, key, '[');
	for (size_t i = 0; i < SANDBOX_ITEMS; i++)
		if (items & 1u << i)
			json_put_string(w, NULL, item_names[i]);
	json_close(w, ']');
}

void sandbox_write(struct sandbox_report report, struct json_writer *w)
{
	write_items("confined", report.confined, w);
	write_items("unconfined", report.open, w);
}

const char *sandbox_built_with(void)
{
#if defined(SANDBOX_OFF)
	return "no sandbox: a sanitizer needs what it takes away";
#elif defined(HAVE_LIBSECCOMP)
	return "sandbox of Landlock and seccomp";
#else
	return "sandbox of Landlock; built without libseccomp";
#endif
}
