/* SPDX-License-Identifier: Apache-2.0 */
/* target.c: see target.h. */
#include "target.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Ports: RFC 5426, RFC 6587 (as IANA has it for syslog-conn), RFC 5425. */
static const struct {
	const char *scheme, *port;
	enum target_kind kind;
} schemes[] = {
	{"unix://", "", TARGET_UNIX},
	{"udp://", "514", TARGET_UDP},
	{"tcp://", "601", TARGET_TCP},
	{"tls://", "6514", TARGET_TLS},
};

static const char *parse_path(const char *path, struct target *ret)
{
	if (path[0] != '/' || strlen(path) >= sizeof ret->path)
		return "to: unix:// is followed by an absolute path of at most 107 bytes";
	(void)snprintf(ret->path, sizeof ret->path, "%s", path);
	return NULL;
}

static const char *parse_port(const char *text, struct target *ret)
{
	size_t digits = strspn(text, "0123456789");

	if (digits == 0 || digits > 5 || text[digits] || atoi(text) < 1 || atoi(text) > 65535)
		return "to: a port is a number from 1 to 65535";
	(void)snprintf(ret->port, sizeof ret->port, "%s", text);
	return NULL;
}

static const char *parse_host(const char *text, struct target *ret)
{
	int bracket = text[0] == '[';
	const char *host = text + bracket;
	size_t len = strcspn(host, bracket ? "]" : ":");
	const char *rest = host + len + (bracket && host[len]);

	if (len == 0 || len >= sizeof ret->host || (bracket && !host[len]))
		return "to: a host is missing, too long, or without its bracket";
	for (size_t i = 0; i < len; i++)
		if (host[i] <= ' ' || host[i] > '~' || strchr("/@?#", host[i]))
			return "to: behind the host comes at most a :PORT";
	(void)snprintf(ret->host, sizeof ret->host, "%.*s", (int)len, host);
	if (!*rest)
		return NULL;
	return *rest == ':' ? parse_port(rest + 1, ret) : "to: behind the host comes at most a :PORT";
}

const char *target_parse(const char *text, struct target *ret)
{
	*ret = (struct target){0};
	for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++) {
		size_t len = strlen(schemes[i].scheme);
		if (strncmp(text, schemes[i].scheme, len) != 0)
			continue;
		ret->kind = schemes[i].kind;
		(void)snprintf(ret->port, sizeof ret->port, "%s", schemes[i].port);
		return ret->kind == TARGET_UNIX ? parse_path(text + len, ret) : parse_host(text + len, ret);
	}
	return "to: must be unix:///PATH, udp://HOST, tcp://HOST or tls://HOST, a host with :PORT if need be";
}
