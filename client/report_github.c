/* SPDX-License-Identifier: Apache-2.0 */
/*
 * report_github.c: findings as workflow commands of GitHub Actions, which shows them beside the
 * lockfile's lines ("::error file=…,line=…,title=…::message"). What ends a line, a property or
 * a command is escaped as GitHub's own toolkit does it, so that no name can begin another command.
 * Source: "Workflow commands for GitHub Actions"; actions/toolkit, packages/core/src/command.ts.
 */
#include "base/text.h"
#include "finding.h"
#include "report.h"

#include <stdio.h>
#include <string.h>

static void add_escaped(struct strbuf *out, const char *text, const char *special)
{
	char safe[STYLE_TEXT_MAX];

	for (const char *p = text_safe(text, safe, sizeof safe); *p; p++) {
		if (strchr(special, *p))
			strbuf_addf(out, "%%%02X", (unsigned)*p);
		else
			strbuf_addc(out, *p);
	}
}

static void add_property(struct strbuf *out, const char *key, const char *value)
{
	strbuf_addf(out, "%s=", key);
	add_escaped(out, value, "%\r\n:,");
}

static void write_command(const struct report *report, const cJSON *finding, unsigned line, struct strbuf *out)
{
	OWNED_STRBUF struct strbuf title = {0};
	OWNED_STRBUF struct strbuf message = {0};
	const char *level = finding_level(finding);

	strbuf_addf(&title, "%s: ", severity_name(finding_severity(finding)));
	finding_write_state(finding, &title);
	finding_write_message(finding, &message);
	strbuf_addf(out, "::%s ", strcmp(level, "note") == 0 ? "notice" : level);
	add_property(out, "file", lockfile_place(report->lockfile));
	if (line)
		strbuf_addf(out, ",line=%u", line);
	strbuf_addc(out, ',');
	add_property(out, "title", strbuf_str(&title));
	strbuf_adds(out, "::");
	add_escaped(out, strbuf_str(&message), "%\r\n");
	strbuf_addc(out, '\n');
}

int report_github(const struct report *report, struct err *err)
{
	OWNED_STRBUF struct strbuf out = {0};
	const cJSON *finding;
	size_t i = 0;

	cJSON_ArrayForEach (finding, report->findings)
		write_command(report, finding, report->lines[i++], &out);
	if (strbuf_failed(&out))
		return err_nomem(err);
	(void)fputs(strbuf_str(&out), stdout);
	return 0;
}
