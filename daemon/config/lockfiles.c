/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lockfiles.c: see lockfiles.h. A look finds the paths, takes over what the last look knew of each, and then
 * goes through them: stat, and only what is not as it was is read, and only what reads otherwise is handed over.
 */
#include "config/lockfiles.h"

#include "base/clock.h"
#include "base/log.h"
#include "config/lockfile.h"
#include "config/lockfile_paths.h"
#include "model/lock_read.h"

#include <stdio.h>
#include <string.h>

#define BEING_WRITTEN_MS 2000 /* a file that changed so shortly before may not be whole yet */

struct lockfile {
	const struct config_project *project;
	char *path;      /* owned, as all text here */
	char *misses;    /* a pattern that leads to no file, and why; else NULL */
	char *told;      /* the fault that was handed over last; NULL = none since the last lock */
	bool has_digest; /* a lock was handed over */
	bool is_known;   /* what it held at `stamp` was handed over */
	bool waits;      /* it was being written at the last look */
	struct lockfile_stamp stamp;
	unsigned char digest[LOCKFILE_DIGEST_BYTES];
};

struct list {
	struct lockfile *items; /* owned; sorted; no doubles */
	size_t n;
};

struct lockfiles {
	struct lockfiles_sink sink;
	const struct config *config; /* a reference: of the last look; NULL = there was none */
	struct list list;
	bool is_first;    /* this look is the configuration's first */
	bool present_due; /* the list is another than was told */
};

/* ---- the list ---- */

static void lockfile_release(struct lockfile *lockfile)
{
	free(lockfile->path);
	free(lockfile->misses);
	free(lockfile->told);
}

static void list_release(struct list *list)
{
	for (size_t i = 0; i < list->n; i++)
		lockfile_release(&list->items[i]);
	free(list->items);
	*list = (struct list){0};
}

static int compare(const void *a, const void *b)
{
	const struct lockfile *left = a;
	const struct lockfile *right = b;
	int order = strcmp(left->project->name, right->project->name);

	return order ? order : strcmp(left->path, right->path);
}

static struct lockfile *find(const struct list *list, const struct lockfile *like)
{
	return list->n ? bsearch(like, list->items, list->n, sizeof *like, compare) : NULL;
}

/* Two patterns may match the same file. */
static void drop_doubles(struct list *list)
{
	size_t kept = 0;

	for (size_t i = 0; i < list->n; i++) {
		if (kept > 0 && compare(&list->items[kept - 1], &list->items[i]) == 0)
			lockfile_release(&list->items[i]);
		else
			list->items[kept++] = list->items[i];
	}
	list->n = kept;
}

static void sort(struct list *list)
{
	if (list->n > 1)
		qsort(list->items, list->n, sizeof *list->items, compare);
	drop_doubles(list);
}

/* Those that there are now, nothing known of them; room for `more`. */
static int find_all(const struct config *config, size_t more, struct list *ret, struct err *err)
{
	OWNED(lockfile_paths_release) struct lockfile_paths paths = {0};

	int rc = lockfile_paths_find(config, &paths, err);
	if (rc)
		return rc;
	ret->items = calloc(paths.n + more + 1, sizeof *ret->items);
	if (!ret->items)
		return err_nomem(err);
	for (; ret->n < paths.n; ret->n++) {
		struct lockfile_path *path = &paths.items[ret->n];
		ret->items[ret->n] = (struct lockfile){.project = &config->projects[path->project],
						       .path = TAKE(path->path),
						       .misses = TAKE(path->fault)};
	}
	sort(ret);
	return 0;
}

/* What was known of a file goes on; one that is gone stays, as a fault. True: the list is another one. */
static bool take_over(struct list *before, struct list *now)
{
	struct list fresh = *now;
	size_t found = 0;
	size_t dropped = 0;

	for (size_t i = 0; i < before->n; i++) {
		struct lockfile *old = &before->items[i];
		struct lockfile *same = find(&fresh, old);
		if (same) {
			found++;
			free(same->path);
			free(old->misses);
			old->misses = same->misses;
			*same = *old;
		} else if (old->misses) {
			dropped++;
			lockfile_release(old);
		} else {
			now->items[now->n++] = *old;
		}
	}
	free(before->items);
	*before = (struct list){0};
	sort(now);
	return found < fresh.n || dropped > 0;
}

static int refresh(struct lockfiles *lockfiles, struct err *err)
{
	struct list now = {0};

	int rc = find_all(lockfiles->config, lockfiles->list.n, &now, err);
	if (rc) {
		list_release(&now);
		return rc;
	}
	lockfiles->present_due |= take_over(&lockfiles->list, &now);
	lockfiles->list = now;
	return 0;
}

/* ---- one of them ---- */

static bool tell_fault(const struct lockfiles *lockfiles, struct lockfile *lockfile, const struct err *why)
{
	const struct lockfile_news news = {.project = lockfile->project, .path = lockfile->path, .err = why};

	if (lockfile->told && strcmp(lockfile->told, why->text) == 0)
		return true;
	if (!lockfiles->sink.changed(lockfiles->sink.ctx, lockfiles->config, &news))
		return false;
	free(lockfile->told);
	lockfile->told = strdup(why->text); /* without memory it is told again */
	return true;
}

