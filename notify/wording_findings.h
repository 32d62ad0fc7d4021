/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wording_findings.h: what an event means for the projects, in plain words: who
 * has it, what to take instead and what to run. A part of wording.c.
 */
#pragma once

#include "base/json.h"
#include "facts.h"

/* A fact for each project, the worst first as the document has them, then a number. */
void findings_say_each(struct facts *facts, const char *label, const cJSON *event);

void findings_say_instead(struct strbuf *out, const cJSON *event);
void findings_say_run(struct strbuf *out, const cJSON *event);

/* It hits projects, and there is something to move away from. */
bool findings_to_act_on(const cJSON *event);
