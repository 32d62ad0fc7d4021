/* SPDX-License-Identifier: Apache-2.0 */
/*
 * job_observation.c: the heart of it. What is remembered of a crate is held
 * against what was seen; what a stale copy could also show waits until it is
 * confirmed; the other transitions become events, the events find their notifiers,
 * and state, history and outbox change together or not at all. apply() is
 * at the end and calls what stands above it; the steps stand in crate_*.c.
 */
#include "base/log.h"
#include "track/crate_work.h"
#include "track/jobs.h"

#include <string.h>

static const struct belief_confirm *confirm_of(const struct crate_work *work)
{
	static const struct belief_confirm at_once;
	const struct config *config = tracker_config(work->tracker);

	for (size_t i = 0; i < config->n_registries; i++)
		if (strcmp(config->registries[i].name, work->seen->registry) == 0)
			return &config->registries[i].confirm;
	return &at_once;
}

/* Is the reply as old as it says, and has an older one been there long enough? What may
 * have been cut is never believed whole: it would show as deletions. */
static int judge(struct crate_work *work, struct err *err)
{
	const struct observation *seen = work->seen;
	const struct crate_record *record = &work->record;

	work->belief = belief_in(record->last_modified, seen->validators.last_modified);
	if (work->belief == BELIEF_WHOLE && seen->unframed)
		work->belief = BELIEF_GUARDED;
	if (work->belief != BELIEF_STALE)
		return 0;
	work->newly_stale = record->stale_modified != seen->validators.last_modified;
	if (work->newly_stale)
		return state_stale_save(tracker_db(work->tracker), record->id, seen->validators.last_modified,
					seen->observed_at_ms, err);
	if (seen->observed_at_ms - record->stale_since_ms >= BELIEF_STALE_MS) {
		work->belief = BELIEF_WHOLE;
		log_warning("poll: %s in %s: the same older copy for a day, it is accepted", seen->crate,
			    seen->registry);
	}
	return 0;
}

static struct sighting sighting_of(const struct crate_work *work)
{
	return (struct sighting){
		.belief = work->belief,
		.age_ms = work->same_as_pending ? work->seen->observed_at_ms - work->pending.first_ms : 0,
		.was_away = work->pending.there && work->pending.state == CRATE_ABSENT,
		.incident = work->record.incident,
		.confirm = *confirm_of(work),
	};
}

/* What the next request carries: the copy that was taken or that waits. After an older one it
 * names none: a 304 would not come here, and say that the older copy does not stand. */
static int next_validators(const struct crate_work *work, struct validators *ret, struct err *err)
{
	const char *etag = work->seen->validators.etag;

	if (work->belief == BELIEF_STALE)
		return 0;
	ret->last_modified = work->seen->validators.last_modified;
	ret->etag = etag ? strdup(etag) : NULL;
	return etag && !ret->etag ? err_nomem(err) : 0;
}

/* Something of the file was not seen, and a 304 to its ETag would hide that for good: it is evidence, and no more. */
static void withhold_etag(struct crate_work *work)
{
	work->withheld_etag = TAKE(work->seen->validators.etag);
}

static int take_in(struct crate_work *work, struct err *err)
{
	int rc = work_compare(work, err);
	if (rc)
		return rc;
	const struct sighting sighting = sighting_of(work);
	work->waits = settle(&sighting, &work->look, &work->transitions);
	if (work->look.bad || work->seen->unframed)
		withhold_etag(work);
	rc = work_save(work, err);
	if (!rc)
		rc = work_record(work, err);
	if (!rc)
		rc = work_follow_reasons(work, err);
	return rc ? rc : work_follow(work, err);
}

static int apply(struct tracker *tracker, struct job *base, struct err *err)
{
	struct job_observation *job = CONTAINER_OF(base, struct job_observation, job);
	OWNED(work_release) struct crate_work work = {.tracker = tracker, .seen = &job->observation};
	struct observation_result *result = &job->ret_result;

	int rc = work_load(&work, err);
	if (!rc)
		rc = judge(&work, err);
	if (!rc && work.belief != BELIEF_STALE)
		rc = take_in(&work, err);
	if (!rc)
		rc = next_validators(&work, &result->validators, err);
	if (rc)
		return rc;
	free(TAKE(job->observation.body)); /* nobody needs it any more, and the next reply may have its room */
	work_say(&work, &job->ret_said);
	result->stale = work.belief == BELIEF_STALE;
	result->pending = result->stale ? work.pending.there : work.waits;
	result->state = result->stale || work.waits ? work.record.state : job->observation.state;
	result->events = work.transitions.count;
	result->unparsed =
		result->stale ? work.record.unparsed || work.record.doubled : work.look.bad || work.look.doubled;
	result->faulty = work_has_new_faults(&work) || work.newly_stale;
	return 0;
}

static void committed(struct tracker *tracker, struct job *base)
{
	struct job_observation *job = CONTAINER_OF(base, struct job_observation, job);
	(void)tracker;

	if (job->ret_said.len)
		log_write(job->ret_result.faulty ? LOG_LEVEL_WARNING : LOG_LEVEL_INFO, "poll: %s in %s: %s",
			  job->observation.crate, job->observation.registry, strbuf_str(&job->ret_said));
}

const struct job_kind job_observation_kind = {
	.name = "observation",
	.apply = apply,
	.committed = committed,
	.is_patient = true,
};
