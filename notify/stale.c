/* SPDX-License-Identifier: Apache-2.0 */
/* stale.c: see stale.h. Landlock does not forbid stat(). */
#include "stale.h"

#include <string.h>
#include <sys/stat.h>

struct file {
	char *path;
	dev_t device; /* 0, 0: not there */
	ino_t inode;
};

struct stale {
	size_t count;
	struct file files[];
};

const char *const stale_system_files[STALE_SYSTEM_FILES] = {
	"/etc/resolv.conf", "/etc/hosts",  "/etc/host.conf", "/etc/nsswitch.conf", "/etc/gai.conf",
	"/etc/localtime",   "/etc/passwd", "/etc/group",     "/etc/ld.so.cache",
};

/* Where a folder stands, what lies in it counts by its name. */
static void identify(const char *path, dev_t *ret_device, ino_t *ret_inode)
{
	struct stat st;
	bool there = stat(path, &st) == 0;

	*ret_device = there ? st.st_dev : 0;
	*ret_inode = there ? st.st_ino : 0;
}

static bool add(struct stale *stale, const char *path)
{
	struct file *file = &stale->files[stale->count];

	file->path = strdup(path);
	if (!file->path)
		return false;
	stale->count++;
	identify(path, &file->device, &file->inode);
	return true;
}

struct stale *stale_new(const struct plan *plan)
{
	size_t room = STALE_SYSTEM_FILES + plan->reads.count;
	struct stale *stale = calloc(1, sizeof *stale + room * sizeof stale->files[0]);
	bool good = stale;

	for (size_t i = 0; i < STALE_SYSTEM_FILES && good; i++)
		good = add(stale, stale_system_files[i]);
	for (size_t i = 0; i < plan->reads.count && good; i++)
		good = add(stale, plan->reads.items[i]);
	if (good)
		return stale;
	stale_free(stale);
	return NULL;
}

void stale_free(struct stale *stale)
{
	for (size_t i = 0; stale && i < stale->count; i++)
		free(stale->files[i].path);
	free(stale);
}

const char *stale_find(const struct stale *stale)
{
	for (size_t i = 0; i < stale->count; i++) {
		const struct file *file = &stale->files[i];
		dev_t device;
		ino_t inode;
		identify(file->path, &device, &inode);
		if (device != file->device || inode != file->inode)
			return file->path;
	}
	return NULL;
}
