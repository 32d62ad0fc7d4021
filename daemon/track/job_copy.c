/* SPDX-License-Identifier: Apache-2.0 */
/* job_copy.c: a copy of the database, step by step, so that nothing else waits for it. */
#include "store/copy.h"
#include "track/jobs.h"

#define STEP_MS 5 /* others of the batch wait so long */

/* An end needs no COMMIT, so it comes also when the disk takes none. */
static int apply_copy(struct tracker *tracker, struct job *base, struct err *err)
{
	struct job_copy *job = CONTAINER_OF(base, struct job_copy, job);

	if (job->end)
		db_copy_end(TAKE(job->copy));
	else if (!job->copy)
		return db_copy_begin(tracker_db(tracker), job->path, &job->copy, err);
	return 0;
}

/* SQLite copies between transactions alone. */
static void committed_copy(struct tracker *tracker, struct job *base)
{
	struct job_copy *job = CONTAINER_OF(base, struct job_copy, job);
	(void)tracker;

	if (!job->end)
		base->rc = db_copy_step(job->copy, STEP_MS, &job->ret_left, &base->err);
}

const struct job_kind job_copy_kind = {
	.name = "copy", .apply = apply_copy, .committed = committed_copy, .is_patient = true};
