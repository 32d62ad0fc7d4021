/* SPDX-License-Identifier: Apache-2.0 */
/* words.c: see words.h. */
#include "model/words.h"

#include <string.h>

/* `least` and `most`: whatever projects the crate belongs to. A version that is published again with another checksum,
 * while a project locks it, is critical. */
static const struct {
	const char *name;
	enum severity named, bulk, least, most;
} kinds[EVENT_KINDS] = {
	[EVENT_PUBLISHED] = {"published", SEVERITY_INFO, SEVERITY_INFO, SEVERITY_INFO, SEVERITY_CRITICAL},
	[EVENT_YANKED] = {"yanked", SEVERITY_HIGH, SEVERITY_LOW, SEVERITY_LOW, SEVERITY_CRITICAL},
	[EVENT_UNYANKED] = {"unyanked", SEVERITY_INFO, SEVERITY_INFO, SEVERITY_INFO, SEVERITY_INFO},
	[EVENT_VERSION_DELETED] = {"version_deleted", SEVERITY_HIGH, SEVERITY_LOW, SEVERITY_LOW, SEVERITY_CRITICAL},
	[EVENT_CRATE_DELETED] = {"crate_deleted", SEVERITY_HIGH, SEVERITY_LOW, SEVERITY_LOW, SEVERITY_CRITICAL},
	[EVENT_CRATE_CREATED] = {"crate_created", SEVERITY_HIGH, SEVERITY_LOW, SEVERITY_LOW, SEVERITY_HIGH},
	[EVENT_CHECKSUM_CHANGED] = {"checksum_changed", SEVERITY_CRITICAL, SEVERITY_CRITICAL, SEVERITY_CRITICAL,
				    SEVERITY_CRITICAL},
	[EVENT_METADATA_CHANGED] = {"metadata_changed", SEVERITY_LOW, SEVERITY_LOW, SEVERITY_LOW, SEVERITY_MEDIUM},
	[EVENT_REGISTRY_BLIND] = {"registry_blind", SEVERITY_MEDIUM, SEVERITY_MEDIUM, SEVERITY_MEDIUM, SEVERITY_MEDIUM},
	[EVENT_REGISTRY_BACK] = {"registry_back", SEVERITY_INFO, SEVERITY_INFO, SEVERITY_INFO, SEVERITY_INFO},
	[EVENT_REGISTRY_INCIDENT] = {"registry_incident", SEVERITY_MEDIUM, SEVERITY_MEDIUM, SEVERITY_MEDIUM,
				     SEVERITY_MEDIUM},
	[EVENT_FINDING_OPENED] = {"finding_opened", SEVERITY_HIGH, SEVERITY_HIGH, SEVERITY_HIGH, SEVERITY_CRITICAL},
	[EVENT_FINDING_RESOLVED] = {"finding_resolved", SEVERITY_INFO, SEVERITY_INFO, SEVERITY_INFO, SEVERITY_INFO},
	[EVENT_REPLACEMENT_AVAILABLE] = {"replacement_available", SEVERITY_INFO, SEVERITY_INFO, SEVERITY_INFO,
					 SEVERITY_INFO},
	[EVENT_REASON_CHANGED] = {"reason_changed", SEVERITY_INFO, SEVERITY_INFO, SEVERITY_INFO, SEVERITY_INFO},
};

static const char *const severities[SEVERITIES] = {
	[SEVERITY_INFO] = "info", [SEVERITY_LOW] = "low",           [SEVERITY_MEDIUM] = "medium",
	[SEVERITY_HIGH] = "high", [SEVERITY_CRITICAL] = "critical",
};

const char *event_kind_name(enum event_kind kind)
{
	return kinds[kind].name;
}

bool event_kind_parse(const char *name, enum event_kind *ret)
{
	for (size_t i = 0; i < EVENT_KINDS; i++) {
		if (strcmp(name, kinds[i].name) == 0) {
			*ret = (enum event_kind)i;
			return true;
		}
	}
	return false;
}

uint32_t event_kind_takes_back(enum event_kind kind)
{
	static const uint32_t taken[EVENT_KINDS] = {
		[EVENT_UNYANKED] = 1u << EVENT_YANKED,
		[EVENT_PUBLISHED] = 1u << EVENT_VERSION_DELETED,
		[EVENT_CRATE_CREATED] = 1u << EVENT_CRATE_DELETED,
		[EVENT_REGISTRY_BACK] = 1u << EVENT_REGISTRY_BLIND | 1u << EVENT_REGISTRY_INCIDENT,
		[EVENT_FINDING_RESOLVED] = 1u << EVENT_FINDING_OPENED,
	};
	return taken[kind];
}

uint32_t event_kind_follows(enum event_kind kind)
{
	return event_kind_takes_back(kind) | (kind == EVENT_REASON_CHANGED ? 1u << EVENT_YANKED : 0);
}

bool event_kind_taken_back_by(enum event_kind kind, enum event_kind *ret)
{
	for (unsigned by = 0; by < EVENT_KINDS; by++) {
		if (event_kind_takes_back((enum event_kind)by) & 1u << kind) {
			*ret = (enum event_kind)by;
			return true;
		}
	}
	return false;
}

const char *severity_name(enum severity severity)
{
	return severities[severity];
}

enum severity severity_of(enum event_kind kind, bool bulk)
{
	return bulk ? kinds[kind].bulk : kinds[kind].named;
}

enum severity severity_least(enum event_kind kind)
{
	return kinds[kind].least;
}

enum severity severity_most(enum event_kind kind)
{
	return kinds[kind].most;
}

bool severity_parse(const char *name, enum severity *ret)
{
	for (size_t i = 0; i < SEVERITIES; i++) {
		if (strcmp(name, severities[i]) == 0) {
			*ret = (enum severity)i;
			return true;
		}
	}
	return false;
}

bool event_kind_is_of_registry(enum event_kind kind)
{
	return kind >= EVENT_REGISTRY_BLIND && kind <= EVENT_REGISTRY_INCIDENT;
}

bool event_kind_is_of_project(enum event_kind kind)
{
	return kind >= EVENT_FINDING_OPENED && kind <= EVENT_REPLACEMENT_AVAILABLE;
}
