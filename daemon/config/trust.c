/* SPDX-License-Identifier: Apache-2.0 */
/* trust.c: see trust.h. */
#include "config/trust.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509_vfy.h>
#include <stdio.h>

/* Adds every certificate of `bio`; returns how many, or a negative error. */
static int add_all(X509_STORE *store, BIO *bio, struct err *err)
{
	int count = 0;
	X509 *certificate;

	while ((certificate = PEM_read_bio_X509(bio, NULL, NULL, NULL))) {
		int added = X509_STORE_add_cert(store, certificate);
		X509_free(certificate);
		if (!added)
			return err_nomem(err);
		count++;
	}
	/* The end of the file is the one error that is none. */
	unsigned long code = ERR_peek_last_error();
	ERR_clear_error();
	if (ERR_GET_LIB(code) != ERR_LIB_PEM || ERR_GET_REASON(code) != PEM_R_NO_START_LINE)
		return err_set(err, ERR_BAD, "certificate %d cannot be read", count + 1);
	return count;
}

static int make_id(const char *pem, size_t len, char ret[TRUST_ID_SIZE], struct err *err)
{
	unsigned char hash[EVP_MAX_MD_SIZE];

	if (!EVP_Digest(pem, len, hash, NULL, EVP_sha256(), NULL))
		return err_nomem(err);
	for (size_t i = 0; i < TRUST_ID_SIZE / 2; i++)
		(void)snprintf(ret + 2 * i, 3, "%02x", hash[i]);
	return 0;
}

int trust_parse(const char *pem, size_t len, struct x509_store_st **ret, char ret_id[TRUST_ID_SIZE], struct err *err)
{
	int rc = make_id(pem, len, ret_id, err);

	if (rc)
		return rc;
	X509_STORE *store = X509_STORE_new();
	BIO *bio = BIO_new_mem_buf(pem, (int)len);
	int count = store && bio ? add_all(store, bio, err) : err_nomem(err);

	BIO_free(bio);
	if (count <= 0) {
		X509_STORE_free(store);
		return count < 0 ? count
				 : err_set(err, ERR_BAD,
					   "holds no certificate, allowed: PEM (-----BEGIN CERTIFICATE-----)");
	}
	*ret = store;
	return 0;
}

void trust_free(struct x509_store_st *trust)
{
	X509_STORE_free(trust);
}
