/* SPDX-License-Identifier: Apache-2.0 */
/*
 * finding_sentence.h: what an event of one project says, in a sentence: a notification's subject and the headline
 * that plugins show are made of the same words. Pure.
 */
#pragma once

#include "base/json.h"

/* Appends the name of a project, crate, version or registry, which is anybody's text. */
typedef void finding_add_name(struct strbuf *out, const char *name);

/*
 * Appends "payments locks demo-crate 1.2.3, which is yanked", "payments no longer uses demo-crate 1.2.3",
 * "demo-crate 1.2.4 can replace the yanked 1.2.3 that payments locks". `event`: its document (docs/EVENTS.md);
 * `registry`: is named where it helps, NULL = it is not. False and nothing appended: the event is of no project, or
 * lacks a name.
 */
bool finding_sentence(struct strbuf *out, const cJSON *event, const char *registry, finding_add_name *add);
