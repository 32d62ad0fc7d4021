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

static int64_t count_matched(const struct lock *lock, const struct lock_sources *sources)
{
	int64_t matched = 0;

	for (uint32_t i = 0; i < lock->n_packages; i++)
		matched += lock_sources_find(sources, lock, &lock->packages[i]) != NULL;
	return matched;
}

static void put_answer(struct request *request, const struct api_project *project, bool added)
{
	const struct lock_sources *sources = &request->config->sources;
	struct json_writer w = {.out = &request->answer};

	json_open(&w, NULL, '{');
	json_put_string(&w, "project", project->name);
	json_put_bool(&w, "added", added);
	json_put_int(&w, "packages", project->lock->n_packages);
	json_put_int(&w, "matched", count_matched(project->lock, sources));
	query_put_unmatched(&w, project->lock, sources);
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
