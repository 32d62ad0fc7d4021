/* SPDX-License-Identifier: Apache-2.0 */
/*
 * take_in.c: a request's body as it comes. Any may have API_BODY_MAX bytes; a lockfile
 * that is larger needs a place (places.h) and must not dawdle in it. What is refused is
 * dropped as it comes, so that whoever sends it reads why.
 */
#include "api/request.h"
#include "base/clock.h"
#include "model/lock_read.h"

#define PLACE_WAIT_MS 10000 /* for another's large body */
#define LARGE_BODY_MS 60000 /* from its place to its end */

static void refuse(struct request *request, int status, const char *why)
{
	request_problem(request, status, why, NULL, 0);
	request_drop_body(request);
}

/* False: refused. */
static bool take_place(struct request *request)
{
	request->has_place = places_take(request->places, PLACE_WAIT_MS, request->stopping);
	if (!request->has_place) {
		refuse(request, 503, "other large lockfiles are being looked at: try again");
		return false;
	}
	request->body.limit = LOCK_FILE_MAX;
	request->body_until_ms = clock_mono_ms() + LARGE_BODY_MS;
	return true;
}

void request_take_in(struct request *request, const char *bytes, size_t len)
{
	if (request->status)
		return;
	bool is_lockfile = request->row->body == route_lockfile;
	bool large = is_lockfile && request->body.len + len > API_BODY_MAX;
	if (large && !request->has_place && !take_place(request))
		return;
	if (request->has_place && clock_mono_ms() > request->body_until_ms) {
		refuse(request, 408, "a lockfile must be here within a minute");
		return;
	}
	strbuf_add(&request->body, bytes, len);
	if (strbuf_failed(&request->body))
		refuse(request, 413,
		       is_lockfile ? "the lockfile is larger than 16 MB" : "the body is larger than 256 kB");
}

void request_drop_body(struct request *request)
{
	strbuf_release(&request->body);
	if (request->has_place)
		places_give_back(request->places);
	request->has_place = false;
}
