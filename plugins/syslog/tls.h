/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tls.h: TLS for the wire (RFC 5425): the receiver's certificate is checked, with its
 * name, always; a certificate of our own is shown when the options name one.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct tls_client; /* what all connections have in common */
struct tls;        /* one connection */

#define TLS_ERROR_MAX 256

/*
 * `ca_file` NULL: the system's certificates. `cert_file` (a path) and `key` (PEM text)
 * come together or are both NULL. NULL on failure, with a sentence in `error`.
 */
struct tls_client *tls_client_new(const char *ca_file, const char *cert_file, const char *key,
				  char error[TLS_ERROR_MAX]);
void tls_client_free(struct tls_client *client); /* NULL is nothing */

/* Over a connected socket that blocks and has timeouts; `host` is whom its certificate must name. */
struct tls *tls_new(struct tls_client *client, int fd, const char *host, char error[TLS_ERROR_MAX]);
bool tls_write(struct tls *tls, const char *bytes, size_t len, char error[TLS_ERROR_MAX]);
bool tls_say_end(struct tls *tls);
/* Bytes read, 0 at the end, -1 with errno: EAGAIN when nothing came in time, else ECONNRESET and `error`. */
ssize_t tls_read(struct tls *tls, char *bytes, size_t size, char error[TLS_ERROR_MAX]);
void tls_free(struct tls *tls); /* NULL is nothing; leaves the socket open */
