/* SPDX-License-Identifier: Apache-2.0 */
/*
 * parts.h: the poller's own state, for the files that make it up: poller.c says
 * what is next, request.c sends, replies.c takes what comes back, report.c tells how
 * the registry is, roster.c what is polled, round.c and sweep.c poll at once, reasons.c
 * asks web APIs, of which reason_apis.c knows which there are, reason_replies.c takes what comes of it.
 * Internal to poll/.
 */
#pragma once

#include "poll/randoms.h"
#include "poll/reason_api.h"
#include "poll/registry.h"

struct poller {
	struct loop *loop;
	struct http *http;
	struct poller_sink sink;
	struct loop_timer timer;
	struct registry **registries;      /* owned; in no order */
	size_t n_registries, n_configured; /* the others are names that are left over */
	size_t out;                        /* watches that are requested or at the tracker */
	size_t body_bytes;                 /* of observations that the tracker has not answered */
	bool paused;
	struct randoms randoms;
	/* Of the files above those that call them. */
	void (*pump)(struct poller *poller);
	void (*ask_reasons)(struct poller *poller);
	http_done_fn *on_reply, *on_config;
	struct poller_change *changes; /* to be taken in; the first is under way */
	struct loop_timer change_timer;
	struct reason_api **reason_apis; /* owned */
	size_t n_reason_apis;
	struct loop_timer reason_timer;
};

void poller_change_on_fire(struct loop_timer *timer);
void poller_end_changes(struct poller *poller); /* calls done() of those that are left */

struct registry *poller_find(const struct poller *poller, const char *name); /* NULL = not there */

/* Something may be due, or there is room: sends what may be sent, arms the timer for the rest. */
static inline void poller_pump(struct poller *poller)
{
	poller->pump(poller);
}

/* Asks for the watch's file; a place at the tracker is reserved. An error: nothing was sent. */
MUST_CHECK int poller_request(struct watch *watch, struct err *err);
void poller_request_config(struct registry *registry);

/* The same as poller_request(); a poll that cannot be sent has failed. */
void poller_send(struct watch *watch);
void poller_on_reply(void *watch, struct http_reply *reply);
void poller_on_config(void *registry, struct http_reply *reply);

/* Tells the tracker how the registry is, when that is news. */
void poller_report_health(struct registry *registry);

/* Those whose 404 waits for config.json: it cannot be asked for, they have failed. */
void poller_drop_absences(struct registry *registry, const struct err *why);

/* What the configuration says of a registry's reasons now. ERR_NOMEM leaves it as it was. */
MUST_CHECK int registry_set_reasons(struct registry *registry, const struct config_reasons *config, struct err *err);
void registry_release_reasons(struct registry *registry);
/* config.json says so; "" = it has none. */
void registry_set_api(struct registry *registry, const char *base);

/* Which registry asks which API, after a configuration or a config.json. */
void poller_fit_reasons(struct poller *poller);
void poller_free_reasons(struct poller *poller);
/* Registries that ask it. */
size_t reason_api_registries(const struct reason_api *api);
struct registry *reason_api_registry(const struct reason_api *api, size_t i);
/* Asks what may be asked now, arms the timer for the rest. */
void poller_ask_reasons(struct poller *poller);
static inline void poller_pump_reasons(struct poller *poller)
{
	poller->ask_reasons(poller);
}
void poller_reasons_on_fire(struct loop_timer *timer);
void registry_reasons_status(const struct registry *registry, struct json_writer *w);

/* A poll is over that the tracker hears nothing of. */
void poller_ends_unseen(struct poller *poller);
/* The crate backs off; what this means for the registry its caller has said. */
void poller_poll_failed(struct watch *watch, const struct err *why);
