/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sandbox_landlock.c: which files the process can open, by Landlock: a list of what
 * is allowed, each with all that lies beneath it. So what a plugin of programs must
 * not see is left out by allowing its neighbours on every level (`allow_around`).
 *
 * A rule is of the file that is there now: when another takes its name, the process
 * does not see that one (stale.h).
 */
#include "sandbox.h"

#include "stale.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/landlock.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <yankwatch/notifier.h>

/* Younger than the header of the oldest system that this is built on. */
#define FS_REFER (1ULL << 13)     /* ABI 2 */
#define FS_TRUNCATE (1ULL << 14)  /* ABI 3 */
#define FS_IOCTL_DEV (1ULL << 15) /* ABI 5 */
#define NET_BIND_TCP (1ULL << 0)  /* ABI 4 */
#define NET_CONNECT_TCP (1ULL << 1)
#define SCOPE_ABSTRACT_SOCKET (1ULL << 0) /* ABI 6 */
#define SCOPE_SIGNAL (1ULL << 1)

#define FS_OF_ABI_1 ((1ULL << 13) - 1)
#define FS_OF_A_FILE                                                                                               \
	(LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_READ_FILE | FS_TRUNCATE | \
	 FS_IOCTL_DEV)
#define FS_READ (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define FS_WRITE (LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_READ_FILE | FS_TRUNCATE)
#define FS_WRITE_IN (FS_WRITE | LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_REMOVE_FILE)
#define AROUND_MAX 20000 /* names that are looked at on the way to what is hidden */

struct ruleset_attr {
	uint64_t fs, net, scoped;
};

struct rules {
	int fd;
	uint64_t handled;
	int abi;
	unsigned looked_at;
};

/* What a program reads that loads libraries, resolves names and checks certificates. */
static const char *const system_reads[] = {
	"/usr",
	"/lib",
	"/lib64",
	"/lib32",
	"/etc/ssl",
	"/etc/pki",
	"/etc/ca-certificates",
	"/etc/crypto-policies",
	"/etc/gnutls",
	"/etc/alternatives",
	"/etc/ld.so.conf",
	"/etc/ld.so.conf.d",
	"/etc/services",
	"/etc/protocols",
	"/dev/urandom",
	"/dev/random",
	"/dev/zero",
};

int sandbox_landlock_abi(void)
{
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
	return abi > 0 ? (int)abi : 0;
}

/* ---- rules ---- */

static void close_fd(const int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
}

/* A path that is not there needs no rule. */
static int allow(const struct rules *rules, const char *path, uint64_t access, struct err *err)
{
	OWNED(close_fd) int fd = open(path, O_PATH | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) != 0)
		return 0;
	access &= rules->handled;
	if (!S_ISDIR(st.st_mode))
		access &= FS_OF_A_FILE;
	const struct landlock_path_beneath_attr rule = {.allowed_access = access, .parent_fd = fd};
	if (access && syscall(SYS_landlock_add_rule, rules->fd, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) != 0)
		return err_errno(err, "%s: landlock", path);
	return 0;
}

static int allow_all(const struct rules *rules, const char *const *paths, size_t count, uint64_t access,
		     struct err *err)
{
	int rc = 0;

	for (size_t i = 0; i < count && !rc; i++)
		rc = allow(rules, paths[i], access, err);
	return rc;
}

/* ---- what lies beneath what ---- */

/* Is `path` the folder itself or beneath it? Both are canonical. */
static bool is_beneath(const char *path, const char *folder)
{
	size_t len = strlen(folder);

	if (len == 1)
		return true;
	return strncmp(path, folder, len) == 0 && (!path[len] || path[len] == '/');
}

static bool hides(const struct paths *hidden, const char *path)
{
	for (size_t i = 0; i < hidden->count; i++)
		if (is_beneath(path, hidden->items[i]))
			return true;
	return false;
}

static bool hides_beneath(const struct paths *hidden, const char *folder)
{
	for (size_t i = 0; i < hidden->count; i++)
		if (is_beneath(hidden->items[i], folder))
			return true;
	return false;
}

/* What is not there cannot be hidden, and need not be. */
static int canonical(const struct paths *paths, struct paths *ret, struct err *err)
{
	*ret = (struct paths){.items = calloc(paths->count + 1, sizeof *ret->items)};
	if (!ret->items)
		return err_nomem(err);
	for (size_t i = 0; i < paths->count; i++) {
		char *path = realpath(paths->items[i], NULL);
		if (path)
			ret->items[ret->count++] = path;
	}
	return 0;
}

static void paths_release(struct paths *paths)
{
	for (size_t i = 0; i < paths->count; i++)
		free(paths->items[i]);
	free(paths->items);
}

/* ---- a plugin of programs: all but what is hidden ---- */

static int allow_around(struct rules *rules, const char *path, const struct paths *hidden, struct err *err);

static void close_folder(DIR **folder)
{
	if (*folder)
		(void)closedir(*folder);
}

