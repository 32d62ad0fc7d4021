/* SPDX-License-Identifier: Apache-2.0 */
/* report.c: see report.h. */
#include "report.h"

#include "finding.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define NAMES_SHOWN 5

static void print_line(const struct report *report, const struct strbuf *line)
{
	if (!line->len)
		return;
	style_line(&report->session->style, COLOUR_NONE, strbuf_str(line));
}

/* Appends the next of a list that is cut when it grows long. */
static void write_name(struct strbuf *out, size_t i, const char *name)
{
	if (i < NAMES_SHOWN)
		strbuf_addf(out, "%s%s", i ? ", " : "", name ? name : "?");
	else if (i == NAMES_SHOWN)
		strbuf_adds(out, " …");
}

/* Of a list that the daemon has cut. */
static int64_t count_all(const cJSON *answer, const char *list, const char *more)
{
	return cJSON_GetArraySize(json_member(answer, list)) + json_int(answer, more, 0);
}

void report_write_unknown(const cJSON *answer, struct strbuf *out)
{
	const cJSON *crate;
	int64_t n = count_all(answer, "unknown", "more_unknown");
	size_t i = 0;

	if (n == 0)
		return;
	strbuf_addf(out, "%" PRId64 " %s looked at, or not understood: ", n,
		    n == 1 ? "crate was not" : "crates were not");
	cJSON_ArrayForEach (crate, json_member(answer, "unknown"))
		write_name(out, i++, json_string(crate, "crate"));
}

static bool has_origin(const cJSON *package, const char *origin)
{
	const char *its = json_string(package, "origin");
	return its && strcmp(its, origin) == 0;
}

static size_t count_origin(const cJSON *unmatched, const char *origin)
{
	const cJSON *package;
	size_t n = 0;

	cJSON_ArrayForEach (package, unmatched)
		n += has_origin(package, origin);
	return n;
}

/* A registry that nobody configured is most likely forgotten. */
static void write_registries(const cJSON *unmatched, struct strbuf *out)
{
	const char *last = NULL;
	const cJSON *package;
	size_t i = 0;

	cJSON_ArrayForEach (package, unmatched) {
		const char *source = json_string(package, "source");
		if (!has_origin(package, "registry") || !source || (last && strcmp(last, source) == 0))
			continue;
		strbuf_adds(out, i ? "" : "; not configured: ");
		write_name(out, i++, source);
		last = source;
	}
}

void report_write_unmatched(const cJSON *answer, struct strbuf *out)
{
	static const char *const origins[] = {"registry", "git", "path", "other"};
	const cJSON *unmatched = json_member(answer, "unmatched");
	int64_t n = count_all(answer, "unmatched", "more_unmatched");
	bool any = false;

	if (n == 0)
		return;
	strbuf_addf(out, "%" PRId64 " %s of no configured registry, and not looked at:", n,
		    n == 1 ? "package is" : "packages are");
	for (size_t i = 0; i < ARRAY_LEN(origins); i++) {
		size_t count = count_origin(unmatched, origins[i]);
		if (count)
			strbuf_addf(out, "%s %zu %s", any ? "," : "", count, origins[i]);
		any |= count > 0;
	}
	write_registries(unmatched, out);
}

static void print_summary(const struct report *report)
{
	OWNED_STRBUF struct strbuf summary = {0};
	OWNED_STRBUF struct strbuf unmatched = {0};
	int64_t packages = json_int(report->answer, "packages", 0);
	int64_t known = json_int(report->answer, "known", 0);
	int64_t more = json_int(report->answer, "more_findings", 0);

	if (known < packages)
		strbuf_addf(&summary, "%" PRId64 " of ", known);
	strbuf_addf(&summary, "%" PRId64 " package%s looked at: ", packages, packages == 1 ? "" : "s");
	if (report->n_findings)
		findings_write_counts(report->findings, &summary);
	if (more > 0)
		strbuf_addf(&summary, ", and %" PRId64 " more that are not listed", more);
	else if (!report->n_findings)
		strbuf_adds(&summary, "nothing is wrong with them");
	print_line(report, &summary);
	report_write_unmatched(report->answer, &unmatched);
	print_line(report, &unmatched);
}

static int report_human(const struct report *report, struct err *err)
{
	const cJSON *finding;
	(void)err;

	cJSON_ArrayForEach (finding, report->findings) {
		finding_print(&report->session->style, finding);
		(void)putchar('\n');
	}
	print_summary(report);
	return 0;
}

static int report_json(const struct report *report, struct err *err)
{
	return style_json(report->answer, err);
}

const struct report_format report_formats[] = {
	{"human", report_human}, {"json", report_json}, {"sarif", report_sarif}, {"github", report_github}, {0}};

const struct report_format *report_format_find(const char *name)
{
	for (const struct report_format *format = report_formats; format->name; format++)
		if (strcmp(format->name, name) == 0)
			return format;
	return NULL;
}
