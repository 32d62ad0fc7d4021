/* SPDX-License-Identifier: Apache-2.0 */
/* findings.c: see findings.h. */
#include "store/findings.h"

#include "base/numbers.h"
#include "model/observation.h"
#include "store/versions.h"

#include <string.h>

static const char CRATE[] = "SELECT state, unparsed FROM crate WHERE id = :crate AND listed <> 0";

static const struct {
	const char *name;
	enum event_kind kind;
} states[FINDING_STATES] = {
	[FINDING_YANKED] = {"yanked", EVENT_YANKED},
	[FINDING_DELETED] = {"deleted", EVENT_VERSION_DELETED},
	[FINDING_MISSING] = {"missing", EVENT_VERSION_DELETED},
	[FINDING_CHECKSUM] = {"checksum_differs", EVENT_CHECKSUM_CHANGED},
};

const char *finding_state_name(enum finding_state state)
{
	return states[state].name;
}

enum event_kind finding_state_kind(enum finding_state state)
{
	return states[state].kind;
}

/* What the last look at the crate gave. */
struct crate_seen {
	enum crate_state state;
	bool unparsed; /* a line could not be read: any version may stand in it */
};

/* CRATE_UNKNOWN: not watched, or not looked at yet. */
static int load_seen(struct db *db, int64_t crate, struct crate_seen *ret, struct err *err)
{
	*ret = (struct crate_seen){.state = CRATE_UNKNOWN};
	struct stmt st = stmt_use(db, CRATE);
	stmt_put_int(&st, ":crate", crate);
	if (stmt_row(&st)) {
		ret->state = (enum crate_state)stmt_int(&st, 0);
		ret->unparsed = stmt_int(&st, 1) != 0;
	}
	return stmt_done(&st, err);
}

/* A lockfile without a checksum, or with one that is none, does not differ. */
static bool differs(const char *checksum, const struct version_found *found)
{
	unsigned char locked[CHECKSUM_SIZE];

	return strlen(checksum) == sizeof locked * 2 && hex_decode(checksum, sizeof locked, locked) &&
	       memcmp(locked, found->checksum, sizeof locked) != 0;
}

/* The worst that it is: another checksum is worse than a yank. */
static enum finding_verdict judge(const struct crate_seen *seen, const struct version_found *found,
				  const char *checksum, enum finding_state *ret_state)
{
	if (!found->there) {
		*ret_state = FINDING_MISSING;
		return seen->state == CRATE_PRESENT && seen->unparsed ? VERDICT_UNKNOWN : VERDICT_BAD;
	}
	*ret_state = FINDING_DELETED;
	if (found->deleted || seen->state == CRATE_ABSENT)
		return VERDICT_BAD;
	*ret_state = FINDING_CHECKSUM;
	if (differs(checksum, found))
		return VERDICT_BAD;
	*ret_state = FINDING_YANKED;
	return found->yanked ? VERDICT_BAD : VERDICT_GOOD;
}

int finding_judge(struct db *db, int64_t crate, const char *version, const char *checksum, enum finding_verdict *ret,
		  enum finding_state *ret_state, struct err *err)
{
	struct version_found found = {0};
	enum finding_state state = FINDING_YANKED;
	struct crate_seen seen;

	int rc = load_seen(db, crate, &seen, err);
	if (!rc && seen.state != CRATE_UNKNOWN)
		rc = versions_find(db, crate, version, &found, err);
	if (rc)
		return rc;
	*ret = seen.state == CRATE_UNKNOWN ? VERDICT_UNKNOWN : judge(&seen, &found, checksum, &state);
	*ret_state = state;
	return 0;
}
