/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_findings.c: which bad versions the projects lock now, and what a yank would hit. */
#include "ask.h"
#include "commands.h"
#include "finding.h"
#include "pager.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

const struct option_row findings_options[] = {
	{"project", "NAME", "only of this project"},
	{"min-severity", "S", "only of this severity or a higher one"},
	{0},
};

static int print_findings(const struct session *session, const cJSON *findings, struct err *err)
{
	const cJSON *finding;
	int rc = 0;

	cJSON_ArrayForEach (finding, findings) {
		if (session->json) {
			rc = style_json(finding, err);
			if (rc)
				break;
			continue;
		}
		finding_print(&session->style, finding);
		(void)putchar('\n');
	}
	return rc;
}

static void print_counts(const cJSON *findings)
{
	OWNED_STRBUF struct strbuf counts = {0};

	findings_write_counts(findings, &counts);
	puts(counts.len ? strbuf_str(&counts) : "no findings: nothing is wrong with what the projects lock");
}

int cmd_findings(const struct session *session, const struct args *args, struct err *err)
{
	OWNED_PAGER struct pager pager = {.http = session->http, .member = "findings", .left = UINT64_MAX};
	OWNED_JSON cJSON *findings = NULL;

	strbuf_adds(&pager.path, "/v1/findings");
	http_add_query(&pager.path, "project", args_value(args, "project"));
	http_add_query(&pager.path, "min_severity", args_value(args, "min-severity"));
	int rc = pager_collect(&pager, &findings, err);
	if (rc == 0)
		rc = print_findings(session, findings, err);
	if (rc == 0 && !session->json)
		print_counts(findings);
	return rc;
}

/* ---- impact ---- */

static void print_line(const struct session *session, const struct strbuf *line)
{
	style_line(&session->style, COLOUR_NONE, strbuf_str(line));
}

static const char *state_of(const cJSON *impact)
{
	if (json_bool(impact, "deleted", false))
		return "deleted";
	return json_bool(impact, "yanked", false) ? "yanked" : "not yanked";
}

/* "demo 1.2.3 in internal is not yanked: 3 usable versions are left without it, the best is 1.2.4" */
static void print_version(const struct session *session, const cJSON *impact)
{
	OWNED_STRBUF struct strbuf line = {0};
	const cJSON *replacement = json_member(impact, "replacement");
	const char *const members[] = {json_string(impact, "crate"), json_string(impact, "version"),
				       json_string(impact, "registry"), json_string(replacement, "version")};
	int64_t usable = json_int(impact, "usable_versions", 0);

	strbuf_addf(&line, "%s %s in %s is %s: ", members[0] ? members[0] : "?", members[1] ? members[1] : "?",
		    members[2] ? members[2] : "?", state_of(impact));
	if (usable == 0)
		strbuf_adds(&line, "no usable version is left without it");
	else
		strbuf_addf(&line, "%" PRId64 " usable version%s left without it", usable,
			    usable == 1 ? " is" : "s are");
	if (members[3])
		strbuf_addf(&line, ", the best is %s%s", members[3],
			    json_bool(replacement, "compatible", true) ? "" : " (not compatible)");
	print_line(session, &line);
}

static void print_hits(const struct session *session, const cJSON *impact)
{
	OWNED_STRBUF struct strbuf line = {0};
	const cJSON *findings = json_member(impact, "findings");
	int64_t more = json_int(impact, "more_findings", 0);

	if (cJSON_GetArraySize(findings) == 0) {
		puts("it hits no project");
		return;
	}
	findings_write_counts(findings, &line);
	if (more > 0)
		strbuf_addf(&line, ", and %" PRId64 " more that are not listed", more);
	print_line(session, &line);
}

static int impact_in(const struct session *session, const char *registry, const char *crate, const void *question,
		     struct err *err)
{
	const char *version = question;
	OWNED_STRBUF struct strbuf path = {0};
	OWNED_JSON cJSON *impact = NULL;

	strbuf_adds(&path, "/v1/impact");
	http_add_segment(&path, registry);
	http_add_segment(&path, crate);
	http_add_segment(&path, version);
	int rc = http_get(session->http, &path, &impact, err);
	if (rc)
		return rc;
	if (session->json)
		return style_json(impact, err);
	print_version(session, impact);
	(void)putchar('\n');
	rc = print_findings(session, json_member(impact, "findings"), err);
	print_hits(session, impact);
	return rc;
}

int cmd_impact(const struct session *session, const struct args *args, struct err *err)
{
	char *crate = args->operands[0];
	char *version = strchr(crate, '@');
	const char *registry = args_value(args, "registry");

	if (version)
		*version++ = '\0';
	if (!version || !*version || !*crate)
		return err_set(err, ERR_BAD, "impact: of which version: usage: yankwatch impact CRATE@VERSION");
	return registry ? impact_in(session, registry, crate, version, err)
			: ask_everywhere(session, crate, version, impact_in, err);
}
