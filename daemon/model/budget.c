/* SPDX-License-Identifier: Apache-2.0 */
/* budget.c: see budget.h. */
#include "model/budget.h"

int64_t budget_free_ms(const struct budget *budget)
{
	return (budget->spent_us - budget->burst_us + 999) / 1000;
}

void budget_spend(struct budget *budget, int64_t now_us)
{
	budget->spent_us = (budget->spent_us > now_us ? budget->spent_us : now_us) + budget->each_us;
}