static bool tell_lock(const struct lockfiles *lockfiles, struct lockfile *lockfile, const struct lock *lock,
		      const unsigned char digest[static LOCKFILE_DIGEST_BYTES])
{
	const struct lockfile_news news = {
		.project = lockfile->project, .path = lockfile->path, .lock = lock, .digest = digest};

	if (!lockfiles->sink.changed(lockfiles->sink.ctx, lockfiles->config, &news))
		return false;
	free(TAKE(lockfile->told));
	memcpy(lockfile->digest, digest, LOCKFILE_DIGEST_BYTES);
	lockfile->has_digest = true;
	return true;
}

/* True: what it holds is handed over, or was. What cannot be opened is tried at each look. */
static bool take_in(const struct lockfiles *lockfiles, struct lockfile *lockfile)
{
	OWNED(lockfile_content_release) struct lockfile_content content;
	OWNED(lock_release) struct lock lock = {0};
	struct err err;

	if (lockfile_read(lockfile->path, &content, &err)) {
		(void)tell_fault(lockfiles, lockfile, &err);
		return false;
	}
	if (lockfile->has_digest && !lockfile->told &&
	    memcmp(lockfile->digest, content.digest, LOCKFILE_DIGEST_BYTES) == 0)
		return true;
	if (lock_read(content.bytes.text, content.bytes.len, &lock, &err))
		return tell_fault(lockfiles, lockfile, &err);
	return tell_lock(lockfiles, lockfile, &lock, content.digest);
}

/* Once: what is written all the time is read all the same. A configuration's first look waits for nothing. */
static bool may_be_half_written(const struct lockfiles *lockfiles, const struct lockfile *lockfile,
				const struct lockfile_stamp *stamp)
{
	int64_t modified_ms = (int64_t)stamp->modified.tv_sec * 1000 + stamp->modified.tv_nsec / 1000000;
	int64_t age_ms = clock_wall_ms() - modified_ms;

	return !lockfiles->is_first && !lockfile->waits && age_ms > -BEING_WRITTEN_MS && age_ms < BEING_WRITTEN_MS;
}

static void look_at_file(const struct lockfiles *lockfiles, struct lockfile *lockfile)
{
	struct lockfile_stamp stamp;
	struct err err;

	int rc = lockfile_stamp(lockfile->path, &stamp, &err);
	if (rc) {
		if (rc == ERR_ABSENT && lockfile->has_digest)
			(void)err_set(&err, ERR_ABSENT, "is not there any more");
		lockfile->is_known = false;
		(void)tell_fault(lockfiles, lockfile, &err);
		return;
	}
	if (lockfile->is_known && lockfile_stamp_equal(&lockfile->stamp, &stamp))
		return;
	lockfile->waits = may_be_half_written(lockfiles, lockfile, &stamp);
	if (lockfile->waits)
		return;
	lockfile->stamp = stamp; /* of before it was read: what is written meanwhile is another one */
	lockfile->is_known = take_in(lockfiles, lockfile);
}

static void look_at(const struct lockfiles *lockfiles, struct lockfile *lockfile)
{
	struct err err;

	if (!lockfile->misses) {
		look_at_file(lockfiles, lockfile);
		return;
	}
	(void)err_set(&err, ERR_ABSENT, "%s", lockfile->misses);
	(void)tell_fault(lockfiles, lockfile, &err);
}

/* ---- all of them ---- */

static void tell_present(struct lockfiles *lockfiles)
{
	const struct list *list = &lockfiles->list;
	OWNED_MEM const char *(*present)[2] = calloc(list->n + 1, sizeof *present);

	if (!present)
		return; /* at the next look */
	for (size_t i = 0; i < list->n; i++) {
		present[i][0] = list->items[i].project->name;
		present[i][1] = list->items[i].path;
	}
	lockfiles->present_due = !lockfiles->sink.present(lockfiles->sink.ctx, lockfiles->config,
							  (const char *const(*)[2])present, list->n);
}

static void begin_config(struct lockfiles *lockfiles, const struct config *config)
{
	list_release(&lockfiles->list);
	config_unref(lockfiles->config);
	lockfiles->config = config_ref(config);
	lockfiles->present_due = true;
}

bool lockfiles_look(struct lockfiles *lockfiles, const struct config *config, const atomic_bool *interrupt)
{
	struct err err;

	lockfiles->is_first = lockfiles->config != config;
	if (lockfiles->is_first)
		begin_config(lockfiles, config);
	if (refresh(lockfiles, &err)) {
		log_error("lockfiles: %s: looked for again in a minute", err.text);
		return true;
	}
	for (size_t i = 0; i < lockfiles->list.n; i++) {
		if (atomic_load(interrupt))
			return false;
		look_at(lockfiles, &lockfiles->list.items[i]);
	}
	if (lockfiles->present_due)
		tell_present(lockfiles);
	return true;
}

int lockfiles_new(const struct lockfiles_sink *sink, struct lockfiles **ret, struct err *err)
{
	struct lockfiles *lockfiles = calloc(1, sizeof *lockfiles);

	if (!lockfiles)
		return err_nomem(err);
	lockfiles->sink = *sink;
	*ret = lockfiles;
	return 0;
}

void lockfiles_free(struct lockfiles *lockfiles)
{
	if (!lockfiles)
		return;
	list_release(&lockfiles->list);
	config_unref(lockfiles->config);
	free(lockfiles);
}
