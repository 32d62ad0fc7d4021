/* SPDX-License-Identifier: Apache-2.0 */
/*
 * confinement.h: what a runner says is closed to its plugin, and what should be and is
 * not (the words are notify/sandbox.h's). Kept for the status. A runner that a plugin
 * has taken over can say what it likes, so no more than words are taken. Pure.
 */
#pragma once

#include "base/json.h"

#define CONFINEMENT_WORD_MAX 24 /* bytes of a word */
#define CONFINEMENT_WORDS_MAX 16

struct confinement {
	bool told; /* false: no runner has said it yet */
	char confined[CONFINEMENT_WORDS_MAX][CONFINEMENT_WORD_MAX + 1];
	char unconfined[CONFINEMENT_WORDS_MAX][CONFINEMENT_WORD_MAX + 1]; /* "" behind the last */
};

/* From a frame "opened". What is no word of lower case letters and '_' is left out. */
struct confinement confinement_read(const cJSON *frame);

/* "confined":[…],"unconfined":[…]; nothing when it was not told. */
void confinement_write(const struct confinement *confinement, struct json_writer *w);
