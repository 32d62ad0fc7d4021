/* SPDX-License-Identifier: Apache-2.0 */
/* stale.c: see stale.h. Landlock does not forbid stat(). */
#include "stale.h"

#include <string.h>
#include <sys/stat.h>

struct place {
	char *path;
	dev_t device; /* all 0: not there */
	ino_t inode;
	struct timespec changed;
};

struct places {
	struct place *items;
	size_t count;
};

struct stale {
	struct places files;
	struct places folders;
};

const char *const stale_system_files[STALE_SYSTEM_FILES] = {
	"/etc/resolv.conf", "/etc/hosts",  "/etc/host.conf", "/etc/nsswitch.conf", "/etc/gai.conf",
	"/etc/localtime",   "/etc/passwd", "/etc/group",     "/etc/ld.so.cache",
};

static void look(struct place *place)
{
	struct stat st;

	if (stat(place->path, &st) != 0)
		return;
	place->device = st.st_dev;
	place->inode = st.st_ino;
	place->changed = st.st_mtim;
}

static bool add(struct places *places, const char *path)
{
	struct place *longer = reallocarray(places->items, places->count + 1, sizeof *longer);

	if (!longer)
		return false;
	places->items = longer;
	longer[places->count] = (struct place){.path = strdup(path)};
	if (!longer[places->count].path)
		return false;
	look(&longer[places->count++]);
	return true;
}

static bool has(const struct places *places, const char *path)
{
	for (size_t i = 0; i < places->count; i++)
		if (strcmp(places->items[i].path, path) == 0)
			return true;
	return false;
}

/* All folders that lead to `path`, once each. */
static bool add_above(struct places *folders, const char *path)
{
	OWNED_MEM char *folder = realpath(path, NULL);
	char *slash;
	bool good = true;

	while (good && folder && (slash = strrchr(folder, '/')) && folder[1]) {
		slash[slash == folder] = '\0';
		good = has(folders, folder) || add(folders, folder);
	}
	return good;
}

struct stale *stale_new(const struct plan *plan)
{
	struct stale *stale = calloc(1, sizeof *stale);
	bool good = stale;

	for (size_t i = 0; i < STALE_SYSTEM_FILES && good; i++)
		good = add(&stale->files, stale_system_files[i]);
	for (size_t i = 0; i < plan->reads.count && good; i++)
		good = add(&stale->files, plan->reads.items[i]);
	for (size_t i = 0; i < plan->hidden.count && good; i++)
		good = add_above(&stale->folders, plan->hidden.items[i]);
	if (good)
		return stale;
	stale_free(stale);
	return NULL;
}

static void release(struct places *places)
{
	for (size_t i = 0; i < places->count; i++)
		free(places->items[i].path);
	free(places->items);
}

void stale_free(struct stale *stale)
{
	if (!stale)
		return;
	release(&stale->files);
	release(&stale->folders);
	free(stale);
}

const char *stale_file(const struct stale *stale)
{
	for (size_t i = 0; i < stale->files.count; i++) {
		const struct place *then = &stale->files.items[i];
		struct place now = {.path = then->path};
		look(&now);
		if (now.device != then->device || now.inode != then->inode)
			return then->path;
	}
	return NULL;
}

const char *stale_folder(const struct stale *stale)
{
	for (size_t i = 0; i < stale->folders.count; i++) {
		const struct place *then = &stale->folders.items[i];
		struct place now = {.path = then->path};
		look(&now);
		if (now.changed.tv_sec != then->changed.tv_sec || now.changed.tv_nsec != then->changed.tv_nsec)
			return then->path;
	}
	return NULL;
}
