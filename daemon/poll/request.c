/* SPDX-License-Identifier: Apache-2.0 */
/* request.c: how the poller asks for a crate's file and for config.json. */
#include "base/clock.h"
#include "base/log.h"
#include "model/index_path.h"
#include "poll/parts.h"

#include <stdio.h>
#include <string.h>

#define URL_MAX 2048

static int get(struct registry *registry, const char *path, const struct validators *validators, size_t body_max,
	       bool fresh, http_done_fn *done, void *arg, struct err *err)
{
	OWNED(registry_headers_release) struct registry_headers headers;
	char url[URL_MAX];
	struct http_request request = {
		.url = url,
		.headers = {registry->user_agent},
		.trust = registry->trust,
		.trust_id = registry->trust_id,
		.share = &registry->share,
		.body_max = body_max,
		.fresh = fresh,
	};

	(void)snprintf(url, sizeof url, "%s%s", registry->index_url, path);
	int rc = registry_headers_make(validators, registry->token, &headers, err);
	if (rc)
		return rc;
	memcpy(request.headers + 1, headers.list, sizeof request.headers - sizeof request.headers[0]);
	budget_spend(&registry->requests, clock_mono_us());
	rc = http_get(registry->poller->http, &request, done, arg, err);
	registry->in_flight += rc == 0;
	registry->counters.requests += rc == 0;
	return rc;
}

int poller_request(struct watch *watch, struct err *err)
{
	/* A file that is absent now may come back with the very bytes it had. */
	const struct validators validators = {.etag = watch->state == CRATE_PRESENT ? watch->etag : NULL};
	char path[INDEX_PATH_MAX];

	return get(watch->registry, index_path(watch->crate, path), &validators, INDEX_FILE_MAX, watch->repeated,
		   watch->registry->poller->on_reply, watch, err);
}

void poller_request_config(struct registry *registry)
{
	static const struct validators none;
	struct err err;

	if (get(registry, "config.json", &none, REGISTRY_CONFIG_MAX, registry->config_repeated,
		registry->poller->on_config, registry, &err)) {
		log_warning("registry %s: config.json: %s", registry->name, err.text);
		registry->config_due_ms = clock_mono_ms() + REGISTRY_PAUSE_FIRST_MS;
		return;
	}
	registry->config_in_flight = true;
	registry->config_index = registry->index;
}
