/* SPDX-License-Identifier: Apache-2.0 */
/* Which transitions of a reply are told now, and what is kept of those that wait. */
#include "fixture.h"

#include "model/settle.h"

#define MINUTES(n) (INT64_C(60000) * (n))

static const struct belief_confirm ten_minutes = {MINUTES(10), MINUTES(10)};

/* One version, usable now and yanked before, with one transition of it. */
struct scene {
	struct index_version before, after;
	struct index_look look;
	struct transition items[2];
	struct transitions transitions;
};

static void scene_set(struct scene *scene, enum event_kind kind)
{
	*scene = (struct scene){.before.yanked = true};
	memset(scene->after.fingerprint, 7, sizeof scene->after.fingerprint);
	scene->look.changed = (struct index_versions){&scene->after, 1};
	scene->items[0] = (struct transition){.kind = kind, .before = &scene->before, .after = &scene->after};
	scene->items[1] = (struct transition){.kind = EVENT_YANKED};
	scene->transitions = (struct transitions){scene->items, 2};
}

static void an_unyank_that_nothing_proves_waits_and_a_yank_beside_it_does_not(void **state)
{
	(void)state;
	static const unsigned char none[FINGERPRINT_SIZE];
	const struct sighting sighting = {.belief = BELIEF_GUARDED, .confirm = ten_minutes};
	struct scene scene;

	scene_set(&scene, EVENT_UNYANKED);
	assert_int_equal(settle(&sighting, &scene.look, &scene.transitions), 1u << EVENT_UNYANKED);
	assert_int_equal(scene.transitions.count, 1);
	assert_int_equal(scene.items[0].kind, EVENT_YANKED);
	assert_true(scene.after.yanked); /* as it was known */
	assert_memory_equal(scene.after.fingerprint, none, sizeof none);
}

static void what_waits_depends_on_belief_age_and_incident(void **state)
{
	(void)state;
	static const struct {
		enum event_kind kind;
		enum belief belief;
		int64_t age_ms;
		bool incident, waits;
	} rows[] = {
		{EVENT_UNYANKED, BELIEF_WHOLE, 0, false, false},
		{EVENT_UNYANKED, BELIEF_GUARDED, MINUTES(10) - 1, false, true},
		{EVENT_UNYANKED, BELIEF_GUARDED, MINUTES(10), false, false},
		{EVENT_UNYANKED, BELIEF_GUARDED, MINUTES(10), true, false},
		{EVENT_VERSION_DELETED, BELIEF_GUARDED, MINUTES(9), false, true},
		{EVENT_VERSION_DELETED, BELIEF_GUARDED, MINUTES(10), false, false},
		{EVENT_CRATE_DELETED, BELIEF_GUARDED, MINUTES(10), false, false},
		{EVENT_CRATE_DELETED, BELIEF_GUARDED, MINUTES(10), true, true},
		{EVENT_CRATE_DELETED, BELIEF_GUARDED, BELIEF_STALE_MS, true, false},
		{EVENT_PUBLISHED, BELIEF_GUARDED, 0, true, false},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct sighting sighting = {
			.belief = rows[i].belief,
			.age_ms = rows[i].age_ms,
			.incident = rows[i].incident,
			.confirm = ten_minutes,
		};
		struct scene scene;
		scene_set(&scene, rows[i].kind);
		assert_int_equal(settle(&sighting, &scene.look, &scene.transitions),
				 rows[i].waits ? 1u << rows[i].kind : 0);
		assert_int_equal(scene.transitions.count, rows[i].waits ? 1 : 2);
		assert_int_equal(scene.after.yanked, rows[i].waits);
	}
}

static void another_checksum_after_an_absence_is_a_new_publication(void **state)
{
	(void)state;
	struct sighting sighting = {.belief = BELIEF_GUARDED, .confirm = ten_minutes};
	struct scene scene;

	scene_set(&scene, EVENT_CHECKSUM_CHANGED);
	assert_int_equal(0, settle(&sighting, &scene.look, &scene.transitions));
	assert_int_equal(scene.items[0].kind, EVENT_CHECKSUM_CHANGED);
	sighting.was_away = true;
	assert_int_equal(0, settle(&sighting, &scene.look, &scene.transitions));
	assert_int_equal(scene.items[0].kind, EVENT_PUBLISHED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_unyank_that_nothing_proves_waits_and_a_yank_beside_it_does_not),
		cmocka_unit_test(what_waits_depends_on_belief_age_and_incident),
		cmocka_unit_test(another_checksum_after_an_absence_is_a_new_publication),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
