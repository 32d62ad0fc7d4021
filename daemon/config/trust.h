/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trust.h: certificates to trust, parsed once when the configuration is read, so
 * that neither a file nor a certificate is ever looked at on the loop.
 */
#pragma once

#include "base/err.h"

#define TRUST_ID_SIZE 33 /* with its NUL */

struct x509_store_st; /* OpenSSL's X509_STORE, counted by itself */

/* Every certificate in `pem`; ERR_BAD when there is none or one cannot be read. The same
 * bytes have the same id, others another one. */
MUST_CHECK int trust_parse(const char *pem, size_t len, struct x509_store_st **ret, char ret_id[TRUST_ID_SIZE],
			   struct err *err);
void trust_free(struct x509_store_st *trust); /* NULL is allowed */
