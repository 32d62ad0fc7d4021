/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fields.h: what a host older than this plugin does not fill reads as absent
 * (notifier.h: fields are only appended, `size` tells how far they go).
 */
#pragma once

#include <yankwatch/notifier.h>

/* s->field, or `absent` where the host's struct ends before it. */
#define FIELD(s, field, absent) ((s)->size > offsetof(__typeof__(*(s)), field) ? (s)->field : (absent))

/* The same for a text; NULL reads as "", so that one test does for both. */
#define FIELD_TEXT(s, field) fields_text(FIELD(s, field, NULL))

static inline const char *fields_text(const char *text)
{
	return text ? text : "";
}
