/* SPDX-License-Identifier: Apache-2.0 */
/* group.c: see group.h. */
#include "model/group.h"

#include "model/route.h"

#include <time.h>

#define MINUTE_MS (INT64_C(60) * 1000)
#define HOUR_MS (60 * MINUTE_MS)
#define DAY_MAX_MS (25 * HOUR_MS) /* the day that summer time ends on */

const char *group_by_name(enum group_by by)
{
	static const char *const names[] = {
		[GROUP_BY_NONE] = "none",
		[GROUP_BY_CRATE] = "crate",
		[GROUP_BY_PROJECT] = "project",
		[GROUP_BY_REGISTRY] = "registry",
	};
	return names[by];
}

bool grouping_waits(const struct grouping *grouping)
{
	return grouping->wait_ms > 0 || grouping->digest != DIGEST_NONE;
}

/* The hour or minute of `days` days later; mktime() knows what the clocks are put to then. */
static int64_t at_local(const struct tm *day, int days, int hour, int minute)
{
	struct tm at = {
		.tm_year = day->tm_year,
		.tm_mon = day->tm_mon,
		.tm_mday = day->tm_mday + days,
		.tm_hour = hour,
		.tm_min = minute,
		.tm_isdst = -1,
	};
	return (int64_t)mktime(&at) * 1000;
}

/* Full hours of zones that are half an hour off are theirs, not UTC's. */
static int64_t next_hour_ms(int64_t ms)
{
	time_t seconds = (time_t)((ms + 999) / 1000);
	struct tm local;

	if (!localtime_r(&seconds, &local))
		return ms;
	int64_t past = (int64_t)local.tm_min * 60 + local.tm_sec;
	return ((int64_t)seconds + (past ? 3600 - past : 0)) * 1000;
}

static int64_t next_time_of_day_ms(int64_t ms, unsigned minute)
{
	time_t seconds = (time_t)(ms / 1000);
	struct tm local;

	if (!localtime_r(&seconds, &local))
		return ms;
	int64_t at = at_local(&local, 0, (int)(minute / 60), (int)(minute % 60));
	return at >= ms ? at : at_local(&local, 1, (int)(minute / 60), (int)(minute % 60));
}

int64_t grouping_due_ms(const struct grouping *grouping, int64_t first_ms)
{
	int64_t ms = first_ms + grouping->wait_ms;

	switch (grouping->digest) {
	case DIGEST_NONE:
		break;
	case DIGEST_HOURLY:
		return next_hour_ms(ms);
	case DIGEST_DAILY:
		return next_time_of_day_ms(ms, grouping->digest_minute);
	}
	return ms;
}

int64_t grouping_max_ms(const struct grouping *grouping)
{
	static const int64_t digests[] = {[DIGEST_NONE] = 0, [DIGEST_HOURLY] = HOUR_MS, [DIGEST_DAILY] = DAY_MAX_MS};

	return grouping->wait_ms + digests[grouping->digest];
}

bool grouping_write_key(const struct grouping *grouping, const struct routed_event *event, struct strbuf *out)
{
	if (!grouping_waits(grouping) || grouping->by == GROUP_BY_NONE)
		return false;
	strbuf_addf(out, "%lld %d %u ", (long long)grouping->wait_ms, (int)grouping->digest, grouping->digest_minute);
	switch (grouping->by) {
	case GROUP_BY_NONE:
		break;
	case GROUP_BY_CRATE:
		strbuf_addf(out, "crate %s %s", event->registry, event->crate);
		break;
	case GROUP_BY_PROJECT:
		strbuf_addf(out, "project %s", event->n_projects ? event->projects[0].project : "");
		break;
	case GROUP_BY_REGISTRY:
		strbuf_addf(out, "registry %s", event->registry);
		break;
	}
	return true;
}
