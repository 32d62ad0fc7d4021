/* SPDX-License-Identifier: Apache-2.0 */
/* What the audit trail shows and no event stands for. A trail is "Y10 U20": acts with their times; events "y15" were
 * seen in the index then, "u20*" came from the trail. */
#include "model/trail.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define S INT64_C(1000)

static size_t read_actions(const char *text, struct reason_action *ret)
{
	size_t n = 0;
	char act;
	int at, used;

	for (; sscanf(text, " %c%d%n", &act, &at, &used) == 2; text += used)
		ret[n++] = (struct reason_action){.act = act == 'Y'   ? REASON_YANK
							 : act == 'U' ? REASON_UNYANK
								      : REASON_PUBLISH,
						  .at_ms = at * S};
	return n;
}

static size_t read_events(const char *text, struct trail_event *ret)
{
	size_t n = 0;
	char kind;
	int at, used;

	for (; sscanf(text, " %c%d%n", &kind, &at, &used) == 2; text += used) {
		bool late = text[used] == '*';
		used += late;
		ret[n++] = (struct trail_event){kind == 'y' ? EVENT_YANKED : EVENT_UNYANKED, at * S,
						late ? EVENT_OF_AUDIT_TRAIL : EVENT_OF_INDEX};
	}
	return n;
}

static void flips_without_an_event_are_found(void **state)
{
	(void)state;
	static const struct {
		const char *actions, *events;
		int since;
		const char *found;
	} rows[] = {
		{"P1 Y10", "y15", 0, ""},
		{"P1 Y10 U20 Y30", "y60", 0, "Y10 U20"},
		{"P1 Y10 U20 Y30", "y15", 0, "U20 Y30"},               /* between this look and the one now */
		{"P1 Y10 U20 Y30", "y60 y10* u20*", 0, ""},            /* told before */
		{"P1 Y10 U20 Y30", "y60 y10*", 0, "U20"},              /* one of them */
		{"P1 Y10 Y12 Y14", "y60", 0, ""},                      /* edits of the text */
		{"P1 Y10 U10 Y10 U20 Y30", "y60", 0, "Y10 U10 U20"},   /* of one moment: an id each */
		{"P1 Y10 U20 Y30", "y60", 15, "U20"},                  /* what was before anybody looked is not ours */
		{"P1 Y10 U20 Y30", "y60", 50, ""},                     /* but for the one that the look shows */
		{"P1 Y10 U20", "y15 u25", 0, ""},                      /* each its own */
		{"P1 Y10 U300 Y301 U400", "y15 u900", 0, "U300 Y301"}, /* an un-yank that waited for confirmation */
		{"P1 Y25", "y15", 0, ""},                              /* the registry's clock is ahead */
		{"P1 Y125", "y15", 0, "Y125"},                         /* but not by so much */
		{"U20 Y30", "y60", 0, "U20"},                          /* the trail's begin is cut */
		{"", "y60", 0, ""},
		{"P1", "y60", 0, ""},
		{"P1 Y10 U20", "", 0, "Y10 U20"},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct reason_action actions[8];
		struct trail_event events[8];
		struct trail_flip found[8];
		char said[64] = "";
		size_t n = read_actions(rows[i].actions, actions);
		n = trail_unrecorded(actions, n, rows[i].since * S, events, read_events(rows[i].events, events), found);
		for (size_t k = 0; k < n; k++)
			(void)snprintf(said + strlen(said), sizeof said - strlen(said), "%s%c%d", k ? " " : "",
				       found[k].action->act == REASON_YANK ? 'Y' : 'U',
				       (int)(found[k].action->at_ms / S));
		if (strcmp(said, rows[i].found) != 0)
			fail_msg("row %zu: %s", i, said);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(flips_without_an_event_are_found),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
