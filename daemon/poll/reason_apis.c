/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reason_apis.c: which web APIs there are, and which registries ask them: those that name the same base are one API
 * with one budget.
 */
#include "base/clock.h"
#include "base/log.h"
#include "model/web_api.h"
#include "poll/parts.h"

#include <openssl/x509_vfy.h>
#include <string.h>

#define CRATES_IO_EACH_MS 1000 /* its policy, whatever a mirror's config.json makes of it */

/* ---- what a registry has ---- */

int registry_set_reasons(struct registry *registry, const struct config_reasons *config, struct err *err)
{
	struct registry_reasons *reasons = &registry->reasons;
	char *api_url = config->api_url ? strdup(config->api_url) : NULL;

	if (config->api_url && !api_url)
		return err_nomem(err);
	free(reasons->api_url);
	reasons->api_url = api_url;
	reasons->from_api = config->from_api;
	reasons->each_ms =
		config->from_api ? (1000 + config->requests_per_second - 1) / config->requests_per_second : 0;
	X509_STORE_free(reasons->trust);
	reasons->trust = config->trust;
	memcpy(reasons->trust_id, config->trust_id, sizeof reasons->trust_id);
	if (reasons->trust)
		(void)X509_STORE_up_ref(reasons->trust);
	return 0;
}

void registry_release_reasons(struct registry *registry)
{
	free(registry->reasons.api_url);
	free(registry->reasons.api);
	X509_STORE_free(registry->reasons.trust);
}

/* When out of memory it is as if it had none, until config.json is read again. */
void registry_set_api(struct registry *registry, const char *base)
{
	free(registry->reasons.api);
	registry->reasons.api = *base ? strdup(base) : NULL;
}

/* NULL: none is to be asked, or known. */
static const char *base_of(const struct registry *registry)
{
	const struct registry_reasons *reasons = &registry->reasons;

	if (!registry->configured || !reasons->from_api)
		return NULL;
	return reasons->api_url ? reasons->api_url : reasons->api;
}

/* ---- the APIs ---- */

static struct reason_api *find(const struct poller *poller, const char *base)
{
	for (size_t i = 0; i < poller->n_reason_apis; i++)
		if (strcmp(poller->reason_apis[i]->base, base) == 0)
			return poller->reason_apis[i];
	return NULL;
}

static struct reason_api *add(struct poller *poller, const char *base)
{
	struct reason_api **longer = reallocarray(poller->reason_apis, poller->n_reason_apis + 1, sizeof(void *));

	if (!longer)
		return NULL;
	poller->reason_apis = longer;
	struct reason_api *api = reason_api_new(poller, base);
	if (api)
		poller->reason_apis[poller->n_reason_apis++] = api;
	return api;
}

static void fit_registry(struct poller *poller, struct registry *registry)
{
	const char *base = base_of(registry);
	struct reason_api *api = base ? find(poller, base) : NULL;

	if (base && !api && !(api = add(poller, base)))
		log_error("reasons: out of memory: %s is not asked until config.json is read again", base);
	registry->reasons.asked = api;
	if (!api)
		return;
	api->used = true;
	if (registry->reasons.each_ms > api->each_ms)
		api->each_ms = registry->reasons.each_ms;
	if (web_api_is_crates_io(base) && api->each_ms < CRATES_IO_EACH_MS)
		api->each_ms = CRATES_IO_EACH_MS;
}

/* What is under way comes back first. */
static void drop_unused(struct poller *poller)
{
	size_t kept = 0;

	for (size_t i = 0; i < poller->n_reason_apis; i++) {
		struct reason_api *api = poller->reason_apis[i];
		if (api->used || api->stage != REASON_IDLE)
			poller->reason_apis[kept++] = api;
		else
			reason_api_free(api);
	}
	poller->n_reason_apis = kept;
}

void poller_reasons_due(struct poller *poller)
{
	for (size_t i = 0; i < poller->n_reason_apis; i++) {
		struct reason_api *api = poller->reason_apis[i];
		api->woken = true;
		api->next_due_ms = 0;
	}
	poller_pump_reasons(poller);
}

void poller_fit_reasons(struct poller *poller)
{
	for (size_t i = 0; i < poller->n_reason_apis; i++) {
		poller->reason_apis[i]->used = false;
		poller->reason_apis[i]->each_ms = 0;
	}
	for (size_t i = 0; i < poller->n_registries; i++)
		fit_registry(poller, poller->registries[i]);
	drop_unused(poller);
	poller_reasons_due(poller); /* of which registries, may be other than before */
}

void poller_free_reasons(struct poller *poller)
{
	for (size_t i = 0; i < poller->n_reason_apis; i++)
		reason_api_free(poller->reason_apis[i]);
	free(poller->reason_apis);
}

struct registry *reason_api_registry(const struct reason_api *api, size_t i)
{
	const struct poller *poller = api->poller;

	for (size_t k = 0; k < poller->n_registries; k++)
		if (poller->registries[k]->reasons.asked == api && i-- == 0)
			return poller->registries[k];
	return NULL;
}

size_t reason_api_registries(const struct reason_api *api)
{
	size_t n = 0;

	while (reason_api_registry(api, n))
		n++;
	return n;
}

void registry_reasons_status(const struct registry *registry, struct json_writer *w)
{
	const struct registry_reasons *reasons = &registry->reasons;

	if (!reasons->from_api)
		return;
	json_open(w, "reasons", '{');
	if (reasons->asked)
		reason_api_status(reasons->asked, w);
	else
		json_put_string(w, "state", registry->config_seen ? "none" : "starting");
	json_close(w, '}');
}
