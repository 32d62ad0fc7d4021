/* SPDX-License-Identifier: Apache-2.0 */
/* Events: stable ids, canonical bytes that may never change, documents and subjects. */
#include "fixture.h"

#include "model/event.h"

static const unsigned char lineage_a[LINEAGE_SIZE] = "lineage of one  ";
static const unsigned char lineage_b[LINEAGE_SIZE] = "lineage of other";

static const struct event_identity identity = {
	.index_url = "https://index.crates.io/",
	.crate = "demo",
	.version = "1.2.3",
	.kind = EVENT_YANKED,
	.ordinal = 0,
	.last_modified = 1795253400,
	.lineage = lineage_a,
};

/* Ids are in receivers' hands: a change of this one is a break, not a refactoring. */
static void an_id_is_the_same_for_ever(void **state)
{
	(void)state;
	struct event_identity unwitnessed = identity;
	char id[EVENT_ID_MAX];

	event_make_id(&identity, id);
	assert_string_equal(id, "evt_843c1c370e5ffa41ee6a04868b6406b4");
	unwitnessed.last_modified = 0;
	event_make_id(&unwitnessed, id);
	assert_string_equal(id, "evt_5a6d9612b0d37bbebd2a17a926668a42");
}

static void two_databases_that_see_the_same_give_the_same_id(void **state)
{
	(void)state;
	struct event_identity other = identity;
	char ids[2][EVENT_ID_MAX];

	other.lineage = lineage_b;
	event_make_id(&identity, ids[0]);
	event_make_id(&other, ids[1]);
	assert_string_equal(ids[0], ids[1]);
}

static void ids_differ_in_every_member_of_the_identity(void **state)
{
	(void)state;
	const struct event_identity rows[] = {
		identity,
		{"https://index.crates.iO/", "demo", "1.2.3", EVENT_YANKED, 0, 1795253400, lineage_a, NULL, 0},
		{"https://index.crates.io/", "Demo", "1.2.3", EVENT_YANKED, 0, 1795253400, lineage_a, NULL, 0},
		{"https://index.crates.io/", "demo", "1.2.4", EVENT_YANKED, 0, 1795253400, lineage_a, NULL, 0},
		{"https://index.crates.io/", "demo", "", EVENT_YANKED, 0, 1795253400, lineage_a, NULL, 0},
		{"https://index.crates.io/", "demo", "1.2.3", EVENT_UNYANKED, 0, 1795253400, lineage_a, NULL, 0},
		{"https://index.crates.io/", "demo", "1.2.3", EVENT_YANKED, 1, 1795253400, lineage_a, NULL, 0},
		{"https://index.crates.io/", "demo", "1.2.3", EVENT_YANKED, 0, 1795253401, lineage_a, NULL, 0},
		{"https://index.crates.io/", "demo", "1.2.3", EVENT_YANKED, 0, 0, lineage_a, NULL, 0},
		{"https://index.crates.io/", "demo", "1.2.3", EVENT_YANKED, 0, 0, lineage_b, NULL, 0},
		{"https://index.crates.io/", "demo", "1.2.3", EVENT_YANKED, 0, 1795253400, lineage_a, "payments", 0},
		{"https://index.crates.io/", "demo", "1.2.3", EVENT_YANKED, 0, 1795253400, lineage_a, "edge", 0},
		{"https://index.crates.io/", "demo", "1.2.3", EVENT_YANKED, 0, 1795253400, lineage_a, NULL, 1795253400},
		{"https://index.crates.io/", "demo", "1.2.3", EVENT_YANKED, 0, 1795253400, lineage_a, NULL, 1795253401},
		/* no text runs over into the next */
		{"https://index.crates.io/d", "emo", "1.2.3", EVENT_YANKED, 0, 1795253400, lineage_a, NULL, 0},
		{"https://index.crates.io/", "demo1", ".2.3", EVENT_YANKED, 0, 1795253400, lineage_a, NULL, 0},
		{"https://index.crates.io/", "", "demo1.2.3", EVENT_YANKED, 0, 1795253400, lineage_a, NULL, 0},
	};
	char ids[ARRAY_LEN(rows)][EVENT_ID_MAX];

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		event_make_id(&rows[i], ids[i]);
		assert_memory_equal(ids[i], "evt_", 4);
		assert_int_equal(strspn(ids[i] + 4, "0123456789abcdef"), 32);
		assert_int_equal(strlen(ids[i]), 36);
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(ids[i], ids[j]);
	}
}

static void checksum_of(unsigned char byte, unsigned char out[static CHECKSUM_SIZE])
{
	memset(out, byte, CHECKSUM_SIZE);
}

static void check_body(const struct event *event, const char *expected)
{
	OWNED_STRBUF struct strbuf out = {0};

	event_write_body(&out, event);
	assert_false(strbuf_failed(&out));
	assert_string_equal(strbuf_str(&out), expected);
}

