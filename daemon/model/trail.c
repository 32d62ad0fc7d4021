/* SPDX-License-Identifier: Apache-2.0 */
/* trail.c: see trail.h. */
#include "model/trail.h"

/* Of the first action nobody knows what was before it. */
static size_t find_flips(const struct reason_action *actions, size_t n, struct trail_flip *ret)
{
	enum reason_act last = REASON_PUBLISH;
	size_t count = 0;

	for (size_t i = 0; i < n; i++) {
		if (actions[i].act == REASON_PUBLISH || actions[i].act == last)
			continue;
		last = actions[i].act;
		ret[count++].action = &actions[i];
	}
	return count;
}

static bool is_of_kind(struct trail_flip flip, enum event_kind kind)
{
	return flip.action->act == (kind == EVENT_YANKED ? REASON_YANK : REASON_UNYANK);
}

/* The flip from `from` on that a look at seen_ms has shown; n = none. */
static size_t find_shown(const struct trail_flip *flips, size_t n, size_t from, const struct trail_event *event)
{
	size_t shown = n;

	for (size_t i = from; i < n && flips[i].action->at_ms <= event->at_ms; i++)
		if (is_of_kind(flips[i], event->kind))
			shown = i;
	if (shown < n)
		return shown;
	for (size_t i = from; i < n && flips[i].action->at_ms <= event->at_ms + TRAIL_SKEW_MS; i++)
		if (is_of_kind(flips[i], event->kind))
			return i;
	return n;
}

static bool is_recorded(struct trail_flip flip, const struct trail_event *events, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (events[i].source == EVENT_OF_AUDIT_TRAIL && events[i].at_ms == flip.action->at_ms &&
		    is_of_kind(flip, events[i].kind))
			return true;
	return false;
}

/* An id is of the action's time: of two alike at one moment one counts. */
static bool is_among(struct trail_flip flip, const struct trail_flip *flips, size_t n)
{
	for (size_t i = n; i > 0 && flips[i - 1].action->at_ms == flip.action->at_ms; i--)
		if (flips[i - 1].action->act == flip.action->act)
			return true;
	return false;
}

size_t trail_unrecorded(const struct reason_action *actions, size_t n, int64_t since_ms,
			const struct trail_event *events, size_t n_events, struct trail_flip *ret)
{
	size_t n_flips = find_flips(actions, n, ret);
	size_t at = 0; /* flips before it are settled */
	size_t count = 0;

	for (size_t i = 0; i <= n_events; i++) {
		if (i < n_events && events[i].source != EVENT_OF_INDEX)
			continue;
		size_t shown = i < n_events ? find_shown(ret, n_flips, at, &events[i]) : n_flips;
		if (i < n_events && shown == n_flips)
			continue;
		for (; at < shown; at++)
			if (ret[at].action->at_ms > since_ms && !is_recorded(ret[at], events, n_events) &&
			    !is_among(ret[at], ret, count))
				ret[count++] = ret[at];
		at = shown + 1;
	}
	return count;
}