/* A symbolic link needs no rule: what it leads to has its own, or is hidden. */
static int allow_inside(struct rules *rules, const char *path, const struct paths *hidden, struct err *err)
{
	OWNED(close_folder) DIR *folder = opendir(path);
	const struct dirent *entry;
	char child[PATH_MAX];

	while (folder && (entry = readdir(folder))) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 || entry->d_type == DT_LNK)
			continue;
		if (++rules->looked_at > AROUND_MAX)
			return err_set(err, ERR_LIMIT, "%s: more than %d names", path, AROUND_MAX);
		const char *slash = strcmp(path, "/") == 0 ? "" : "/";
		if ((size_t)snprintf(child, sizeof child, "%s%s%s", path, slash, entry->d_name) >= sizeof child)
			continue;
		int rc = allow_around(rules, child, hidden, err);
		if (rc)
			return rc;
	}
	return 0;
}

/* As deep as the deepest hidden path. */
// NOLINTNEXTLINE(misc-no-recursion)
static int allow_around(struct rules *rules, const char *path, const struct paths *hidden, struct err *err)
{
	if (hides(hidden, path))
		return 0;
	if (hides_beneath(hidden, path))
		return allow_inside(rules, path, hidden, err);
	return allow(rules, path, rules->handled, err);
}

/* ---- files that are written ---- */

/* Makes an empty one: only what is there can have a rule. The plugin says what is wrong with it. */
static void make_file(const char *path)
{
	OWNED(close_fd)
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW, 0600);
	(void)fd;
}

/* The folder, so that the file can be made anew after a rotation; the file alone where
 * the folder holds something of the daemon's. */
static int allow_write(const struct rules *rules, const char *path, bool may_make, const struct paths *hidden,
		       struct err *err)
{
	OWNED_MEM char *folder = strdup(path);
	OWNED_MEM char *real = NULL;
	struct stat st;
	bool there = stat(path, &st) == 0;

	if (!folder)
		return err_nomem(err);
	if (there && !S_ISREG(st.st_mode))
		return allow(rules, path, S_ISDIR(st.st_mode) ? FS_WRITE_IN | FS_READ : FS_WRITE, err);
	char *slash = strrchr(folder, '/');
	slash[slash == folder] = '\0';
	real = realpath(folder, NULL);
	if (real && !hides(hidden, real) && !hides_beneath(hidden, real))
		return allow(rules, real, FS_WRITE_IN, err);
	if (may_make)
		make_file(path);
	return allow(rules, path, FS_WRITE, err);
}

/* ---- the whole ---- */

static int add_rules(struct rules *rules, const struct plan *plan, const struct paths *hidden, struct err *err)
{
	if (plan->needs & YW_NEEDS_PROGRAMS)
		return plan->knows_hidden ? allow_around(rules, "/", hidden, err)
					  : allow(rules, "/", rules->handled, err);
	int rc = allow_all(rules, system_reads, ARRAY_LEN(system_reads), FS_READ, err);
	if (!rc)
		rc = allow_all(rules, stale_system_files, STALE_SYSTEM_FILES, FS_READ, err);
	if (!rc)
		rc = allow(rules, "/dev/null", FS_WRITE, err);
	if (!rc)
		rc = allow_all(rules, (const char *const *)plan->loads.items, plan->loads.count, FS_READ, err);
	if (!rc)
		rc = allow_all(rules, (const char *const *)plan->reads.items, plan->reads.count, FS_READ, err);
	for (size_t i = 0; i < plan->writes.count && !rc; i++)
		rc = allow_write(rules, plan->writes.items[i], !plan->trial, hidden, err);
	return rc;
}

/* TCP: what seccomp denies by family is denied here once more. No plugin is a server. */
static struct ruleset_attr attributes(const struct plan *plan, int abi)
{
	const bool programs = plan->needs & YW_NEEDS_PROGRAMS;
	struct ruleset_attr attr = {.fs = FS_OF_ABI_1};

	attr.fs |= (abi >= 2 ? FS_REFER : 0) | (abi >= 3 ? FS_TRUNCATE : 0) | (abi >= 5 ? FS_IOCTL_DEV : 0);
	if (abi >= 4 && !programs)
		attr.net |= NET_BIND_TCP;
	if (abi >= 4 && !(plan->needs & YW_NEEDS_NETWORK))
		attr.net |= NET_BIND_TCP | NET_CONNECT_TCP;
	if (abi >= 6)
		attr.scoped |= SCOPE_SIGNAL;
	if (abi >= 6 && !(plan->needs & YW_NEEDS_LOCAL_SOCKETS))
		attr.scoped |= SCOPE_ABSTRACT_SOCKET;
	return attr;
}

static size_t size_of_attributes(int abi)
{
	return abi >= 6   ? sizeof(struct ruleset_attr)
	       : abi >= 4 ? offsetof(struct ruleset_attr, scoped)
			  : offsetof(struct ruleset_attr, net);
}

int sandbox_landlock(const struct plan *plan, int abi, struct err *err)
{
	const struct ruleset_attr attr = attributes(plan, abi);
	OWNED(close_fd) int fd = (int)syscall(SYS_landlock_create_ruleset, &attr, size_of_attributes(abi), 0);
	OWNED(paths_release) struct paths hidden = {0};
	struct rules rules = {.fd = fd, .handled = attr.fs, .abi = abi};

	if (fd < 0)
		return err_errno(err, "landlock");
	int rc = canonical(&plan->hidden, &hidden, err);
	if (!rc)
		rc = add_rules(&rules, plan, &hidden, err);
	if (!rc && syscall(SYS_landlock_restrict_self, fd, 0) != 0)
		rc = err_errno(err, "landlock");
	return rc;
}
