/* SPDX-License-Identifier: Apache-2.0 */
/* ask.c: see ask.h. */
#include "ask.h"

#include "pager.h"

#include <stdio.h>

int ask_watches_of(struct http *http, const char *crate, cJSON **ret_watches, struct err *err)
{
	OWNED_PAGER struct pager pager = {.http = http, .member = "watches", .left = UINT64_MAX};
	OWNED_JSON cJSON *watches = NULL;

	strbuf_adds(&pager.path, "/v1/watches");
	http_add_query(&pager.path, "crate", crate);
	int rc = pager_collect(&pager, &watches, err);
	if (rc)
		return rc;
	if (cJSON_GetArraySize(watches) == 0)
		return err_set(err, ERR_ABSENT, "%s: not watched: `yankwatch watch add %s` adds it", crate, crate);
	*ret_watches = TAKE(watches);
	return 0;
}

int ask_crate(struct http *http, const char *registry, const char *crate, const char *at, cJSON **ret_crate,
	      struct err *err)
{
	OWNED_STRBUF struct strbuf path = {0};

	strbuf_adds(&path, "/v1/crates");
	http_add_segment(&path, registry);
	http_add_segment(&path, crate);
	http_add_query(&path, "at", at);
	return http_get(http, &path, ret_crate, err);
}

int ask_get(struct http *http, const char *path, cJSON **ret_answer, struct err *err)
{
	OWNED_STRBUF struct strbuf text = {0};

	strbuf_adds(&text, path);
	return http_get(http, &text, ret_answer, err);
}

int ask_post(struct http *http, const char *const *path, size_t n, const struct strbuf *body, bool patient,
	     cJSON **ret_answer, struct err *err)
{
	OWNED_STRBUF struct strbuf where = {0};

	strbuf_adds(&where, path[0]);
	for (size_t i = 1; i < n; i++)
		http_add_segment(&where, path[i]);
	struct http_request request = {.method = "POST", .path = &where, .body = body, .patient = patient};
	return http_call(http, &request, ret_answer, err);
}

/* While the polls are not over the daemon answers with the round's number, to be asked for again. */
static int wait_for_round(struct http *http, const char *path, cJSON **answer, struct err *err)
{
	int64_t round;

	while ((round = json_int(*answer, "round", 0)) != 0) {
		OWNED_STRBUF struct strbuf body = {0};
		struct json_writer w = {.out = &body};
		json_open(&w, NULL, '{');
		json_put_int(&w, "round", round);
		json_put_bool(&w, "wait", true);
		json_close(&w, '}');
		cJSON_Delete(TAKE(*answer));
		int rc = ask_post(http, &path, 1, &body, true, answer, err);
		if (rc)
			return rc;
	}
	return 0;
}

int ask_post_crates(struct http *http, const char *path, const char *registry, char *const *crates, size_t count,
		    bool wait, cJSON **ret_answer, struct err *err)
{
	OWNED_STRBUF struct strbuf body = {0};
	struct json_writer w = {.out = &body};

	json_open(&w, NULL, '{');
	if (registry)
		json_put_string(&w, "registry", registry);
	if (count > 0) {
		json_open(&w, "crates", '[');
		for (size_t i = 0; i < count; i++)
			json_put_string(&w, NULL, crates[i]);
		json_close(&w, ']');
	}
	if (wait)
		json_put_bool(&w, "wait", true);
	json_close(&w, '}');
	int rc = ask_post(http, &path, 1, &body, wait, ret_answer, err);
	return rc ? rc : wait_for_round(http, path, ret_answer, err);
}

int ask_everywhere(const struct session *session, const char *crate, const void *question,
		   ask_in_registry_fn *in_registry, struct err *err)
{
	OWNED_JSON cJSON *watches = NULL;
	const cJSON *watch;
	int rc = ask_watches_of(session->http, crate, &watches, err);

	cJSON_ArrayForEach (watch, watches) {
		const char *registry = json_string(watch, "registry");
		if (!registry)
			continue;
		if (watch != watches->child && !session->json)
			(void)putchar('\n');
		int failure = in_registry(session, registry, crate, question, err);
		rc = failure ? failure : rc;
	}
	return rc;
}
