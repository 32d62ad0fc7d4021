/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fit.c: see fit.h. "Richness" orders all the ways to show a message: 0 is no event
 * at all, then one headline more each, then one event more with its facts each.
 * The richest that fits is found by halving.
 */
#include "fit.h"

#include "lib/escape.h"
#include "lib/text.h"

#include <stdlib.h>
#include <string.h>

#define VALUE_LONG 1000 /* characters of a value, when there is room */
#define VALUE_SHORT 200 /* when there is not */

struct fit {
	const struct mustache *template;
	const struct service *service;
	const struct view_options *options;
	const struct yw_message *message;
	size_t lines_max, full_max;
	char *error;
};

struct putting {
	enum markup markup;
	bool failed; /* a value that is missing would be a lie */
};

static void put_value(void *arg, FILE *out, const char *value, bool raw)
{
	struct putting *putting = arg;
	char *text = NULL;
	size_t len = 0;
	FILE *marked = open_memstream(&text, &len);

	if (marked)
		markup_put(marked, raw ? MARKUP_NONE : putting->markup, value);
	text = text_end(marked, &text);
	if (text)
		escape_json_inside(out, text);
	putting->failed |= !text;
	free(text);
}

static char *render(const struct fit *fit, const struct view_shape *shape)
{
	struct putting putting = {.markup = fit->service->markup};
	char *text = NULL;
	size_t len = 0;
	cJSON *view = view_make(fit->message, fit->options, shape);
	FILE *out = view ? open_memstream(&text, &len) : NULL;

	if (out)
		mustache_render(fit->template, view, put_value, &putting, out);
	text = text_end(out, &text);
	if (putting.failed) {
		free(text);
		text = NULL;
	}
	cJSON_Delete(view);
	return text;
}

/* The place of a fault in the template's JSON, told by what stands before it. */
static void tell_fault(const struct fit *fit, const char *text, const char *at)
{
	size_t offset = at && at > text ? (size_t)(at - text) : 0;
	size_t shown = offset < 40 ? offset : 40;

	(void)snprintf(fit->error, FIT_ERROR_MAX, "the template gives no JSON: it is wrong after: %.*s", (int)shown,
		       text + offset - shown);
}

/* One object without blanks, or NULL with an error. */
static cJSON *parse(const struct fit *fit, const char *text)
{
	const char *end = NULL;
	cJSON *json = cJSON_ParseWithOpts(text, &end, true);

	if (cJSON_IsObject(json))
		return json;
	tell_fault(fit, text, end);
	cJSON_Delete(json);
	return NULL;
}

/* The body in that richness; NULL: an error. *ret_broken: what it breaks, NULL when it fits. */
static char *body_of(const struct fit *fit, size_t richness, size_t value_max, const struct limit **ret_broken)
{
	size_t full = richness > fit->lines_max ? richness - fit->lines_max : 0;
	struct view_shape shape = {full > 0 ? fit->lines_max : richness, full, value_max};
	char *text = render(fit, &shape);
	cJSON *json = text ? parse(fit, text) : NULL;
	char *body = json ? cJSON_PrintUnformatted(json) : NULL;

	if (body)
		*ret_broken = limits_broken(fit->service->limits, json, strlen(body));
	cJSON_Delete(json);
	free(text);
	return body;
}

/* As body_of(), but NULL also for what does not fit; then *ret_broken says why. */
static char *fitting(const struct fit *fit, size_t richness, size_t value_max, const struct limit **ret_broken)
{
	*ret_broken = NULL;
	char *body = body_of(fit, richness, value_max, ret_broken);
	if (!*ret_broken)
		return body;
	free(body);
	return NULL;
}

/* The richest below `high`, which is known not to fit. */
static char *halve(const struct fit *fit, size_t high, const struct limit **ret_broken)
{
	size_t low = 0;
	char *best = fitting(fit, low, VALUE_SHORT, ret_broken);

	while (best && high - low > 1) {
		size_t middle = low + (high - low) / 2;
		const struct limit *broken;
		char *body = fitting(fit, middle, VALUE_SHORT, &broken);
		if (body) {
			free(best);
			best = body;
			low = middle;
		} else if (broken) {
			high = middle;
		} else {
			free(best);
			return NULL;
		}
	}
	return best;
}

static size_t at_most(size_t n, size_t max)
{
	return n < max ? n : max;
}

char *fit_body(const struct mustache *template, const struct service *service, const struct view_options *options,
	       const struct yw_message *message, char error[FIT_ERROR_MAX])
{
	struct fit fit = {
		.template = template,
		.service = service,
		.options = options,
		.message = message,
		.lines_max = at_most(message->n_events, VIEW_LINES_MAX),
		.full_max = at_most(message->n_events, VIEW_FULL_MAX),
		.error = error,
	};
	size_t richest = fit.lines_max + fit.full_max;
	error[0] = '\0';
	const struct limit *broken;

	char *body = fitting(&fit, richest, VALUE_LONG, &broken);
	if (!body && broken)
		body = fitting(&fit, richest, VALUE_SHORT, &broken);
	if (!body && broken)
		body = halve(&fit, richest, &broken);
	if (!body && broken)
		(void)snprintf(error, FIT_ERROR_MAX,
			       "the template's %s is longer than the %zu that %s takes, even without events",
			       *broken->path ? broken->path : "body", broken->max, service->name);
	return body;
}

/* ---- a template before its first message ---- */

static const struct yw_fact sample_facts[] = {{"why", "a reason"}, {"run", "cargo update"}};
static const struct yw_event sample_event = {.size = sizeof sample_event,
					     .id = "evt_1",
					     .at = "2026-11-21T09:30:00Z",
					     .registry = "crates-io",
					     .crate = "demo-crate",
					     .version = "1.2.3",
					     .event = "yanked",
					     .severity = "high",
					     .headline = "demo-crate 1.2.3 was yanked from crates-io",
					     .facts = sample_facts,
					     .n_facts = 2};
static const struct yw_event *const sample_events[] = {&sample_event, &sample_event, &sample_event, &sample_event};

static bool try_shape(const struct fit *fit, const struct view_shape *shape)
{
	char *text = render(fit, shape);
	cJSON *json = text ? parse(fit, text) : NULL;

	free(text);
	cJSON_Delete(json);
	return json;
}

bool fit_try(const struct mustache *template, const struct service *service, const struct view_options *options,
	     char error[FIT_ERROR_MAX])
{
	static const struct view_shape shapes[] = {{1, 1, 100}, {4, 1, 100}, {3, 2, 100}, {2, 0, 100}, {0, 0, 100}};
	struct yw_message message = {
		.size = sizeof message,
		.id = "ntf_1",
		.subject = "[high] demo-crate 1.2.3 yanked",
		.severity = "high",
		.text = "text",
		.events = sample_events,
		.created_at = "2026-11-21T09:30:00Z",
	};
	struct fit fit = {template, service, options, &message, 0, 0, error};

	error[0] = '\0';

	for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
		for (message.n_events = shapes[i].lines; message.n_events <= shapes[i].lines + 1; message.n_events++) {
			message.facts = message.n_events % 2 ? sample_facts : NULL;
			message.n_facts = message.facts ? 2 : 0;
			if (!try_shape(&fit, &shapes[i]))
				return false;
		}
	}
	return true;
}
