/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lock_cyclonedx.c: a CycloneDX SBOM in JSON, 1.3 to 1.6: the components whose purl is pkg:cargo/NAME@VERSION
 * (package-url spec, type "cargo"); whatever else it lists is passed over. Where a component comes from stands in the
 * purl's qualifiers, as cargo-cyclonedx writes them; without one it is crates.io's.
 */
#include "base/numbers.h"
#include "base/text.h"
#include "model/lock_readers.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define SHOWN_MAX 160 /* bytes of a text in an error */

struct sbom {
	struct lock_builder *builder;
	struct lock_ids refs; /* packages by bom-ref */
	struct err *err;
};

/* ---- package URLs ---- */

struct purl {
	char *name, *version; /* owned; version NULL: none */
	char *qualifiers;     /* owned; "key=value&…", not decoded */
};

static void purl_release(struct purl *purl)
{
	free(purl->name);
	free(purl->version);
	free(purl->qualifiers);
}

/* The byte of "%2B" at `p`; 0: none, or a NUL. */
static char encoded_byte(const char *p)
{
	char digits[3] = {0};
	char byte;

	memcpy(digits, p + 1, strnlen(p + 1, 2));
	return (char)(hex_decode(digits, 1, &byte) ? byte : 0);
}

static bool is_encoded(const char *text)
{
	for (const char *p = text; *p; p++)
		if (*p == '%' && !encoded_byte(p))
			return false;
	return true;
}

/* In place, what is_encoded(). */
static void decode(char *text)
{
	char *to = text;

	for (const char *p = text; *p;) {
		bool encoded = *p == '%';
		*to++ = (char)(encoded ? encoded_byte(p) : *p);
		p += encoded ? 3 : 1;
	}
	*to = '\0';
}

/* Behind "pkg:cargo/"; NULL: of another kind, or a part of a package ("#src/main.rs"). */
static const char *cargo_part(const char *purl)
{
	static const char scheme[] = "pkg:";
	static const char type[] = "cargo/";

	if (strncasecmp(purl, scheme, strlen(scheme)) != 0 || strchr(purl, '#'))
		return NULL;
	purl += strlen(scheme);
	purl += strspn(purl, "/");
	return strncasecmp(purl, type, strlen(type)) == 0 ? purl + strlen(type) : NULL;
}

static char *copy(const char *from, size_t len, bool *failed)
{
	char *text = strndup(from, len);
	*failed |= !text;
	return text;
}

/* `text` is what stands behind "pkg:cargo/". */
static int parse_purl(const char *text, struct purl *ret, struct err *err)
{
	char shown[SHOWN_MAX];
	bool failed = false;
	size_t name = strcspn(text, "@?");
	const char *at = text + name;

	ret->name = copy(text, name, &failed);
	if (*at == '@') {
		ret->version = copy(at + 1, strcspn(at + 1, "?"), &failed);
		at += 1 + strcspn(at + 1, "?");
	}
	at += *at == '?';
	ret->qualifiers = copy(at, strlen(at), &failed);
	if (failed)
		return err_nomem(err);
	if (!is_encoded(text))
		return err_set(err, ERR_BAD, "the purl \"pkg:cargo/%s\" is not encoded as it should be",
			       text_safe(text, shown, sizeof shown));
	decode(ret->name);
	if (ret->version)
		decode(ret->version);
	return 0;
}

/* A qualifier's value, decoded; NULL: none. The caller frees it. */
static char *qualifier(const struct purl *purl, const char *key, bool *failed)
{
	size_t key_len = strlen(key);

	for (const char *p = purl->qualifiers; *p; p += strspn(p, "&")) {
		size_t len = strcspn(p, "&");
		if (len > key_len && p[key_len] == '=' && strncasecmp(p, key, key_len) == 0) {
			char *value = copy(p + key_len + 1, len - key_len - 1, failed);
			if (value)
				decode(value);
			return value;
		}
		p += len;
	}
	return NULL;
}

/* ---- where a component comes from ---- */

struct origin {
	char *source; /* owned; NULL: none */
	enum lock_origin origin;
};

static bool begins(const char *text, const char *with)
{
	return text && strncmp(text, with, strlen(with)) == 0;
}

static struct origin with_prefix(enum lock_origin origin, const char *prefix, const char *url, bool *failed)
{
	char *text;

	if (asprintf(&text, "%s%s", prefix, url) < 0) {
		*failed = true;
		text = NULL;
	}
	return (struct origin){text, origin};
}

/* "https://crates.io" is how package URLs call it. */
static bool is_crates_io(const char *url)
{
	static const char home[] = "https://crates.io";

	return begins(url, home) && url[strlen(home) + strspn(url + strlen(home), "/")] == '\0';
}

static struct origin of_repository(const char *url, bool *failed)
{
	if (is_crates_io(url))
		return (struct origin){NULL, LOCK_REGISTRY};
	bool has_prefix = lock_origin_of(url) == LOCK_REGISTRY;
	return with_prefix(LOCK_REGISTRY, has_prefix ? "" : "registry+", url, failed);
}

/* cargo-cyclonedx names no sparse registry in its purl; its bom-ref is cargo's package id, and that does. */
static struct origin of_reference(const char *reference, bool *failed)
{
	if (lock_origin_of(reference) != LOCK_REGISTRY || !strchr(reference, '#'))
		return (struct origin){NULL, LOCK_REGISTRY};
	return (struct origin){copy(reference, strcspn(reference, "#"), failed), LOCK_REGISTRY};
}

static struct origin origin_of(const struct purl *purl, const char *reference, bool *failed)
{
	OWNED_MEM char *repository = qualifier(purl, "repository_url", failed);
	OWNED_MEM char *vcs = qualifier(purl, "vcs_url", failed);
	OWNED_MEM char *download = qualifier(purl, "download_url", failed);

