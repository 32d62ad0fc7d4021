/* SPDX-License-Identifier: Apache-2.0 */
/* Metrics of a status document: values, units, labels, and what is not there. */
#include "api/metrics.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const char STATUS[] =
	"{\"version\":\"1.2\\\"3\",\"started_at\":\"1970-01-01T00:00:12.345Z\",\"healthy\":true,"
	"\"config\":{\"last_error\":{\"text\":\"no\"}},"
	"\"registries\":[{\"registry\":\"a\",\"state\":\"blind\",\"watches\":3,\"late_ms\":1250,"
	"\"paused_until\":\"1970-01-01T00:01:00.000Z\"},{\"registry\":\"b\",\"state\":\"ok\",\"late_ms\":7,"
	"\"reasons\":{\"state\":\"paused\",\"requests\":9}}],"
	"\"loop\":{\"longest_turn_us\":2000812},\"database\":{\"events_by_kind\":{\"yanked\":9007199254740993}},"
	"\"findings\":{},\"outbox\":{\"due\":2,\"dead\":0},\"log\":{\"dropped\":5}}";

static char *metrics_of(const char *status)
{
	OWNED_STRBUF struct strbuf out = {0};
	OWNED_JSON cJSON *document = cJSON_Parse(status);

	assert_non_null(document);
	metrics_write(document, 1500, &out);
	return strbuf_take(&out);
}

static void each_member_is_a_sample_in_its_unit(void **state)
{
	static const char *const samples[] = {
		"\nyankwatch_time_seconds 1.500\n",
		"\nyankwatch_build_info{version=\"1.2\\\"3\"} 1\n",
		"# HELP yankwatch_start_time_seconds When the daemon started.\n",
		"\n# TYPE yankwatch_start_time_seconds gauge\nyankwatch_start_time_seconds 12.345\n",
		"\nyankwatch_healthy 1\n",
		"\nyankwatch_config_last_reload_successful 0\n",
		"\nyankwatch_registry_state{registry=\"a\",state=\"ok\"} 0\n",
		"\nyankwatch_registry_state{registry=\"a\",state=\"blind\"} 1\n",
		"\nyankwatch_registry_state{registry=\"b\",state=\"ok\"} 1\n",
		"\nyankwatch_registry_watches{registry=\"a\"} 3\n",
		"\nyankwatch_registry_late_seconds{registry=\"a\"} 1.250\n",
		"\nyankwatch_registry_late_seconds{registry=\"b\"} 0.007\n",
		"\nyankwatch_registry_paused{registry=\"a\"} 1\nyankwatch_registry_paused{registry=\"b\"} 0\n",
		"\nyankwatch_reasons_state{registry=\"b\",state=\"ok\"} 0\n",
		"\nyankwatch_reasons_state{registry=\"b\",state=\"paused\"} 1\n",
		"\nyankwatch_reasons_requests_total{registry=\"b\"} 9\n",
		"\nyankwatch_loop_longest_turn_seconds 2.000812\n",
		"\nyankwatch_notifications{state=\"due\"} 2\nyankwatch_notifications{state=\"dead\"} 0\n",
		"\n# TYPE yankwatch_log_dropped_lines_total counter\nyankwatch_log_dropped_lines_total 5\n",
	};
	OWNED_MEM char *text = metrics_of(STATUS);
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(samples); i++)
		if (!strstr(text, samples[i]))
			fail_msg("there is no %s in:\n%s", samples[i], text);
}

static void what_is_absent_has_no_sample(void **state)
{
	static const char *const none[] = {
		"\nyankwatch_registry_watches{registry=\"b\"}",  "\nyankwatch_findings{",
		"\nyankwatch_registry_swept_timestamp_seconds{", "\nyankwatch_reasons_state{registry=\"a\"",
		"\nyankwatch_reasons_failures_total{",           "\nyankwatch_notifier_state{",
		"\nyankwatch_config_loaded_timestamp_seconds "};
	OWNED_MEM char *text = metrics_of(STATUS);
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(none); i++)
		assert_null(strstr(text, none[i]));
	free(text);
	text = metrics_of("{}"); /* whatever comes: it is text, and no crash */
	assert_non_null(strstr(text, "yankwatch_time_seconds 1.500"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_member_is_a_sample_in_its_unit),
		cmocka_unit_test(what_is_absent_has_no_sample),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
