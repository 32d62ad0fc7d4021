/* SPDX-License-Identifier: Apache-2.0 */
/*
 * words.h: the closed sets of the product's words, with their spelling in
 * configuration, documents and database. The numbers are stored: never reorder,
 * only append.
 */
#pragma once

#include "base/defs.h"

enum event_kind {
	EVENT_PUBLISHED,
	EVENT_YANKED,
	EVENT_UNYANKED,
	EVENT_VERSION_DELETED,
	EVENT_CRATE_DELETED,
	EVENT_CRATE_CREATED,
	EVENT_CHECKSUM_CHANGED,
	EVENT_METADATA_CHANGED,
	EVENT_REGISTRY_BLIND, /* from here on: of a registry, without a crate */
	EVENT_REGISTRY_BACK,
	EVENT_REGISTRY_INCIDENT,
	EVENT_FINDING_OPENED, /* from here on: of a crate's version and one project */
	EVENT_FINDING_RESOLVED,
	EVENT_REPLACEMENT_AVAILABLE,
	EVENT_REASON_CHANGED, /* of a crate's version */
	EVENT_KINDS
};

enum severity { SEVERITY_INFO, SEVERITY_LOW, SEVERITY_MEDIUM, SEVERITY_HIGH, SEVERITY_CRITICAL, SEVERITIES };

const char *event_kind_name(enum event_kind kind);
bool event_kind_parse(const char *name, enum event_kind *ret);

bool event_kind_is_of_registry(enum event_kind kind); /* as a whole: it has no crate */
bool event_kind_is_of_project(enum event_kind kind);  /* of one project: the event names it */
/* The kinds that this one takes back, of the same version: bits 1 << enum event_kind; 0 = none. */
uint32_t event_kind_takes_back(enum event_kind kind);
/* The kinds whose news this one is, those that it takes back included: who was told one of them is told this. */
uint32_t event_kind_follows(enum event_kind kind);
/* The kind that takes this one back; false: none does. */
bool event_kind_taken_back_by(enum event_kind kind, enum event_kind *ret);

const char *severity_name(enum severity severity);
bool severity_parse(const char *name, enum severity *ret);

/*
 * docs/EVENTS.md, for a crate that belongs to no project: listed by
 * name, or in bulk by a crates_file.
 */
enum severity severity_of(enum event_kind kind, bool bulk);

/* The range of an event's severity, whatever lists its crate and whatever projects it hits. */
enum severity severity_least(enum event_kind kind);
enum severity severity_most(enum event_kind kind);
