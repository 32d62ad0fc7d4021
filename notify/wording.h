/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wording.h: one event in plain words, for somebody who is paged at night: a
 * headline, and facts whose labels are those of notifier.h. Made of the event's
 * document (docs/EVENTS.md) alone; keys that it lacks make no fact. Pure.
 */
#pragma once

#include "base/json.h"
#include "facts.h"

#define WORDING_VERSIONS_MAX 20

/* Appends one line: "demo-crate 1.2.3 was yanked from crates-io". */
void wording_headline(struct strbuf *out, const cJSON *event);

/* Appends "still open since TIME: ", which goes before the headline of an event that is told again. */
void wording_still_open(struct strbuf *out, const cJSON *event);

/* `ended_at`: RFC 3339, when a later event took this one back; or NULL. */
void wording_facts(struct facts *facts, const cJSON *event, const char *ended_at);

/* Appends a time of a document as people read it, to the second. */
void wording_add_time(struct strbuf *out, const char *rfc3339);
