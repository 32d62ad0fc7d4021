/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reason.h: what a registry's web API says about yanks: the text, who, when. Pure: from bytes to structs.
 * Source: `GET /api/v1/crates/{name}/versions` and `…/owners` of crates.io. Everything in it is anybody's text.
 */
#pragma once

#include "model/reason_text.h"

#define REASON_LOGIN_MAX 256         /* bytes of an account's name; a longer one counts as none */
#define REASON_ACTIONS_MAX 256       /* the last ones of a version that are kept */
#define REASON_VERSIONS_MAX 100      /* asked in one request: nums[] */
#define REASON_ANSWER_MAX (8u << 20) /* bytes of a reply */
#define REASON_VALUES_MAX (1u << 20) /* of a reply's JSON: 24 bytes of memory each while it is read */
#define REASON_ROWS_MAX 10000        /* versions or owners of a reply */

enum reason_act { REASON_PUBLISH, REASON_YANK, REASON_UNYANK };

struct reason_action {
	enum reason_act act;
	int64_t at_ms; /* wall clock, as the registry says */
	char *by;      /* login; NULL = not said */
};

/* One version as the web API has it. */
struct reason_version {
	char *version;
	bool yanked;
	struct reason_text said;       /* none: null, absent, or empty */
	struct reason_action *actions; /* oldest first; others than the three acts are left out */
	size_t n_actions;
};

struct reason_answer {
	struct reason_version *versions; /* sorted by their texts, as strcmp() does */
	size_t n;
};

/*
 * ERR_BAD: it is no such answer; ERR_LIMIT; ERR_NOMEM. The caller releases *ret. A version that lacks what it must
 * have, or has it of a wrong type, is left out, as if it were not in the answer: nothing is to be concluded from it. So
 * is an action; of two rows of one version the first counts.
 */
MUST_CHECK int reason_answer_read(const char *json, size_t len, struct reason_answer *ret, struct err *err);
void reason_answer_release(struct reason_answer *answer);
/* NULL = not in it. */
const struct reason_version *reason_answer_find(const struct reason_answer *answer, const char *version);

/* Of `…/owners`: those that are accounts. */
struct reason_owners {
	char **logins;
	size_t n;
	bool has_teams; /* too, and nobody says who is in them: whom the logins lack may own it all the same */
};

MUST_CHECK int reason_owners_read(const char *json, size_t len, struct reason_owners *ret, struct err *err);
void reason_owners_release(struct reason_owners *owners);
/* Logins are compared without case, as GitHub does. */
bool reason_owners_have(const struct reason_owners *owners, const char *login);
