/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lock_read.c: see lock_read.h: which format is it, and is it text at all? What people send by mistake is told by
 * its name: half a merge, an archive, another encoding, another kind of file.
 */
#include "model/lock_read.h"

#include "base/text.h"
#include "model/lock_readers.h"

#include <string.h>

#define JSON_VALUES_MAX 2000000 /* they bound the memory of the scan */

/* ---- is it text? ---- */

static int check_kind(const char *text, size_t len, struct err *err)
{
	static const struct {
		const char *begin;
		size_t len;
		const char *what;
	} kinds[] = {
		{"\x1f\x8b", 2, "is gzip-compressed: unpack it first"},
		{"\x28\xb5\x2f\xfd", 4, "is zstd-compressed: unpack it first"},
		{"PK\x03\x04", 4, "is a ZIP archive: unpack it first"},
		{"\xff\xfe", 2, "is UTF-16: save it as UTF-8"},
		{"\xfe\xff", 2, "is UTF-16: save it as UTF-8"},
	};

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (len >= kinds[i].len && memcmp(text, kinds[i].begin, kinds[i].len) == 0)
			return err_set(err, ERR_BAD, "%s", kinds[i].what);
	return 0;
}

static int check_line(const char *line, size_t len, struct err *err)
{
	static const char *const markers[] = {"<<<<<<<", "|||||||", "=======", ">>>>>>>"};

	for (size_t i = 0; i < ARRAY_LEN(markers); i++) {
		size_t marker = strlen(markers[i]);
		if (len >= marker && memcmp(line, markers[i], marker) == 0 &&
		    (len == marker || strchr(" \r", line[marker])))
			return err_set(err, ERR_BAD, "a merge conflict's marker (%s): resolve it", markers[i]);
	}
	if (memchr(line, '\0', len))
		return err_set(err, ERR_BAD, "a NUL byte: no text, or not UTF-8");
	if (!text_is_utf8(line, len))
		return err_set(err, ERR_BAD, "not valid UTF-8");
	return 0;
}

static int check_lines(const char *text, size_t len, struct err *err)
{
	const char *end = text + len;
	size_t number = 1;

	for (const char *at = text; at < end; number++) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		const char *stop = newline ? newline : end;
		if (check_line(at, (size_t)(stop - at), err))
			return err_prefix(err, "line %zu", number);
		at = newline ? newline + 1 : end;
	}
	return 0;
}

/* ---- which one is it? ---- */

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static int check_json_values(const char *text, size_t len, struct err *err)
{
	size_t values = 0;

	for (size_t i = 0; i < len; i++)
		values += text[i] == ',' || text[i] == '[' || text[i] == '{';
	return values > JSON_VALUES_MAX ? err_set(err, ERR_LIMIT, "more than %d values", JSON_VALUES_MAX) : 0;
}

static int read_json(const char *text, size_t len, struct lock *ret, struct err *err)
{
	OWNED(json_scan_release) struct json_scan scan = {0};

	while (len > 0 && is_blank(text[len - 1]))
		len--;
	int rc = check_json_values(text, len, err);
	if (!rc)
		rc = json_scan(&scan, text, len, err);
	if (rc == ERR_BAD && text[len - 1] != '}')
		return err_prefix(err, "ends in the middle");
	if (rc)
		return rc;
	const struct json_node *root = scan.nodes;
	if (lock_json_is(root, "bomFormat", "CycloneDX"))
		return lock_cyclonedx_read(root, ret, err);
	if (lock_json_get(root, "packages") && lock_json_get(root, "workspace_members"))
		return lock_metadata_read(root, ret, err);
	if (lock_json_get(root, "spdxVersion"))
		return err_set(err, ERR_BAD, "is SPDX, which is not read: make a CycloneDX SBOM");
	return err_set(err, ERR_BAD, "is JSON, but neither the output of `cargo metadata` nor a CycloneDX SBOM");
}

static int read_format(const char *text, size_t len, struct lock *ret, struct err *err)
{
	size_t blank = 0;

	while (blank < len && is_blank(text[blank]))
		blank++;
	if (blank == len)
		return err_set(err, ERR_BAD, "is empty");
	if (text[blank] == '{')
		return read_json(text + blank, len - blank, ret, err);
	if (text[blank] == '<')
		return err_set(err, ERR_BAD, "is XML or HTML: of CycloneDX the JSON form is read");
	return lock_cargo_read(text, len, ret, err);
}

int lock_read(const char *text, size_t len, struct lock *ret, struct err *err)
{
	static const char bom[] = "\xef\xbb\xbf";
	struct lock lock = {0};

	if (len > LOCK_FILE_MAX)
		return err_set(err, ERR_LIMIT, "is larger than %u MB", LOCK_FILE_MAX >> 20);
	int rc = check_kind(text, len, err);
	if (!rc)
		rc = check_lines(text, len, err);
	if (rc)
		return rc;
	size_t mark = len >= strlen(bom) && memcmp(text, bom, strlen(bom)) == 0 ? strlen(bom) : 0;
	rc = read_format(text + mark, len - mark, &lock, err);
	if (rc)
		return rc;
	if (lock.n_packages == 0) {
		lock_release(&lock);
		return err_set(err, ERR_BAD, "holds no package: is it the whole file?");
	}
	*ret = lock;
	return 0;
}
