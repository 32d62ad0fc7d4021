/* SPDX-License-Identifier: Apache-2.0 */
/* handlers_notifiers.c: the notifiers, a test of one, and one that goes back into service. */
#include "api/arguments.h"
#include "api/handlers.h"
#include "api/memory.h"
#include "api/peer.h"

#define TEST_SLACK_MS 5000 /* for the process, besides two deliveries' time: one may be under way */

int handle_notifiers(struct request *request, struct err *err)
{
	struct json_writer w = {.out = &request->answer};
	OWNED_JSON cJSON *memory = NULL;

	int rc = memory_ask(request, &memory, err);
	if (rc)
		return rc;
	OWNED_MEM char *text = cJSON_PrintUnformatted(json_member(memory, "notifiers"));
	if (!text)
		return err_nomem(err);
	json_open(&w, NULL, '{');
	json_put_raw(&w, "notifiers", text);
	json_close(&w, '}');
	return 0;
}

static void put_result(struct request *request, const char *id, const struct delivery_result *result)
{
	struct json_writer w = {.out = &request->answer};

	json_open(&w, NULL, '{');
	json_put_string(&w, "notifier", request->params[0]);
	json_put_string(&w, "notification", id);
	json_put_string(&w, "outcome", frame_outcome_name(result->outcome));
	json_put_int(&w, "duration_ms", result->duration_ms);
	json_put_string(&w, "text", result->text);
	json_close(&w, '}');
}

int handle_notifier_test(struct request *request, struct err *err)
{
	const struct api_backend *backend = request->backend;
	const struct config_notifier *notifier;
	struct delivery_result result = {0};
	char by[PEER_NAME_MAX];
	char id[NOTIFICATION_ID_MAX] = "";

	int rc = request_notifier(request, request->params[0], &notifier, err);
	if (rc)
		return rc;
	int64_t wait_ms = 2 * notifier->timeout_ms + TEST_SLACK_MS;
	rc = backend->notifier_test(backend->ctx, notifier->name, peer_name(request->uid, by),
				    wait_ms < API_TEST_WAIT_MS ? wait_ms : API_TEST_WAIT_MS, id, &result, err);
	if (!rc && !result.row)
		rc = err_set(err, ERR_BUSY,
			     "%s: no result yet: `yankwatch notifications show %s` tells what comes of it",
			     notifier->name, id);
	if (!rc)
		put_result(request, id, &result);
	return rc;
}

int handle_notifier_enable(struct request *request, struct err *err)
{
	const struct api_backend *backend = request->backend;
	const struct config_notifier *notifier;
	struct json_writer w = {.out = &request->answer};
	char by[PEER_NAME_MAX];
	bool was_disabled = false;

	int rc = request_notifier(request, request->params[0], &notifier, err);
	if (!rc)
		rc = backend->notifier_enable(backend->ctx, notifier->name, peer_name(request->uid, by), &was_disabled,
					      err);
	if (rc)
		return rc;
	json_open(&w, NULL, '{');
	json_put_string(&w, "notifier", notifier->name);
	json_put_bool(&w, "was_disabled", was_disabled);
	json_close(&w, '}');
	return 0;
}
