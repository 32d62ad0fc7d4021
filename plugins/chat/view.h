/* SPDX-License-Identifier: Apache-2.0 */
/*
 * view.h: what a template sees of a message. README.md lists the names; every one
 * of them stands in view.c, so that a template's misspelt name is found when the
 * notifier starts. Pure.
 */
#pragma once

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <yankwatch/notifier.h>

#define VIEW_LINES_MAX 200 /* events of one message that are shown at all */
#define VIEW_FULL_MAX 20   /* of these, with their facts */
#define VIEW_PAGE 20       /* headlines that stand together */

/* How much of a message is shown. */
struct view_shape {
	size_t lines;     /* events: with their headline at least */
	size_t full;      /* the first of these: with facts, too */
	size_t value_max; /* characters of one value; the rest is cut */
};

/* What the configuration adds; NULL: not set. */
struct view_options {
	const char *room, *topic, *link;
};

/* The caller frees with cJSON_Delete(). NULL: out of memory. */
cJSON *view_make(const struct yw_message *message, const struct view_options *options, const struct view_shape *shape);

/* Is it a name of the view? */
bool view_knows(const char *name);