static void the_body_of_a_yank_has_these_bytes(void **state)
{
	(void)state;
	static const char line[] = "{\"name\":\"demo\",\"vers\":\"1.2.3\"}";
	static const char reply[] = "{\"name\":\"demo\",\"vers\":\"1.2.3\"}\nand what follows it";
	unsigned char sum[CHECKSUM_SIZE];
	const struct event event = {
		.id = "evt_00112233445566778899aabbccddeeff",
		.seq = 4711,
		.at_ms = 1795253400123,
		.observed_at_ms = 1795253400456,
		.registry = "crates-io",
		.index_url = "https://index.crates.io/",
		.crate = "demo",
		.version = "1.2.3",
		.kind = EVENT_YANKED,
		.severity = SEVERITY_HIGH, /* said about it, so not in the body */
		.checksum = sum,
		.yanked = true,
		.etag = "W/\"abc\"",
		.last_modified = 1795253400,
		.line = reply,
		.line_len = sizeof line - 1,
	};

	checksum_of(0xaa, sum);
	check_body(&event, "{\"id\":\"evt_00112233445566778899aabbccddeeff\",\"seq\":4711,"
			   "\"at\":\"2026-11-21T09:30:00.123Z\",\"registry\":\"crates-io\",\"crate\":\"demo\","
			   "\"version\":\"1.2.3\",\"event\":\"yanked\",\"checksum\":\"" SUM_A "\",\"yanked\":true,"
			   "\"observed_at\":\"2026-11-21T09:30:00.456Z\","
			   "\"evidence\":{\"index\":\"https://index.crates.io/\",\"etag\":\"W/\\\"abc\\\"\","
			   "\"last_modified\":\"2026-11-21T09:30:00.000Z\","
			   "\"line\":\"{\\\"name\\\":\\\"demo\\\",\\\"vers\\\":\\\"1.2.3\\\"}\"}}");
}

static void the_bodies_of_what_the_web_api_told_have_these_bytes(void **state)
{
	(void)state;
	const struct reason_said now = {.has_text = true, .by = "carol", .owner = REASON_NO_OWNER};
	const struct reason_said before = {.has_text = true, .text = "leaks \"keys\",\"prev_hash\":"};
	struct event event = {
		.id = "evt_00112233445566778899aabbccddeeff",
		.seq = 4711,
		.at_ms = 1795253400123,
		.observed_at_ms = 1795253400456,
		.registry = "crates-io",
		.index_url = "https://index.crates.io/",
		.crate = "demo",
		.version = "1.2.3",
		.kind = EVENT_REASON_CHANGED,
		.yanked = true,
		.reason = &now,
		.previous_reason = &before,
		.api = "https://crates.io/api/v1/crates/demo/versions",
	};

	check_body(&event,
		   "{\"id\":\"evt_00112233445566778899aabbccddeeff\",\"seq\":4711,"
		   "\"at\":\"2026-11-21T09:30:00.123Z\",\"registry\":\"crates-io\",\"crate\":\"demo\","
		   "\"version\":\"1.2.3\",\"event\":\"reason_changed\",\"yanked\":true,"
		   "\"reason\":{\"text\":null,\"by\":\"carol\",\"by_owner\":false},"
		   "\"previous\":{\"reason\":{\"text\":\"leaks \\\"keys\\\",\\\"prev_hash\\\":\"}},"
		   "\"observed_at\":\"2026-11-21T09:30:00.456Z\",\"evidence\":{\"index\":\"https://index.crates.io/\","
		   "\"api\":\"https://crates.io/api/v1/crates/demo/versions\"}}");
	event.kind = EVENT_UNYANKED;
	event.yanked = false;
	event.reason = &(struct reason_said){.by = "carol", .at_ms = 1795253400123};
	event.previous_reason = NULL;
	event.source = EVENT_OF_AUDIT_TRAIL;
	check_body(&event, "{\"id\":\"evt_00112233445566778899aabbccddeeff\",\"seq\":4711,"
			   "\"at\":\"2026-11-21T09:30:00.123Z\",\"registry\":\"crates-io\",\"crate\":\"demo\","
			   "\"version\":\"1.2.3\",\"event\":\"unyanked\",\"yanked\":false,"
			   "\"reason\":{\"by\":\"carol\",\"at\":\"2026-11-21T09:30:00.123Z\"},"
			   "\"source\":\"audit_trail\",\"observed_at\":\"2026-11-21T09:30:00.456Z\","
			   "\"evidence\":{\"index\":\"https://index.crates.io/\","
			   "\"api\":\"https://crates.io/api/v1/crates/demo/versions\"}}");
}

static void the_body_of_a_deleted_crate_has_these_bytes(void **state)
{
	(void)state;
	static const char *const versions[] = {"1.0.0", "1.0.0+\"b\""};
	const struct event event = {
		.id = "evt_1",
		.seq = 1,
		.registry = "r",
		.index_url = "http://localhost/",
		.crate = "demo",
		.kind = EVENT_CRATE_DELETED,
		.versions = versions,
		.n_versions = 2,
		.status = 404,
	};

	check_body(&event,
		   "{\"id\":\"evt_1\",\"seq\":1,\"at\":\"1970-01-01T00:00:00.000Z\",\"registry\":\"r\","
		   "\"crate\":\"demo\",\"event\":\"crate_deleted\",\"versions\":[\"1.0.0\",\"1.0.0+\\\"b\\\"\"],"
		   "\"observed_at\":\"1970-01-01T00:00:00.000Z\","
		   "\"evidence\":{\"index\":\"http://localhost/\",\"status\":404}}");
}

