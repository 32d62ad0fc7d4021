/* SPDX-License-Identifier: Apache-2.0 */
/*
 * target.h: where records go, as the option `to` says it: unix:///dev/log,
 * udp://HOST, tcp://HOST:PORT, tls://[::1]:6514. Pure.
 */
#pragma once

#include <stddef.h>

enum target_kind { TARGET_UNIX, TARGET_UDP, TARGET_TCP, TARGET_TLS };

#define TARGET_HOST_MAX 256
#define TARGET_PATH_MAX 108 /* of a socket, unix(7) */

struct target {
	enum target_kind kind;
	char host[TARGET_HOST_MAX]; /* without brackets */
	char port[8];
	char path[TARGET_PATH_MAX]; /* TARGET_UNIX */
};

/* NULL, or the sentence for open()'s error. */
const char *target_parse(const char *text, struct target *ret);
