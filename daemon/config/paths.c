/* SPDX-License-Identifier: Apache-2.0 */
/* paths.c: where yankwatch-notify and the plugins are; see config.h. */
#include "config/config.h"

#include "base/strbuf.h"

#include <limits.h>
#include <string.h>
#include <unistd.h>

#define NOTIFY_PROGRAM "yankwatch-notify"

/* The folder of the running program, without the last '/'. */
static int own_folder(char *buf, size_t size, struct err *err)
{
	ssize_t len = readlink("/proc/self/exe", buf, size - 1);

	if (len < 0)
		return err_errno(err, "/proc/self/exe");
	buf[len] = '\0';
	char *slash = strrchr(buf, '/');
	if (!slash)
		return err_set(err, ERR_BAD, "/proc/self/exe: \"%s\" is no path", buf);
	*slash = '\0';
	return 0;
}

static char *join(const char *folder, const char *name)
{
	OWNED_STRBUF struct strbuf path = {0};

	strbuf_addf(&path, "%s/%s", folder, name);
	return strbuf_take(&path);
}

void config_paths_release(struct config_paths *paths)
{
	free(paths->notify_program);
	free(paths->plugin_dir);
	*paths = (struct config_paths){0};
}

int config_paths_find(struct config_paths *ret, struct err *err)
{
	struct config_paths paths;
	char folder[PATH_MAX];

	int rc = own_folder(folder, sizeof folder, err);
	if (rc)
		return rc;
	/* Only in the build tree do the daemon and its runner stand in one folder, BUILD/bin. */
	paths.notify_program = join(folder, NOTIFY_PROGRAM);
	if (paths.notify_program && access(paths.notify_program, X_OK) == 0) {
		paths.plugin_dir = join(folder, "../plugins");
	} else {
		free(paths.notify_program);
		paths.notify_program = strdup(YANKWATCH_LIBEXECDIR "/" NOTIFY_PROGRAM);
		paths.plugin_dir = strdup(YANKWATCH_PLUGINDIR);
	}
	if (!paths.notify_program || !paths.plugin_dir) {
		config_paths_release(&paths);
		return err_nomem(err);
	}
	*ret = paths;
	return 0;
}