static void the_body_of_an_altered_version_has_these_bytes(void **state)
{
	(void)state;
	unsigned char sum[CHECKSUM_SIZE];
	unsigned char previous[CHECKSUM_SIZE];
	const struct event event = {
		.id = "evt_2",
		.seq = 2,
		.registry = "r",
		.index_url = "u",
		.crate = "demo",
		.version = "1.0.0",
		.kind = EVENT_CHECKSUM_CHANGED,
		.checksum = sum,
		.previous_checksum = previous,
		.facets = 1u << FACET_DEPS | 1u << FACET_RUST_VERSION,
	};

	checksum_of(0xbb, sum);
	checksum_of(0xaa, previous);
	check_body(&event, "{\"id\":\"evt_2\",\"seq\":2,\"at\":\"1970-01-01T00:00:00.000Z\",\"registry\":\"r\","
			   "\"crate\":\"demo\",\"version\":\"1.0.0\",\"event\":\"checksum_changed\","
			   "\"checksum\":\"" SUM_B "\",\"yanked\":false,\"previous\":{\"checksum\":\"" SUM_A "\"},"
			   "\"changed\":[\"deps\",\"rust_version\"],"
			   "\"observed_at\":\"1970-01-01T00:00:00.000Z\",\"evidence\":{\"index\":\"u\"}}");
}

static void a_deleted_crate_without_versions_says_so(void **state)
{
	(void)state;
	static const char *const none[] = {NULL};
	const struct event event = {.id = "e",
				    .registry = "r",
				    .index_url = "u",
				    .crate = "c",
				    .kind = EVENT_CRATE_DELETED,
				    .versions = none};

	check_body(&event, "{\"id\":\"e\",\"seq\":0,\"at\":\"1970-01-01T00:00:00.000Z\",\"registry\":\"r\","
			   "\"crate\":\"c\",\"event\":\"crate_deleted\",\"versions\":[],"
			   "\"observed_at\":\"1970-01-01T00:00:00.000Z\",\"evidence\":{\"index\":\"u\"}}");
}

static void a_failed_buffer_is_told(void **state)
{
	(void)state;
	const struct event event = {.id = "e", .registry = "r", .index_url = "u", .crate = "c"};
	OWNED_STRBUF struct strbuf out = {.limit = 20};

	event_write_body(&out, &event);
	assert_true(strbuf_failed(&out));
}

static void the_document_is_the_body_with_what_is_said_of_it_put_in(void **state)
{
	(void)state;
#define HEX_01 "0101010101010101010101010101010101010101010101010101010101010101"
#define HEX_02 "0202020202020202020202020202020202020202020202020202020202020202"
	static const struct {
		enum severity severity;
		bool chained;
		const char *annotations;
		const char *expected;
	} rows[] = {
		{SEVERITY_INFO, false, NULL, "[{\"id\":\"e\",\"evidence\":{},\"severity\":\"info\"}"},
		{SEVERITY_CRITICAL, false, "", "[{\"id\":\"e\",\"evidence\":{},\"severity\":\"critical\"}"},
		{SEVERITY_LOW, true, "\"a\":1",
		 "[{\"id\":\"e\",\"evidence\":{},\"prev_hash\":\"" HEX_01 "\",\"hash\":\"" HEX_02
		 "\",\"a\":1,\"severity\":\"low\"}"},
	};
	unsigned char prev_hash[CHAIN_HASH_SIZE];
	unsigned char hash[CHAIN_HASH_SIZE];

	memset(prev_hash, 1, sizeof prev_hash);
	memset(hash, 2, sizeof hash);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		OWNED_STRBUF struct strbuf out = {0};
		const struct event_record record = {.body = "{\"id\":\"e\",\"evidence\":{}}",
						    .prev_hash = rows[i].chained ? prev_hash : NULL,
						    .hash = rows[i].chained ? hash : NULL,
						    .annotations = rows[i].annotations,
						    .severity = rows[i].severity};
		strbuf_addc(&out, '['); /* it appends */
		event_write_document(&out, &record);
		assert_string_equal(strbuf_str(&out), rows[i].expected);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_id_is_the_same_for_ever),
		cmocka_unit_test(two_databases_that_see_the_same_give_the_same_id),
		cmocka_unit_test(ids_differ_in_every_member_of_the_identity),
		cmocka_unit_test(the_body_of_a_yank_has_these_bytes),
		cmocka_unit_test(the_bodies_of_what_the_web_api_told_have_these_bytes),
		cmocka_unit_test(the_body_of_a_deleted_crate_has_these_bytes),
		cmocka_unit_test(the_body_of_an_altered_version_has_these_bytes),
		cmocka_unit_test(a_deleted_crate_without_versions_says_so),
		cmocka_unit_test(a_failed_buffer_is_told),
		cmocka_unit_test(the_document_is_the_body_with_what_is_said_of_it_put_in),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
