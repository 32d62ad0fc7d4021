/* SPDX-License-Identifier: Apache-2.0 */
/*
 * index_line.c: the line becomes a list of nodes, its members are found and checked
 * (line_members.h), and each facet is hashed (line_facets.h).
 */
#include "model/index_line.h"

#include "base/numbers.h"
#include "model/line_facets.h"

#include <string.h>
#include <strings.h>

#define READER_KEPT_MAX (512 << 10) /* bytes of working memory; a line of crates.io needs a tenth */

static const char *const facet_names[FACETS] = {
	[FACET_DEPS] = "deps",
	[FACET_FEATURES] = "features",
	[FACET_LINKS] = "links",
	[FACET_RUST_VERSION] = "rust_version",
};

const char *facet_name(enum facet facet)
{
	return facet_names[facet];
}

void index_version_release(struct index_version *version)
{
	free(version->vers);
	reason_text_release(version->reason);
	free(version->reason);
	*version = (struct index_version){0};
}

void line_reader_release(struct line_reader *reader)
{
	json_scan_release(&reader->json);
	canonical_release(&reader->canonical);
	member_memo_release(&reader->deps);
	member_memo_release(&reader->features);
	member_memo_release(&reader->next);
	*reader = (struct line_reader){0};
}

void line_reader_begin(struct line_reader *reader, const char *crate)
{
	reader->crate = crate;
	reader->has_last = false;
	reader->deps.count = 0;
	reader->features.count = 0;
}

void line_reader_end(struct line_reader *reader)
{
	const struct index_keys *keys = reader->keys;

	if (reader->json.cap * sizeof *reader->json.nodes + reader->canonical.written.cap > READER_KEPT_MAX) {
		line_reader_release(reader);
		reader->keys = keys;
	}
	line_reader_begin(reader, NULL);
}

/* ---- the line ---- */

static int read_format(const struct json_node *v, bool *ret_known, struct err *err)
{
	double format = v->type == JSON_NUMBER ? json_node_number(v) : 1;

	if (!(format >= 0 && format <= UINT32_MAX) || format != (double)(uint32_t)format)
		return err_set(err, ERR_BAD, "\"v\" is no format's number");
	*ret_known = format <= INDEX_FORMAT_MAX;
	return 0;
}

static bool is_crate(const struct json_node *name, const char *crate)
{
	return name->len == strlen(crate) && strncasecmp(name->at, crate, name->len) == 0;
}

static bool read_checksum(const struct json_node *text, unsigned char ret[static CHECKSUM_SIZE])
{
	char hex[2 * CHECKSUM_SIZE + 1] = "";

	if (text->len == sizeof hex - 1)
		memcpy(hex, text->at, text->len);
	return hex_decode(hex, CHECKSUM_SIZE, ret);
}

static int read_identity(const struct json_node *const *members, const char *crate, struct index_version *version,
			 struct err *err)
{
	const struct json_node *name = members[LINE_NAME];
	const struct json_node *vers = members[LINE_VERS];

	if (!is_crate(name, crate))
		return err_set(err, ERR_BAD, "about another crate, \"%.*s\"", member_shown(name), name->at);
	if (vers->len == 0 || vers->len >= VERSION_TEXT_MAX)
		return err_set(err, ERR_LIMIT, "\"vers\" of %u bytes", vers->len);
	if (!read_checksum(members[LINE_CKSUM], version->checksum))
		return err_set(err, ERR_BAD, "\"cksum\" is no SHA-256 in hex");
	version->yanked = member_is_true(members[LINE_YANKED], false);
	version->vers = strndup(vers->at, vers->len);
	return version->vers ? 0 : err_nomem(err);
}

/* Why it was yanked, where a registry says that in the line. */
static int read_reason(const struct json_node *const *members, struct index_version *version, struct err *err)
{
	const struct json_node *said = members[LINE_YANK_MESSAGE];

	if (said->type != JSON_STRING || !said->len)
		said = members[LINE_YANK_REASON];
	if (said->type != JSON_STRING || !said->len || !version->yanked)
		return 0;
	version->reason = calloc(1, sizeof *version->reason);
	return version->reason ? reason_text_keep(said->at, said->len, version->reason, err) : err_nomem(err);
}

static int read_members(struct line_reader *reader, const struct index_version *version, size_t n_known,
			const struct json_node **members, bool *ret_known_format, struct err *err)
{
	line_facets_know(reader);
	int rc = json_scan_after(&reader->json, version->line, version->line_len, reader->last,
				 reader->has_last ? n_known : 0, err);
	if (rc)
		return rc;
	members_find(reader->json.nodes, line_rules, LINE_MEMBERS, members);
	if (reader->json.nodes->type != JSON_OBJECT)
		return err_set(err, ERR_BAD, "not an object");
	rc = read_format(members[LINE_V], ret_known_format, err);
	return rc ? rc : members_check(members, line_rules, *ret_known_format ? LINE_MEMBERS : LINE_ANY_FORMAT, err);
}

int index_line_parse(struct line_reader *reader, const char *line, size_t len, struct index_version *ret,
		     struct err *err)
{
	OWNED(index_version_release) struct index_version version = {.line = line, .line_len = len};
	const struct json_node *members[LINE_MEMBERS];
	bool known_format = true;

	int rc = read_members(reader, &version, LINE_REPEATS, members, &known_format, err);
	if (!rc && line_lacks_features(reader, members))
		rc = read_members(reader, &version, REPEAT_FEATURES, members, &known_format, err);
	if (!rc)
		rc = read_identity(members, reader->crate, &version, err);
	if (!rc)
		rc = read_reason(members, &version, err);
	if (!rc && known_format)
		rc = line_digest_facets(reader, members, &version, err);
	if (rc)
		return rc;
	*ret = version;
	version = (struct index_version){0};
	return 0;
}