	if (repository)
		return of_repository(repository, failed);
	if (vcs)
		return with_prefix(LOCK_GIT, begins(vcs, "git+") ? "" : "git+", vcs, failed);
	if (begins(download, "file:") || begins(reference, "path+"))
		return (struct origin){NULL, LOCK_MEMBER};
	return of_reference(reference ? reference : "", failed);
}

/* ---- components ---- */

static struct text_span sha256_of(const struct json_node *component)
{
	const struct json_node *hashes = lock_json_typed(component, "hashes", JSON_LIST);

	if (hashes)
		json_for_each (hash, hashes)
			if (lock_json_is(hash, "alg", "SHA-256"))
				return lock_json_text(hash, "content");
	return (struct text_span){0};
}

/* `is_root`: it is what the SBOM is about. */
static int add_crate(struct sbom *sbom, const struct json_node *component, const struct purl *purl,
		     struct lock_texts *texts, bool is_root)
{
	struct text_span reference = lock_json_text(component, "bom-ref");
	uint32_t index;

	struct origin origin = origin_of(purl, lock_texts_add(texts, reference), &texts->failed);
	OWNED_MEM char *source = origin.source;
	struct lock_new_package new = {
		.name = purl->name,
		.version = purl->version ? purl->version : lock_texts_add(texts, lock_json_text(component, "version")),
		.source = source,
		.checksum = lock_texts_add(texts, sha256_of(component)),
		.origin = is_root && origin.origin == LOCK_REGISTRY && !source ? LOCK_MEMBER : origin.origin,
	};
	if (texts->failed)
		return err_nomem(sbom->err);
	int rc = lock_builder_package(sbom->builder, &new, &index, sbom->err);
	return rc || !reference.at ? rc : lock_ids_add(&sbom->refs, reference, index, sbom->err);
}

static int add_component(struct sbom *sbom, const struct json_node *component, bool is_root)
{
	OWNED(lock_texts_release) struct lock_texts texts = {0};
	OWNED(purl_release) struct purl purl = {0};

	const char *text = lock_texts_add(&texts, lock_json_text(component, "purl"));
	if (texts.failed)
		return err_nomem(sbom->err);
	const char *part = text ? cargo_part(text) : NULL;
	if (!part)
		return 0;
	int rc = parse_purl(part, &purl, sbom->err);
	return rc ? rc : add_crate(sbom, component, &purl, &texts, is_root);
}

/* They may stand in one another; json_scan() bounds how deep. */
static int add_components(struct sbom *sbom, const struct json_node *parent)
{
	const struct json_node *list = lock_json_typed(parent, "components", JSON_LIST);
	int rc = 0;

	if (!list)
		return 0;
	json_for_each (component, list) {
		rc = add_component(sbom, component, false);
		if (!rc)
			rc = add_components(sbom, component);
		if (rc)
			return rc;
	}
	return 0;
}

/* ---- who depends on whom ---- */

/* References to what is no crate are passed over. */
static int link_one(struct sbom *sbom, const struct json_node *dependency)
{
	const struct json_node *list = lock_json_typed(dependency, "dependsOn", JSON_LIST);
	size_t n;
	size_t n_from;
	int rc = 0;

	const struct lock_id *from = lock_ids_find(&sbom->refs, lock_json_text(dependency, "ref"), &n_from);
	if (!list || n_from == 0)
		return 0;
	json_for_each (reference, list) {
		if (reference->type != JSON_STRING)
			continue;
		const struct lock_id *to = lock_ids_find(&sbom->refs, json_text_of(reference), &n);
		if (n > 0 && !rc)
			rc = lock_builder_edge(sbom->builder, from->package, to->package, NULL, sbom->err);
	}
	return rc;
}

static int link_all(struct sbom *sbom, const struct json_node *root)
{
	const struct json_node *list = lock_json_typed(root, "dependencies", JSON_LIST);
	int rc = 0;

	lock_ids_sort(&sbom->refs);
	if (list)
		json_for_each (dependency, list)
			if (!rc)
				rc = link_one(sbom, dependency);
	return rc;
}

/* ---- all of it ---- */

static int check_version(const struct json_node *root, struct err *err)
{
	/* cargo-cyclonedx writes 1.3 unless told otherwise. */
	static const char *const known[] = {"1.3", "1.4", "1.5", "1.6"};

	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (lock_json_is(root, "specVersion", known[i]))
			return 0;
	return err_set(err, ERR_BAD, "is a CycloneDX SBOM of a version that is not known, allowed: 1.3, 1.4, 1.5, 1.6");
}

static int read_all(struct sbom *sbom, const struct json_node *root, struct lock *ret)
{
	const struct json_node *about = lock_json_get(lock_json_get(root, "metadata"), "component");
	int rc = 0;

	if (about)
		rc = add_component(sbom, about, true);
	if (!rc)
		rc = add_components(sbom, about);
	if (!rc)
		rc = add_components(sbom, root);
	if (!rc)
		rc = link_all(sbom, root);
	return rc ? rc : lock_finish(sbom->builder, ret, sbom->err);
}

int lock_cyclonedx_read(const struct json_node *root, struct lock *ret, struct err *err)
{
	OWNED(owned_lock_builder) struct lock_builder *builder = NULL;
	struct sbom sbom = {.err = err};

	int rc = check_version(root, err);
	if (rc)
		return rc;
	builder = lock_builder_new(LOCK_CYCLONEDX, 0);
	if (!builder)
		return err_nomem(err);
	sbom.builder = builder;
	rc = read_all(&sbom, root, ret);
	lock_ids_release(&sbom.refs);
	return rc;
}
