/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plain.h: what a message says, as plain text: the host's own words, cleaned and
 * cut; of a host that gives none, subject, headlines and facts. Pure.
 */
#pragma once

#include <stdio.h>
#include <yankwatch/notifier.h>

#define PLAIN_TEXT_MAX ((size_t)256 << 10) /* bytes; servers take mails of 10 MB, people read less */
#define PLAIN_EVENTS_MAX 200
#define PLAIN_FACTS_MAX 64 /* of an event or a message */
#define PLAIN_LABEL_MAX 40
#define PLAIN_VALUE_MAX 4000 /* bytes of a fact, a headline or a name */

/* Lines end with '\n'. */
void plain_text(FILE *out, const struct yw_message *message);

/* The event's headline, or one made of its fields. Cut to `size`. Returns buf. */
const char *plain_headline(const struct yw_event *event, char *buf, size_t size);
