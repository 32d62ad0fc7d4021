/* SPDX-License-Identifier: Apache-2.0 */
/* impact_severity.c: see impact.h: the table of docs/EVENTS.md for what hits projects, and what to move to. */
#include "model/impact.h"
#include "model/semver.h"

#include <string.h>

/* ---- severity */

/* `stuck`: locked, and cargo would pick nothing in its place; `merely_allowed`: not locked. */
static const struct {
	bool differs; /* from severity_least(), for a finding */
	enum severity locked, stuck, merely_allowed;
} of_kind[EVENT_KINDS] = {
	[EVENT_YANKED] = {true, SEVERITY_HIGH, SEVERITY_CRITICAL, SEVERITY_MEDIUM},
	[EVENT_VERSION_DELETED] = {true, SEVERITY_CRITICAL, SEVERITY_CRITICAL, SEVERITY_MEDIUM},
	[EVENT_CRATE_DELETED] = {true, SEVERITY_CRITICAL, SEVERITY_CRITICAL, SEVERITY_MEDIUM},
	[EVENT_PUBLISHED] = {true, SEVERITY_CRITICAL, SEVERITY_CRITICAL, SEVERITY_INFO},
	[EVENT_METADATA_CHANGED] = {true, SEVERITY_MEDIUM, SEVERITY_MEDIUM, SEVERITY_LOW},
	[EVENT_FINDING_OPENED] = {true, SEVERITY_HIGH, SEVERITY_CRITICAL, SEVERITY_HIGH},
};

enum severity impact_severity(enum event_kind kind, const struct impact *impact)
{
	if (!of_kind[kind].differs)
		return severity_least(kind);
	if (!impact->locked)
		return of_kind[kind].merely_allowed;
	return impact->would_pick ? of_kind[kind].locked : of_kind[kind].stuck;
}

/* Of the event itself, without any finding: a name that was absent and is taken concerns who listed it, whatever
 * else holds the crate; all else that touches no project is low when the crate belongs to one. */
static enum severity severity_alone(enum event_kind kind, struct impact_listing listing)
{
	bool counts_as_named = listing.named && (!listing.belongs || kind == EVENT_CRATE_CREATED);
	return severity_of(kind, !counts_as_named);
}

enum severity impact_event_severity(enum event_kind kind, struct impact_listing listing, const enum severity *findings,
				    size_t n)
{
	enum severity worst = severity_alone(kind, listing);

	for (size_t i = 0; i < n; i++)
		worst = findings[i] > worst ? findings[i] : worst;
	return worst;
}

/* ---- replacement */

/* How well a version can stand in for `bad`: the numbers rank. */
enum fit { FIT_PRE_RELEASE, FIT_RELEASE, FIT_COMPATIBLE };

/* Without being asked cargo takes a pre-release only where one of the same numbers is demanded. */
static enum fit fit_of(const struct semver *bad, const struct semver *other)
{
	bool same_numbers = bad->major == other->major && bad->minor == other->minor && bad->patch == other->patch;

	if (other->pre.len > 0 && !(bad->pre.len > 0 && same_numbers))
		return FIT_PRE_RELEASE;
	return semver_is_alike(bad, other) ? FIT_COMPATIBLE : FIT_RELEASE;
}

struct impact_replacement impact_replacement(const char *version, const struct impact_version *versions, size_t n)
{
	struct impact_replacement ret = {0};
	struct semver bad;
	struct semver best;
	struct err err;
	enum fit best_fit = FIT_PRE_RELEASE;
	bool bad_is_one = semver_parse(version, &bad, &err) == 0;

	for (size_t i = 0; i < n; i++) {
		struct semver it;
		if (!versions[i].usable || strcmp(versions[i].version, version) == 0 ||
		    semver_parse(versions[i].version, &it, &err) < 0)
			continue;
		enum fit fit = bad_is_one ? fit_of(&bad, &it) : (it.pre.len ? FIT_PRE_RELEASE : FIT_RELEASE);
		ret.usable++;
		if (ret.version && (fit < best_fit || (fit == best_fit && semver_compare(&it, &best) < 0)))
			continue;
		ret.version = versions[i].version;
		ret.compatible = fit == FIT_COMPATIBLE;
		best_fit = fit;
		best = it;
	}
	return ret;
}
