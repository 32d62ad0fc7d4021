/* SPDX-License-Identifier: Apache-2.0 */
/* handlers_projects.c: projects, and the lockfiles that are sent for them. */
#include "api/body.h"
#include "api/handlers.h"
#include "api/peer.h"
#include "base/text.h"
#include "store/projects.h"
#include "store/query_findings.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

#define NAME_BYTES "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_."

static_assert(LOCKFILE_DIGEST_SIZE == crypto_generichash_BYTES, "what libsodium makes");

int handle_projects(struct request *request, struct err *err)
{
	struct db *db = readers_borrow(request->readers, API_QUERY_MS);
	int rc = query_projects(db, NULL, &request->answer, err);
	readers_return(request->readers, db);
	return rc;
}

/* "." and ".." are taken out of a path by many a client, and what stood behind them is another path then. */
static int check_name(const char *key, const char *name, struct err *err)
{
	size_t len = strlen(name);

	if (len >= 1 && len <= PROJECT_NAME_MAX && strspn(name, NAME_BYTES) == len && strspn(name, ".") != len)
		return 0;
	return err_set(err, ERR_BAD, "%s: \"%.40s\" is no name: 1 to %d letters, digits, - _ and .", key, name,
		       PROJECT_NAME_MAX);
}

static int check_team(const char *team, struct err *err)
{
	return *team ? check_name("team", team, err) : 0;
}

/* What is of no configured registry, and so is not looked at; members of the workspace come from nowhere. */
static size_t put_unmatched(struct json_writer *w, const struct lock *lock, const struct lock_sources *sources)
{
	size_t matched = 0;

	json_open(w, "unmatched", '[');
	for (uint32_t i = 0; i < lock->n_packages; i++) {
		const struct lock_package *package = &lock->packages[i];
		bool is_matched = lock_sources_find(sources, lock, package);
		matched += is_matched;
		if (is_matched || package->origin == LOCK_MEMBER)
			continue;
		json_open(w, NULL, '{');
		json_put_string(w, "name", lock_text_at(lock, package->name));
		json_put_string(w, "version", lock_text_at(lock, package->version));
		json_put_string(w, "origin", lock_origin_name((enum lock_origin)package->origin));
		json_put_string(w, "source", lock_text_at(lock, package->source));
		json_close(w, '}');
	}
	json_close(w, ']');
	return matched;
}

static void put_answer(struct request *request, const struct api_project *project, bool added)
{
	struct json_writer w = {.out = &request->answer};

	json_open(&w, NULL, '{');
	json_put_string(&w, "project", project->name);
	json_put_bool(&w, "added", added);
	json_put_int(&w, "packages", project->lock->n_packages);
	size_t matched = put_unmatched(&w, project->lock, &request->config->sources);
	json_put_int(&w, "matched", (int64_t)matched);
	json_close(&w, '}');
}

int handle_project_put(struct request *request, struct err *err)
{
	const struct api_backend *backend = request->backend;
	const char *team = request->argument(request, "team");
	OWNED(lock_release) struct lock lock = {0};
	unsigned char digest[LOCKFILE_DIGEST_SIZE];
	char by[PEER_NAME_MAX];
	bool added = false;

	struct api_project project = {
		.name = request->params[0], .team = team ? team : "", .lock = &lock, .digest = digest};
	int rc = check_name("project", project.name, err);
	if (!rc)
		rc = check_team(project.team, err);
	if (!rc)
		rc = body_lock(request, &lock, err);
	if (rc)
		return rc;
	(void)crypto_generichash(digest, sizeof digest, (const unsigned char *)request->body.data, request->body.len,
				 NULL, 0);
	rc = backend->project_put(backend->ctx, &project, peer_name(request->uid, by), &added, err);
	if (!rc)
		put_answer(request, &project, added);
	return rc;
}

int handle_project_remove(struct request *request, struct err *err)
{
	const struct api_backend *backend = request->backend;
	char by[PEER_NAME_MAX];

	int rc = backend->project_remove(backend->ctx, request->params[0], peer_name(request->uid, by), err);
	request->status = rc ? request->status : 204;
	return rc;
}
