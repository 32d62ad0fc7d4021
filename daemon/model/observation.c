/* SPDX-License-Identifier: Apache-2.0 */
/* observation.c: see observation.h. */
#include "model/observation.h"

void validators_release(struct validators *validators)
{
	free(validators->etag);
	*validators = (struct validators){0};
}

void observation_release(struct observation *observation)
{
	free(observation->registry);
	free(observation->index_url);
	free(observation->crate);
	free(observation->body);
	validators_release(&observation->validators);
	*observation = (struct observation){0};
}

void observation_result_release(struct observation_result *result)
{
	validators_release(&result->validators);
	*result = (struct observation_result){0};
}

void watch_seeds_release(struct watch_seeds *seeds)
{
	for (size_t i = 0; i < seeds->count; i++) {
		free(seeds->items[i].registry);
		free(seeds->items[i].crate);
		validators_release(&seeds->items[i].validators);
	}
	free(seeds->items);
	*seeds = (struct watch_seeds){0};
}
