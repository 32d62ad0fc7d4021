/* SPDX-License-Identifier: Apache-2.0 */
/* tls.c: see tls.h. A struct tls is an SSL, a struct tls_client an SSL_CTX. */
#include "tls.h"

#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <string.h>

static void set_error(char error[TLS_ERROR_MAX], const char *what)
{
	unsigned long code = ERR_peek_error();
	const char *reason = code ? ERR_reason_error_string(code) : NULL;

	(void)snprintf(error, TLS_ERROR_MAX, "%s%s%s", what, reason ? ": " : "", reason ? reason : "");
	ERR_clear_error();
}

static bool use_key(SSL_CTX *context, const char *key)
{
	BIO *bio = BIO_new_mem_buf(key, -1);
	/* The last but one is a callback for a password: nobody is there to type one. */
	EVP_PKEY *parsed = bio ? PEM_read_bio_PrivateKey(bio, NULL, NULL, (void *)"") : NULL;
	bool good = parsed && SSL_CTX_use_PrivateKey(context, parsed) == 1;

	EVP_PKEY_free(parsed);
	BIO_free(bio);
	return good;
}

static const char *set_certificates(SSL_CTX *context, const char *ca_file, const char *cert_file, const char *key)
{
	if (ca_file ? SSL_CTX_load_verify_file(context, ca_file) != 1 : SSL_CTX_set_default_verify_paths(context) != 1)
		return "ca_file: it cannot be read as PEM certificates";
	if (!cert_file != !key)
		return "cert_file and key_file: one is of no use without the other";
	if (cert_file && SSL_CTX_use_certificate_chain_file(context, cert_file) != 1)
		return "cert_file: it cannot be read as PEM certificates";
	if (key && (!use_key(context, key) || SSL_CTX_check_private_key(context) != 1))
		return "key_file: no PEM key that belongs to cert_file";
	return NULL;
}

struct tls_client *tls_client_new(const char *ca_file, const char *cert_file, const char *key,
				  char error[TLS_ERROR_MAX])
{
	SSL_CTX *context = SSL_CTX_new(TLS_client_method());
	const char *fault = context ? set_certificates(context, ca_file, cert_file, key) : "out of memory";

	if (fault) {
		set_error(error, fault);
		SSL_CTX_free(context);
		return NULL;
	}
	(void)SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
	SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
	/* Many receivers close the connection without a word of TLS. */
	(void)SSL_CTX_set_options(context, SSL_OP_IGNORE_UNEXPECTED_EOF);
	return (struct tls_client *)context;
}

void tls_client_free(struct tls_client *client)
{
	SSL_CTX_free((SSL_CTX *)client);
}

/* A certificate names hosts and addresses in two ways; an address is never sent as a server's name. */
static bool expect_host(SSL *ssl, const char *host)
{
	struct in6_addr any;

	if (inet_pton(AF_INET, host, &any) == 1 || inet_pton(AF_INET6, host, &any) == 1)
		return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host) == 1;
	return SSL_set1_host(ssl, host) == 1 && SSL_set_tlsext_host_name(ssl, host) == 1;
}

struct tls *tls_new(struct tls_client *client, int fd, const char *host, char error[TLS_ERROR_MAX])
{
	SSL *ssl = SSL_new((SSL_CTX *)client);

	if (ssl && SSL_set_fd(ssl, fd) == 1 && expect_host(ssl, host) && SSL_connect(ssl) == 1)
		return (struct tls *)ssl;
	long verified = ssl ? SSL_get_verify_result(ssl) : X509_V_OK;
	if (verified != X509_V_OK) {
		ERR_clear_error();
		(void)snprintf(error, TLS_ERROR_MAX, "TLS: %s", X509_verify_cert_error_string(verified));
	} else {
		set_error(error, "TLS: no handshake");
	}
	SSL_free(ssl);
	return NULL;
}

bool tls_write(struct tls *tls, const char *bytes, size_t len, char error[TLS_ERROR_MAX])
{
	size_t written;

	/* Without SSL_MODE_ENABLE_PARTIAL_WRITE it is all or nothing. */
	if (SSL_write_ex((SSL *)tls, bytes, len, &written) == 1)
		return true;
	set_error(error, "TLS: cannot write");
	return false;
}

bool tls_say_end(struct tls *tls)
{
	int rc = SSL_shutdown((SSL *)tls);

	ERR_clear_error();
	return rc >= 0;
}

ssize_t tls_read(struct tls *tls, char *bytes, size_t size, char error[TLS_ERROR_MAX])
{
	size_t got = 0;

	if (SSL_read_ex((SSL *)tls, bytes, size, &got) == 1)
		return (ssize_t)got;
	int why = SSL_get_error((SSL *)tls, 0);
	if (why == SSL_ERROR_ZERO_RETURN)
		return 0;
	/* With TLS 1.3 a receiver refuses our certificate only now. */
	set_error(error, "TLS: the receiver refused");
	errno = why == SSL_ERROR_WANT_READ ? EAGAIN : ECONNRESET;
	return -1;
}

void tls_free(struct tls *tls)
{
	SSL_free((SSL *)tls);
}
