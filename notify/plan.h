/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plan.h: what one notifier's plugin may do: what it declares, with the paths that
 * the configuration gives to its options. Touches no file; sandbox.h carries it out.
 */
#pragma once

#include "base/json.h"

#define PLAN_PATHS_MAX 4096 /* of one list */

struct paths {
	char **items;
	size_t count;
};

struct plan {
	uint32_t needs;      /* enum yw_needs */
	struct paths loads;  /* read once, at the start: the plugin's own file, files of values */
	struct paths reads;  /* files and folders of its options */
	struct paths writes; /* files that it writes */
	struct paths hidden; /* what the daemon keeps for itself, its own secrets excepted */
	bool knows_hidden;   /* the daemon has said it */
	bool trial;          /* nothing will be delivered, so that no file is to be made */
};

/*
 * The plan of a plugin that is only looked at: it reads its own file. The caller
 * releases *ret in any case. ERR_NOMEM.
 */
MUST_CHECK int plan_of_a_look(const char *plugin_path, struct plan *ret, struct err *err);

/*
 * `description` is what describe_plugin() writes, `frame` the daemon's "open". The
 * caller releases *ret in any case. ERR_BAD, ERR_LIMIT, ERR_NOMEM.
 */
MUST_CHECK int plan_make(const char *plugin_path, const cJSON *description, const cJSON *frame, struct plan *ret,
			 struct err *err);
void plan_release(struct plan *plan);
