/* SPDX-License-Identifier: Apache-2.0 */
/* lock_sources.c: see lock_sources.h. URLs are made alike as cargo's CanonicalUrl does it. */
#include "model/lock_sources.h"

#include <ctype.h>
#include <string.h>

/* Without the trailing '/'. */
static const char *const crates_io[] = {"https://github.com/rust-lang/crates.io-index", "https://index.crates.io"};

static const char *without_prefix(const char *source)
{
	static const char *const prefixes[] = {"registry+", "sparse+"};

	/* Both, where `cargo metadata` puts one before the other. */
	for (size_t i = 0; i < ARRAY_LEN(prefixes); i++)
		if (strncmp(source, prefixes[i], strlen(prefixes[i])) == 0)
			source += strlen(prefixes[i]);
	return source;
}

static void lower(char *from, const char *end)
{
	for (char *p = from; p < end; p++)
		*p = (char)tolower((unsigned char)*p);
}

/* GitHub does not tell upper from lower case in a path either. */
static void lower_host(char *url)
{
	static const char github[] = "github.com/";

	char *host = strstr(url, "://");
	if (!host)
		return;
	host += strlen("://");
	lower(url, host);
	char *path = host + strcspn(host, "/");
	char *behind_user = memrchr(host, '@', (size_t)(path - host));
	host = behind_user ? behind_user + 1 : host;
	lower(host, path);
	if (strncmp(host, github, strlen(github)) == 0)
		lower(path, path + strlen(path));
}

static void cut_end(char *url)
{
	static const char git[] = ".git";

	size_t len = strlen(url);
	while (len > 0 && url[len - 1] == '/')
		len--;
	if (len > strlen(git) && strncmp(url + len - strlen(git), git, strlen(git)) == 0)
		len -= strlen(git);
	url[len] = '\0';
}

char *lock_source_url(const char *source)
{
	const char *plain = without_prefix(source);
	char *url = strndup(plain, strcspn(plain, "?#"));

	if (!url)
		return NULL;
	lower_host(url);
	cut_end(url);
	for (size_t i = 0; i < ARRAY_LEN(crates_io); i++) {
		if (strcmp(url, crates_io[i]) == 0) {
			free(url);
			return strdup(LOCK_CRATES_IO);
		}
	}
	return url;
}

const char *lock_sources_find(const struct lock_sources *sources, const struct lock *lock,
			      const struct lock_package *package)
{
	if (package->origin != LOCK_REGISTRY)
		return NULL;
	for (size_t i = 0; i < sources->n; i++)
		if (strcmp(sources->items[i].url, lock_text_at(lock, package->url)) == 0)
			return sources->items[i].registry;
	return NULL;
}
