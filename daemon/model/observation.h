/* SPDX-License-Identifier: Apache-2.0 */
/*
 * observation.h: one look at one crate's file, on its way from the poller to the
 * tracker and back. It owns all it holds, so that it may change threads.
 */
#pragma once

#include "base/err.h"
#include "model/diff.h"

#define ETAG_MAX 256 /* bytes; a longer one is not used */

/* What the registry gave to compare the next look with. */
struct validators {
	char *etag;            /* owned; as received, W/ and quotes included; NULL = none */
	int64_t last_modified; /* seconds since 1970; 0 = none */
};

struct observation {
	char *registry; /* owned */
	char *index_url;
	char *crate;
	enum crate_state state; /* CRATE_PRESENT: the body counts; CRATE_ABSENT: status says how */
	int status;             /* HTTP */
	bool unframed;          /* no length was given: the end of the body may be missing */
	bool pending_stands;    /* the reply that waits for confirmation was seen again; no body */
	char *body;             /* owned */
	size_t body_len;
	struct validators validators;
	int64_t observed_at_ms; /* wall clock, when the reply was complete */
};

/* What the tracker made of an observation, once it is committed. */
struct observation_result {
	enum crate_state state;
	size_t events;
	bool faulty;                  /* to be logged as a warning */
	bool unparsed;                /* some lines were bad or repeated a version */
	bool stale;                   /* an older copy than recorded: nothing was stored */
	bool pending;                 /* something waits for confirmation: a 304 of these validators is news */
	struct validators validators; /* for the next request; owned */
};

void validators_release(struct validators *validators);
void observation_release(struct observation *observation);
void observation_result_release(struct observation_result *result);
