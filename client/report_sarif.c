/* SPDX-License-Identifier: Apache-2.0 */
/*
 * report_sarif.c: findings as SARIF 2.1.0 (OASIS, "Static Analysis Results Interchange Format"), as
 * code scanning takes it. In a message brackets make links and braces stand for arguments (3.11.5,
 * 3.11.6), so those of names are escaped.
 */
#include "base/text.h"
#include "finding.h"
#include "report.h"

#include <stdio.h>
#include <string.h>

#define SCHEMA "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
#define FINGERPRINT "yankwatchFinding/v1"
#define UNRESERVED "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/"

static const struct rule {
	const char *id;
	const char *state; /* of the finding */
	const char *name, *summary, *help;
} rules[] = {
	{"yanked", "yanked", "YankedVersion", "A locked version is yanked",
	 "Its owner withdrew this version: it is broken or unsafe, or was published by mistake. Cargo still builds "
	 "with it as long as a lockfile has it, but picks it no more. Move to the version that the message names."},
	{"deleted", "deleted", "DeletedVersion", "A locked version is deleted",
	 "The registry had this version and has it no more: a fresh checkout cannot be built. Crates are deleted when "
	 "they are malicious, too. Find out why before you build again, and move to another version."},
	{"missing", "missing", "MissingVersion", "A locked version is not in its registry",
	 "The registry does not have this version, and never had while it was watched. The lockfile is wrong, is of "
	 "another registry, or somebody has changed it."},
	{"checksum-differs", "checksum_differs", "ChecksumDiffers",
	 "The lockfile has another checksum than the registry",
	 "A published version must never change. Either the lockfile or the registry was tampered with: do not build "
	 "before you know which."},
};

static size_t rule_of(const cJSON *finding)
{
	const char *state = json_string(finding, "state");

	for (size_t i = 0; state && i < ARRAY_LEN(rules); i++)
		if (strcmp(rules[i].state, state) == 0)
			return i;
	return 0;
}

/* {"text": …} */
static void put_text(struct json_writer *w, const char *key, const char *text)
{
	json_open(w, key, '{');
	json_put_string(w, "text", text);
	json_close(w, '}');
}

static void put_rule(struct json_writer *w, const struct rule *rule)
{
	json_open(w, NULL, '{');
	json_put_string(w, "id", rule->id);
	json_put_string(w, "name", rule->name);
	put_text(w, "shortDescription", rule->summary);
	put_text(w, "fullDescription", rule->help);
	put_text(w, "help", rule->help);
	json_close(w, '}');
}

static void put_tool(struct json_writer *w)
{
	json_open(w, "tool", '{');
	json_open(w, "driver", '{');
	json_put_string(w, "name", "yankwatch");
	json_put_string(w, "version", YANKWATCH_VERSION);
	json_open(w, "rules", '[');
	for (size_t i = 0; i < ARRAY_LEN(rules); i++)
		put_rule(w, &rules[i]);
	json_close(w, ']');
	json_close(w, '}');
	json_close(w, '}');
}

/* What reorders or hides text is told by its number: who shows the log may print it as it is. */
static void put_message(struct json_writer *w, const char *plain)
{
	OWNED_STRBUF struct strbuf text = {0};
	char safe[STYLE_TEXT_MAX];

	for (const char *p = text_safe(plain, safe, sizeof safe); *p; p++) {
		if (strchr("\\[]", *p))
			strbuf_addc(&text, '\\');
		else if (strchr("{}", *p))
			strbuf_addc(&text, *p);
		strbuf_addc(&text, *p);
	}
	put_text(w, "message", strbuf_str(&text));
	w->out->failed |= strbuf_failed(&text);
}

static void put_finding_message(struct json_writer *w, const cJSON *finding)
{
	OWNED_STRBUF struct strbuf text = {0};

	finding_write_message(finding, &text);
	put_message(w, strbuf_str(&text));
	w->out->failed |= strbuf_failed(&text);
}

