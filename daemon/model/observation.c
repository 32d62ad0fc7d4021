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
