/* SPDX-License-Identifier: Apache-2.0 */
/* plugin.c: see plugin.h. */
#include "plugin.h"

#include "schema.h"

#include <dlfcn.h>
#include <string.h>

/* What ABI 1 began with; what was appended since is absent in an older plugin. */
#define NOTIFIER_SIZE_MIN (offsetof(struct yw_notifier, close) + sizeof(void *))

#define NEEDS_KNOWN (YW_NEEDS_NETWORK | YW_NEEDS_LOCAL_SOCKETS | YW_NEEDS_PROGRAMS)

static bool name_is_plain(const char *name)
{
	size_t len = strlen(name);
	return len > 0 && len <= 64 && strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_-") == len;
}

uint32_t plugin_needs(const struct yw_notifier *plugin)
{
	return plugin->size >= offsetof(struct yw_notifier, needs) + sizeof plugin->needs ? plugin->needs : 0;
}

int plugin_check(const struct yw_notifier *plugin, struct err *err)
{
	/* Only these two fields have a place and a meaning in every ABI. */
	if (plugin->abi_version != YANKWATCH_NOTIFIER_ABI)
		return err_set(err, ERR_BAD, "made for ABI %u, this program has ABI %u", plugin->abi_version,
			       YANKWATCH_NOTIFIER_ABI);
	if (plugin->size < NOTIFIER_SIZE_MIN)
		return err_set(err, ERR_BAD, "its declaration has %u bytes, ABI %u has at least %zu", plugin->size,
			       YANKWATCH_NOTIFIER_ABI, NOTIFIER_SIZE_MIN);
	if (!plugin->name || !name_is_plain(plugin->name))
		return err_set(err, ERR_BAD, "its name is missing or not of lower case letters, digits, '_' and '-'");
	if (!plugin->version || !plugin->summary)
		return err_set(err, ERR_BAD, "its version or summary is missing");
	if (!plugin->open || !plugin->deliver || !plugin->close)
		return err_set(err, ERR_BAD, "open, deliver or close is missing");
	if (plugin->n_options && !plugin->options)
		return err_set(err, ERR_BAD, "its options are missing");
	if (plugin_needs(plugin) & ~(uint32_t)NEEDS_KNOWN)
		return err_set(err, ERR_BAD, "it needs what this program does not know (0x%x)", plugin_needs(plugin));
	return schema_check(plugin->options, plugin->n_options, err);
}

int plugin_load(const char *path, const struct yw_notifier **ret, struct err *err)
{
	/* With a slash dlopen() takes the file itself and does not search for it. */
	if (!strchr(path, '/'))
		return err_set(err, ERR_BAD, "%s: a path with a '/' is needed", path);
	void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (!library)
		return err_set(err, ERR_IO, "%s: cannot be loaded: %s", path, dlerror());
	const struct yw_notifier *plugin = dlsym(library, "yankwatch_notifier");
	if (!plugin)
		return err_set(err, ERR_BAD, "%s: not a yankwatch plugin: it exports no yankwatch_notifier", path);
	int rc = plugin_check(plugin, err);
	if (rc)
		return err_prefix(err, "%s", path);
	*ret = plugin;
	return 0;
}