/* A path as a URI: as it was given when it is relative, a file's when it is absolute. */
static void put_uri(struct json_writer *w, const char *path)
{
	OWNED_STRBUF struct strbuf uri = {0};

	strbuf_adds(&uri, *path == '/' ? "file://" : "");
	for (; *path; path++) {
		if (strchr(UNRESERVED, *path))
			strbuf_addc(&uri, *path);
		else
			strbuf_addf(&uri, "%%%02X", (unsigned)(unsigned char)*path);
	}
	json_put_string(w, "uri", strbuf_str(&uri));
	w->out->failed |= strbuf_failed(&uri);
}

static void put_location(struct json_writer *w, const struct report *report, unsigned line)
{
	json_open(w, "locations", '[');
	json_open(w, NULL, '{');
	json_open(w, "physicalLocation", '{');
	json_open(w, "artifactLocation", '{');
	put_uri(w, lockfile_place(report->lockfile));
	json_close(w, '}');
	if (line) {
		json_open(w, "region", '{');
		json_put_int(w, "startLine", line);
		json_close(w, '}');
	}
	json_close(w, '}');
	json_close(w, '}');
	json_close(w, ']');
}

/* The same finding in another run, wherever it stands then. */
static void put_fingerprint(struct json_writer *w, const cJSON *finding)
{
	static const char *const members[] = {"registry", "crate", "version", "state"};
	OWNED_STRBUF struct strbuf print = {0};

	for (size_t i = 0; i < ARRAY_LEN(members); i++) {
		const char *value = json_string(finding, members[i]);
		strbuf_addf(&print, "%s%s", i ? "/" : "", value ? value : "");
	}
	json_open(w, "partialFingerprints", '{');
	json_put_string(w, FINGERPRINT, strbuf_str(&print));
	json_close(w, '}');
	w->out->failed |= strbuf_failed(&print);
}

static void put_result(struct json_writer *w, const struct report *report, const cJSON *finding, unsigned line)
{
	size_t rule = rule_of(finding);

	json_open(w, NULL, '{');
	json_put_string(w, "ruleId", rules[rule].id);
	json_put_int(w, "ruleIndex", (int64_t)rule);
	json_put_string(w, "level", finding_level(finding));
	put_finding_message(w, finding);
	put_location(w, report, line);
	put_fingerprint(w, finding);
	json_open(w, "properties", '{');
	json_put_string(w, "severity", severity_name(finding_severity(finding)));
	json_close(w, '}');
	json_close(w, '}');
}

/* Whether everything was looked at, and what was not. */
static void put_invocation(struct json_writer *w, const struct report *report)
{
	OWNED_STRBUF struct strbuf text = {0};

	json_open(w, "invocations", '[');
	json_open(w, NULL, '{');
	json_put_bool(w, "executionSuccessful", report->whole);
	report_write_unknown(report->answer, &text);
	if (text.len) {
		json_open(w, "toolExecutionNotifications", '[');
		json_open(w, NULL, '{');
		json_put_string(w, "level", "error");
		put_message(w, strbuf_str(&text));
		json_close(w, '}');
		json_close(w, ']');
	}
	json_close(w, '}');
	json_close(w, ']');
	w->out->failed |= strbuf_failed(&text);
}

static void write_log(struct json_writer *w, const struct report *report)
{
	const cJSON *finding;
	size_t i = 0;

	json_open(w, NULL, '{');
	json_put_string(w, "$schema", SCHEMA);
	json_put_string(w, "version", "2.1.0");
	json_open(w, "runs", '[');
	json_open(w, NULL, '{');
	put_tool(w);
	put_invocation(w, report);
	json_open(w, "results", '[');
	cJSON_ArrayForEach (finding, report->findings)
		put_result(w, report, finding, report->lines[i++]);
	json_close(w, ']');
	json_close(w, '}');
	json_close(w, ']');
	json_close(w, '}');
}

int report_sarif(const struct report *report, struct err *err)
{
	OWNED_STRBUF struct strbuf text = {0};
	OWNED_JSON cJSON *log = NULL;
	struct json_writer w = {.out = &text};

	write_log(&w, report);
	if (strbuf_failed(&text))
		return err_nomem(err);
	int rc = json_parse(strbuf_str(&text), text.len, &log, err);
	return rc ? rc : style_json(log, err); /* in ASCII */
}
