/* SPDX-License-Identifier: Apache-2.0 */
/*
 * toml.cpp: see toml.h. The one place of C++: toml++ behind C functions. What may throw
 * stands in toml_parse() alone; looking at a tree allocates nothing.
 */
#include <cstring>
#include <new>
#include <string_view>

/* What toml++ takes for granted and a hostile file breaks ("[!" does). Else it would be an abort where NDEBUG is not
 * defined, and a licence to the compiler where it is. */
struct toml_surprise {
};
[[noreturn]] static void toml_surprised()
{
	throw toml_surprise();
}
#undef NDEBUG
#define TOML_ASSERT(expr) ((expr) ? static_cast<void>(0) : toml_surprised())

/* As toml_parse() needs it: bad_alloc has to come through to be caught. */
#define TOML_EXCEPTIONS 1
#define TOML_ENABLE_FORMATTERS 0
#define TOML_ENABLE_UNRELEASED_FEATURES 0
#define TOML_HEADER_ONLY 1
#define TOML_MAX_NESTED_VALUES 16
#include <toml++/toml.h>

extern "C" {
#include "base/text.h"
#include "base/toml.h"
#include "base/toml_limits.h"
}

static_assert(TOML_MAX_NESTED_VALUES == TOML_NESTED_MAX, "toml.h says how deep");

#define SHOWN_MAX 320 /* bytes of toml++'s sentence, which quotes the file */

struct toml_doc {
	toml::table root;
};

static const toml::node *in(const toml_node *node)
{
	return reinterpret_cast<const toml::node *>(node);
}

static const toml_node *out(const toml::node *node)
{
	return reinterpret_cast<const toml_node *>(node);
}

static int refuse(const toml::parse_error &error, struct err *err)
{
	char sentence[ERR_TEXT_MAX];
	char shown[SHOWN_MAX];
	std::string_view said = error.description();
	said = said.substr(0, said.find(", saw '\\")); /* a control character, escaped: it would be so again */
	size_t len = said.size() < sizeof sentence - 1 ? said.size() : sizeof sentence - 1;

	memcpy(sentence, said.data(), len);
	sentence[len] = '\0';
	return err_set(err, ERR_BAD, "line %u: no TOML: %s", static_cast<unsigned>(error.source().begin.line),
		       text_safe(sentence, shown, sizeof shown));
}

extern "C" int toml_parse(const char *text, size_t len, struct toml_doc **ret, struct err *err)
{
	int rc = toml_limits_check(text, len, err);
	if (rc)
		return rc;
	try {
		*ret = new toml_doc{toml::parse(std::string_view(text, len))};
		return 0;
	} catch (const toml::parse_error &error) {
		return refuse(error, err);
	} catch (const std::bad_alloc &) {
		return err_nomem(err);
	} catch (...) {
		return err_set(err, ERR_BAD, "no TOML, and its parser cannot say where: a header or key of no name?");
	}
}

extern "C" void toml_free(struct toml_doc *doc)
{
	delete doc;
}

extern "C" const struct toml_node *toml_root(const struct toml_doc *doc)
{
	return out(&doc->root);
}

extern "C" unsigned toml_line(const struct toml_node *node)
{
	return node ? static_cast<unsigned>(in(node)->source().begin.line) : 0;
}

extern "C" bool toml_is_table(const struct toml_node *node)
{
	return node && in(node)->is_table();
}

extern "C" bool toml_is_list(const struct toml_node *node)
{
	return node && in(node)->is_array();
}

extern "C" const struct toml_node *toml_get(const struct toml_node *table, const char *key)
{
	return toml_is_table(table) ? out(in(table)->as_table()->get(key)) : nullptr;
}

extern "C" size_t toml_count(const struct toml_node *list)
{
	return toml_is_list(list) ? in(list)->as_array()->size() : 0;
}

extern "C" const struct toml_node *toml_item(const struct toml_node *list, size_t i)
{
	return i < toml_count(list) ? out(in(list)->as_array()->get(i)) : nullptr;
}

extern "C" const char *toml_string(const struct toml_node *node)
{
	const toml::value<std::string> *value = node ? in(node)->as_string() : nullptr;

	if (!value || strlen(value->get().c_str()) != value->get().size())
		return nullptr;
	return value->get().c_str();
}

extern "C" bool toml_integer(const struct toml_node *node, int64_t *ret)
{
	const toml::value<int64_t> *value = node ? in(node)->as_integer() : nullptr;

	if (value)
		*ret = value->get();
	return value;
}

extern "C" int toml_each(const struct toml_node *table, toml_member_fn *fn, void *ctx)
{
	if (!toml_is_table(table))
		return 0;
	for (const auto &[key, value] : *in(table)->as_table()) {
		std::string_view name = key.str();
		if (strlen(name.data()) != name.size())
			continue;
		int rc = fn(ctx, name.data(), out(&value));
		if (rc)
			return rc;
	}
	return 0;
}
