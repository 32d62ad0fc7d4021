/* SPDX-License-Identifier: Apache-2.0 */
/* counts.c: see counts.h. A released step: never edited, see migrations.c. */
#include "store/counts.h"

const char counts_schema[] =
	"CREATE TABLE outbox_count (" /* notifications */
	" notifier TEXT NOT NULL,"
	" state INTEGER NOT NULL,"
	" kind INTEGER NOT NULL,"
	" n INTEGER NOT NULL,"
	" PRIMARY KEY (notifier, state, kind)) WITHOUT ROWID;"
	"INSERT INTO outbox_count SELECT notifier, state, kind, count(*) FROM notification GROUP BY 1, 2, 3;"
	"CREATE TRIGGER notification_comes AFTER INSERT ON notification BEGIN"
	" INSERT INTO outbox_count VALUES (new.notifier, new.state, new.kind, 1)"
	" ON CONFLICT DO UPDATE SET n = n + 1; END;"
	"CREATE TRIGGER notification_goes AFTER DELETE ON notification BEGIN"
	" UPDATE outbox_count SET n = n - 1"
	" WHERE notifier = old.notifier AND state = old.state AND kind = old.kind; END;"
	"CREATE TRIGGER notification_moves AFTER UPDATE OF notifier, state, kind ON notification"
	" WHEN (old.notifier, old.state, old.kind) <> (new.notifier, new.state, new.kind) BEGIN"
	" UPDATE outbox_count SET n = n - 1"
	" WHERE notifier = old.notifier AND state = old.state AND kind = old.kind;"
	" INSERT INTO outbox_count VALUES (new.notifier, new.state, new.kind, 1)"
	" ON CONFLICT DO UPDATE SET n = n + 1; END;"
	"CREATE TABLE event_count (" /* that were ever recorded */
	" kind INTEGER PRIMARY KEY,"
	" n INTEGER NOT NULL);"
	"INSERT INTO event_count SELECT kind, count(*) FROM event GROUP BY 1;"
	"CREATE TRIGGER event_comes AFTER INSERT ON event BEGIN"
	" INSERT INTO event_count VALUES (new.kind, 1) ON CONFLICT DO UPDATE SET n = n + 1; END;"
	"CREATE TABLE finding_count (" /* open ones that were told */
	" severity INTEGER PRIMARY KEY,"
	" n INTEGER NOT NULL);"
	"INSERT INTO finding_count SELECT severity, count(*) FROM finding"
	" WHERE resolved_ms = 0 AND event IS NOT NULL GROUP BY 1;"
	"CREATE TRIGGER finding_comes AFTER INSERT ON finding WHEN new.resolved_ms = 0 AND new.event IS NOT NULL BEGIN"
	" INSERT INTO finding_count VALUES (new.severity, 1) ON CONFLICT DO UPDATE SET n = n + 1; END;"
	"CREATE TRIGGER finding_goes AFTER DELETE ON finding WHEN old.resolved_ms = 0 AND old.event IS NOT NULL BEGIN"
	" UPDATE finding_count SET n = n - 1 WHERE severity = old.severity; END;"
	"CREATE TRIGGER finding_moves AFTER UPDATE OF severity, event, resolved_ms ON finding BEGIN"
	" UPDATE finding_count SET n = n - 1"
	" WHERE severity = old.severity AND old.resolved_ms = 0 AND old.event IS NOT NULL;"
	" INSERT INTO finding_count SELECT new.severity, 1 WHERE new.resolved_ms = 0 AND new.event IS NOT NULL"
	" ON CONFLICT DO UPDATE SET n = n + 1; END;";
