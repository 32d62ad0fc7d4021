/* SPDX-License-Identifier: Apache-2.0 */
/*
 * app_reasons.c: why versions were yanked: which crate the poller is to ask a web API for, and what came of it, between
 * loop and tracker.
 */
#include "app_wire.h"

#include "base/log.h"
#include "track/jobs.h"

#include <string.h>

/* ---- which crate is next ---- */

struct want_wire {
	struct wire wire;
	struct reason_api *api;
	struct job_reason_next next;
};

static void want_on_back(struct loop_task *task)
{
	struct want_wire *wire = CONTAINER_OF(task, struct want_wire, wire.back);
	struct job_reason_next *next = &wire->next;
	struct reason_want want = {0};

	if (next->job.rc)
		log_error("reasons: %s", next->job.err.text);
	else
		want = (struct reason_want){.crate = TAKE(next->ret_crate),
					    .versions = TAKE(next->ret_versions),
					    .n_versions = next->ret_n_versions,
					    .wants_owners = next->ret_wants_owners,
					    .next_due_ms = next->ret_next_due_ms};
	next->ret_n_versions = 0;
	poller_reason_wanted(wire->wire.app->poller, wire->api, next->job.rc, &want);
	job_reason_next_release(next);
	free(next->registry);
	free(wire);
}

void app_want_reason(void *ctx, struct reason_api *api, const char *registry)
{
	struct app *app = ctx;
	struct want_wire *wire = calloc(1, sizeof *wire);
	struct reason_want none = {0};

	if (wire)
		wire->next.registry = strdup(registry);
	if (!wire || !wire->next.registry) {
		free(wire);
		tracker_give_back(app->tracker);
		poller_reason_wanted(app->poller, api, ERR_NOMEM, &none);
		return;
	}
	wire->api = api;
	wire_send(&wire->wire, app, &wire->next.job, &job_reason_next_kind, want_on_back);
}

/* ---- what came ---- */

struct reason_wire {
	struct wire wire;
	struct reason_api *api;
	struct reason_reply reply;
	struct job_reason reason;
};

static void reason_wire_free(struct reason_wire *wire)
{
	reason_reply_release(&wire->reply);
	free(wire->reason.registry);
	free(wire);
}

static void reason_on_back(struct loop_task *task)
{
	struct reason_wire *wire = CONTAINER_OF(task, struct reason_wire, wire.back);
	struct job_reason *reason = &wire->reason;

	if (reason->job.rc)
		log_error("reasons: %s: %s; asked for again", reason->crate, reason->job.err.text);
	if (reason->job.rc || !reason->ret_fault.code)
		poller_reason_recorded(wire->wire.app->poller, wire->api, reason->job.rc, &reason->job.err);
	else
		poller_reason_recorded(wire->wire.app->poller, wire->api, reason->ret_fault.code, &reason->ret_fault);
	reason_wire_free(wire);
}

static void fill(struct job_reason *reason, const struct reason_reply *reply)
{
	reason->registry = strdup(reply->registry);
	reason->crate = reply->crate;
	reason->versions = reply->versions;
	reason->n_versions = reply->n_versions;
	reason->answer_json = reply->answer;
	reason->answer_len = reply->answer_len;
	reason->asked_owners = reply->asked_owners;
	reason->owners_json = reply->owners;
	reason->owners_len = reply->owners_len;
	reason->url = reply->url;
	reason->asked_at_ms = reply->asked_at_ms;
	reason->observed_at_ms = reply->observed_at_ms;
}

void app_record_reason(void *ctx, struct reason_api *api, struct reason_reply *reply)
{
	struct app *app = ctx;
	struct reason_wire *wire = calloc(1, sizeof *wire);
	struct err err;

	if (wire)
		fill(&wire->reason, reply);
	if (!wire || !wire->reason.registry || !reply->url) {
		free(wire ? wire->reason.registry : NULL);
		free(wire);
		reason_reply_release(reply);
		tracker_give_back(app->tracker);
		poller_reason_recorded(app->poller, api, err_nomem(&err), &err);
		return;
	}
	wire->api = api;
	wire->reply = *reply;
	*reply = (struct reason_reply){0};
	wire_send(&wire->wire, app, &wire->reason.job, &job_reason_kind, reason_on_back);
}

/* ---- there are new ones ---- */

static void due_on_back(struct loop_task *task)
{
	struct wire *wire = CONTAINER_OF(task, struct wire, back);

	poller_reasons_due(wire->app->poller);
	free(wire);
}

void app_reasons_due(void *ctx)
{
	struct app *app = ctx;
	struct wire *wire = calloc(1, sizeof *wire);

	if (!wire) {
		log_error("out of memory: reasons of new yanks are asked for with the next ones");
		return;
	}
	*wire = (struct wire){.app = app, .back.run = due_on_back};
	loop_post(app->loop, &wire->back);
}
