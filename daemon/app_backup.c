/* SPDX-License-Identifier: Apache-2.0 */
/*
 * app_backup.c: a copy of the database for the socket: made by the tracker in small steps, asked
 * for and waited for on the socket's thread, into a file of state_dir that has no name any more
 * once it is there.
 */
#include "app.h"

#include "base/call.h"
#include "base/log.h"
#include "base/text.h"
#include "track/jobs.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define SUFFIX ".backup"             /* behind the database's name */
#define RESERVE (UINT64_C(32) << 20) /* bytes that stay free: what the write-ahead log may grow to meanwhile */
#define BUSY_MS 10
#define END_TRIES 100
#define BY_SHOWN_MAX 256

struct copying {
	struct app *app;
	struct db_copy *copy; /* the tracker's, kept here from step to step */
	char *path;
	int fd; /* of the file; -1 = none */
};

/* Counted, since the tracker may still be leaving call_finish() when the asker goes on. */
struct step_call {
	struct call call;
	struct job_copy step;
};

static void step_release(struct call *call)
{
	free(CONTAINER_OF(call, struct step_call, call));
}

static void on_reply(struct job *job)
{
	call_finish(&CONTAINER_OF(job, struct step_call, step.job)->call);
}

/* One job, to its end, which comes for certain: the tracker ends after the socket. *ret_left: pages. */
static int run_step(struct copying *copying, bool end, int64_t *ret_left, struct err *err)
{
	static const atomic_bool never;
	struct app *app = copying->app;
	struct step_call *step = calloc(1, sizeof *step);

	if (!step)
		return err_nomem(err);
	while (!tracker_reserve(app->tracker))
		(void)poll(NULL, 0, BUSY_MS);
	call_init(&step->call, step_release);
	step->step = (struct job_copy){.job = {.kind = &job_copy_kind, .reply = on_reply},
				       .path = copying->path,
				       .copy = copying->copy,
				       .end = end};
	tracker_submit(app->tracker, &step->step.job);
	while (!call_wait(&step->call, APP_ANSWER_MS, &never))
		;
	int rc = step->step.job.rc;
	if (rc)
		*err = step->step.job.err;
	copying->copy = step->step.copy;
	*ret_left = step->step.ret_left;
	call_put(&step->call);
	return rc;
}

/* With what is in the write-ahead log alone as yet. */
static int database_bytes(const struct app *app, uint64_t *ret, struct err *err)
{
	OWNED_MEM char *log = NULL;
	struct stat st;

	if (asprintf(&log, "%s-wal", app->database) < 0) {
		log = NULL;
		return err_nomem(err);
	}
	if (stat(app->database, &st) < 0)
		return err_errno(err, "%s", app->database);
	*ret = (uint64_t)st.st_size;
	if (stat(log, &st) == 0)
		*ret += (uint64_t)st.st_size;
	return 0;
}

/* A copy that fills the disk would take the daemon with it, for as long as somebody reads it. */
static int check_room(const struct app *app, struct err *err)
{
	struct statvfs disk;
	uint64_t bytes = 0;

	int rc = database_bytes(app, &bytes, err);
	if (rc)
		return rc;
	bytes += RESERVE;
	if (statvfs(app->database, &disk) < 0)
		return err_errno(err, "%s", app->database);
	uint64_t room = (uint64_t)disk.f_bavail * disk.f_frsize;
	if (room > bytes)
		return 0;
	return err_set(err, ERR_IO, "%s: a backup needs %.1f MB beside it for a while, and %.1f MB are free",
		       app->database, (double)bytes / 1e6, (double)room / 1e6);
}

static int make_file(struct copying *copying, struct err *err)
{
	copying->fd = open(copying->path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	return copying->fd < 0 ? err_errno(err, "%s", copying->path) : 0;
}

/* The first step has opened the file: from then on it goes when nobody has it open. */
static int make_copy(struct copying *copying, const struct api_backup *question, struct err *err)
{
	struct err ignored;
	int64_t left = 0;
	int rc;

	do {
		rc = run_step(copying, false, &left, err);
		(void)unlink(copying->path);
		if (!rc && left && question->is_over(question->asker))
			rc = err_set(err, ERR_BUSY, "whoever asked for it has gone");
	} while (!rc && left);
	for (int tries = 0; copying->copy && tries < END_TRIES; tries++)
		if (run_step(copying, true, &left, &ignored))
			(void)poll(NULL, 0, BUSY_MS);
	return rc ? err_prefix(err, "%s", copying->path) : 0;
}

static int copy_database(struct app *app, const struct api_backup *question, int *ret_fd, struct err *err)
{
	struct copying copying = {.app = app, .fd = -1};
	char by[BY_SHOWN_MAX];

	if (asprintf(&copying.path, "%s" SUFFIX, app->database) < 0)
		return err_nomem(err);
	int rc = check_room(app, err);
	if (!rc)
		rc = make_file(&copying, err);
	if (!rc)
		rc = make_copy(&copying, question, err);
	if (rc && copying.fd >= 0)
		(void)close(copying.fd);
	free(copying.path);
	if (rc)
		return rc;
	log_info("backup: the database is copied: asked by %s", text_safe(question->by, by, sizeof by));
	*ret_fd = copying.fd;
	return 0;
}

int app_backup(void *ctx, const struct api_backup *question, int *ret_fd, struct err *err)
{
	struct app *app = ctx;

	if (atomic_exchange(&app->is_copying, true))
		return err_set(err, ERR_REFUSED, "another backup is being made: try again");
	int rc = copy_database(app, question, ret_fd, err);
	atomic_store(&app->is_copying, false);
	return rc;
}

void app_backup_clean(const struct app *app)
{
	char path[4096];

	int len = snprintf(path, sizeof path, "%s" SUFFIX, app->database);
	if (len < (int)sizeof path && unlink(path) < 0 && errno != ENOENT)
		log_warning("%s: is left of a backup, and cannot be removed", path);
}
