/* SPDX-License-Identifier: Apache-2.0 */
/* health.c: see health.h. */
#include "poll/health.h"

#include "base/clock.h"

void health_reset(struct health *health)
{
	*health = (struct health){.blind_after_ms = health->blind_after_ms, .reporting = health->reporting};
}

static void set_blind(struct health *health, enum known blind)
{
	health->news |= health->report.blind != blind;
	health->report.blind = blind;
}

static void set_incident(struct health *health, enum known incident)
{
	health->news |= health->report.incident != incident;
	health->report.incident = incident;
}

static void incident_began(struct health *health, const struct err *why)
{
	const struct incident_signs *signs = &health->signs;
	struct err *told = &health->report.incident_why;

	health->report.incident_ms = clock_wall_ms();
	if (why)
		*told = *why;
	else
		(void)err_set(told, ERR_ABSENT, "%zu of %zu crates are gone at once", signs->missing + signs->told,
			      signs->present + signs->told);
	set_incident(health, KNOWN_YES);
}

/* `why`: what config.json says, NULL for missing crates. */
static void weigh_incident(struct health *health, const struct err *why)
{
	const struct incident_signs *signs = &health->signs;

	switch (health->report.incident) {
	case KNOWN_YES:
		if (!incident_goes_on(signs))
			set_incident(health, KNOWN_NO);
		break;
	case KNOWN_NOT:
	case KNOWN_NO:
		if (incident_begins(signs))
			incident_began(health, why);
		break;
	}
}

/* What was told as deleted counts until the end of the next sweep. */
static void sweep_ends(struct health *health)
{
	health->signs.told = health->told_now;
	health->told_now = 0;
	health->swept = 0;
}

void health_polled(struct health *health, bool present)
{
	health->signs.looks += present;
	health->swept += present;
	if (health->swept >= health->signs.present)
		sweep_ends(health);
	health->failing_since = health->refused_since = (struct health_since){0};
	health->failing_before = health->failing;
	set_blind(health, KNOWN_NO);
	weigh_incident(health, NULL);
	/* After a start only a whole sweep shows that an incident is over. */
	if (health->report.incident == KNOWN_NOT && health->not_looked_at == 0 && !incident_goes_on(&health->signs))
		set_incident(health, KNOWN_NO);
}

static void begins(struct health_since *since)
{
	if (since->mono_ms == 0)
		*since = (struct health_since){clock_mono_ms(), clock_wall_ms()};
}

void health_failed(struct health *health, const struct err *why)
{
	begins(&health->failing_since);
	if (health->report.blind != KNOWN_YES)
		health->report.blind_why = *why;
}

void health_refused(struct health *health)
{
	begins(&health->refused_since);
}

void health_config_gone(struct health *health, const struct err *why)
{
	health->signs.config_gone++;
	weigh_incident(health, why);
}

void health_config_failed(struct health *health)
{
	if (health->report.incident != KNOWN_YES)
		health->signs.config_gone = 0;
}

void health_config_good(struct health *health)
{
	if (health->signs.config_gone == 0)
		return;
	health->signs.config_gone = 0;
	weigh_incident(health, NULL);
}

void health_missing(struct health *health)
{
	if (health->signs.missing + health->signs.told == 1)
		health->signs.looks = 0;
	weigh_incident(health, NULL);
}

void health_told(struct health *health)
{
	health->signs.told++;
	health->told_now++;
}

/* There is nothing to poll any more, so nothing is wrong. */
static void health_idle(struct health *health)
{
	if (health->report.blind == KNOWN_YES)
		set_blind(health, KNOWN_NO);
	if (health->report.incident == KNOWN_YES)
		set_incident(health, KNOWN_NO);
}

/* Since when nothing can be polled, NULL = something can: one broken crate does not date an outage back. */
static const struct health_since *nothing_polled(const struct health *health, size_t n_watches)
{
	size_t well_before = n_watches > health->failing_before ? n_watches - health->failing_before : 1;
	size_t enough = well_before < HEALTH_BLIND_CRATES ? well_before : HEALTH_BLIND_CRATES;

	if (health->failing_since.mono_ms && health->failing >= health->failing_before + enough)
		return &health->failing_since;
	return health->refused_since.mono_ms ? &health->refused_since : NULL;
}

void health_look(struct health *health, size_t n_watches, int64_t now_ms)
{
	if (n_watches == 0) {
		health_idle(health);
		return;
	}
	if (health->report.incident == KNOWN_YES) /* watches may have left */
		weigh_incident(health, NULL);
	const struct health_since *since = nothing_polled(health, n_watches);
	if (!since || health->report.blind == KNOWN_YES || now_ms - since->mono_ms < health->blind_after_ms)
		return;
	health->report.blind_ms = since->wall_ms;
	set_blind(health, KNOWN_YES);
}

int64_t health_next_ms(const struct health *health, size_t n_watches, int64_t now_ms)
{
	if (health->news && !health->reporting)
		return health->report_after_ms;
	const struct health_since *since = n_watches ? nothing_polled(health, n_watches) : NULL;
	if (!since || health->report.blind == KNOWN_YES)
		return INT64_MAX;
	int64_t due_ms = since->mono_ms + health->blind_after_ms;
	return due_ms > now_ms ? due_ms : INT64_MAX; /* later only another failure says more */
}

bool health_wants_report(const struct health *health, int64_t now_ms)
{
	return health->news && !health->reporting && health->report_after_ms <= now_ms;
}

void health_reporting(struct health *health)
{
	health->reporting = true;
	health->news = false;
}

void health_reported(struct health *health, bool stored, int64_t now_ms)
{
	health->reporting = false;
	if (stored)
		return;
	health->news = true;
	health->report_after_ms = now_ms + HEALTH_REPORT_AGAIN_MS;
}
