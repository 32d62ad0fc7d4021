# SPDX-License-Identifier: Apache-2.0
"""What etc/ has for Prometheus and Grafana: rules that promtool takes and tests, no name of a metric that there is not, and
nginx's way to the socket. The table of docs/MONITORING.md is made of the metrics; YANKWATCH_GOLDEN=write makes it anew."""

import json
import os
import re
import shutil
import ssl
import subprocess
import urllib.error
import urllib.request

import pytest

from yw.daemon import CHECKOUT, UnixConnection
from yw.nginx import Nginx
from yw.prometheus import PROGRAM, Prometheus
from yw.wait import wait_for

PROMTOOL = shutil.which("promtool")
RULES = CHECKOUT / "etc" / "prometheus" / "yankwatch.rules.yaml"
TESTS = CHECKOUT / "tests" / "prometheus" / "yankwatch.test.yaml"
DASHBOARD = CHECKOUT / "etc" / "grafana" / "yankwatch.json"
DOCS = CHECKOUT / "docs" / "MONITORING.md"
with_promtool = pytest.mark.skipif(not PROMTOOL, reason="no promtool (Debian's prometheus): rules are not held against it")


@pytest.fixture
def watching(registry, daemon):
    registry.index.put("demo", "1.0.0")
    daemon.configure(registry.index_url, ["demo"])
    daemon.start()
    daemon.poll()
    yield daemon
    daemon.stop()


def metrics(daemon):
    """{name: (type, help)}"""
    connection = UnixConnection(daemon.socket)
    try:
        connection.request("GET", "/metrics")
        text = connection.getresponse().read().decode()
    finally:
        connection.close()
    types = dict(re.findall(r"^# TYPE (\w+) (\w+)$", text, re.M))
    return {name: (types[name], words) for name, words in re.findall(r"^# HELP (\w+) (.*)$", text, re.M)}


def promtool(*args):
    return subprocess.run([PROMTOOL, *args], cwd=CHECKOUT, timeout=60, capture_output=True, text=True, check=False)


def rules():
    return re.findall(r"^ +- alert: (\w+)$", RULES.read_text(), re.M)


@with_promtool
def test_promtool_takes_the_rules():
    done = promtool("check", "rules", str(RULES))
    assert done.returncode == 0 and f"{len(rules())} rules found" in done.stdout, done.stdout + done.stderr


@with_promtool
def test_every_rule_fires_when_it_should_and_only_then():
    done = promtool("test", "rules", str(TESTS))
    assert done.returncode == 0, done.stdout + done.stderr
    assert set(re.findall(r'alertname="(\w+)"', TESTS.read_text())) == set(rules())


def test_every_rule_is_in_the_docs():
    said = DOCS.read_text()
    for name in rules():
        assert name in said or f"…{re.sub('^Yankwatch(Registry|Notifier)', '', name)}`" in said, name


def names(text):
    return set(re.findall(r"\byankwatch_\w+", text))


def test_rules_and_dashboard_name_only_metrics_that_there_are(watching):
    there = metrics(watching).keys()
    expressions = "\n".join(re.sub("^ *#.*", "", line) for line in RULES.read_text().splitlines())
    dashboard = json.loads(DASHBOARD.read_text())
    targets = "\n".join(target["expr"] for panel in dashboard["panels"] for target in panel.get("targets", []))
    assert names(expressions) <= there
    assert names(targets) | names(json.dumps(dashboard["templating"])) <= there
    assert len(names(targets)) > 25


@with_promtool
def test_promtool_takes_the_dashboards_expressions(folder):
    panels = json.loads(DASHBOARD.read_text())["panels"]
    targets = [target["expr"].replace("$registry", ".*") for panel in panels for target in panel.get("targets", [])]
    rows = [{"record": "dashboard:it", "labels": {"number": str(i)}, "expr": expr} for i, expr in enumerate(targets)]
    (folder / "rules.json").write_text(json.dumps({"groups": [{"name": "dashboard", "rules": rows}]}))
    done = promtool("check", "rules", str(folder / "rules.json"))
    assert done.returncode == 0 and f"{len(rows)} rules found" in done.stdout, done.stdout + done.stderr


def test_no_two_panels_of_the_dashboard_overlap():
    taken = set()
    dashboard = json.loads(DASHBOARD.read_text())
    assert len({panel["id"] for panel in dashboard["panels"]}) == len(dashboard["panels"])
    for place in (panel["gridPos"] for panel in dashboard["panels"]):
        assert place["x"] + place["w"] <= 24
        cells = {(x, y) for x in range(place["x"], place["x"] + place["w"]) for y in range(place["y"], place["y"] + place["h"])}
        assert not cells & taken
        taken |= cells


def test_the_docs_have_every_metric(watching):
    rows = [f"| `{name}` | {kind} | {words.rstrip('.')} |" for name, (kind, words) in metrics(watching).items()]
    table = "\n".join(["| metric | type | |", "|---|---|---|", *rows]) + "\n"
    text = DOCS.read_text()
    if os.environ.get("YANKWATCH_GOLDEN") == "write":
        DOCS.write_text(re.sub(r"(## Metrics\n\n.*?\n\n).*", lambda match: match[1] + table, text, flags=re.S))
    else:
        assert text.endswith(table), "YANKWATCH_GOLDEN=write writes it anew"


@pytest.fixture
def proxy(watching, folder, authority, registry):
    """nginx with what etc/ has for it, in front of that daemon."""
    snippet = (CHECKOUT / "etc" / "prometheus" / "nginx.conf").read_text()
    locations = re.search(r"\tlisten [^\n]*\n(.*)}", snippet, re.S)[1]
    it = Nginx(folder / "nginx", registry.index, authority,
               locations.replace("/run/yankwatch/yankwatch.sock", str(watching.socket)))
    it.url = it.index_url.removeprefix("sparse+").removesuffix("/index/")
    yield it
    it.stop()


def test_nginx_gives_the_metrics_and_nothing_else(proxy):
    context = ssl.create_default_context(cafile=proxy.ca_file)

    def ask(path, method="GET"):
        request = urllib.request.Request(proxy.url + path, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60, context=context) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, ""

    status, text = ask("/metrics")
    assert status == 200 and 'yankwatch_registry_watches{registry="internal"} 1\n' in text
    assert ask("/v1/status")[0] == ask("/metrics/../v1/status")[0] == 404
    assert ask("/metrics", "POST")[0] == 403


@pytest.mark.skipif(not PROGRAM, reason="no Prometheus (Debian's prometheus)")
def test_prometheus_itself_reads_them_and_sees_that_the_daemon_is_gone(proxy, watching, folder):
    prometheus = Prometheus(folder / "prometheus", proxy.url.removeprefix("https://"), proxy.ca_file, RULES)
    try:
        [(labels, value)] = wait_for(lambda: prometheus.query("yankwatch_registry_watches"), "it was scraped")
        assert (labels["job"], labels["registry"], value) == ("yankwatch", "internal", 1)
        wait_for(lambda: not prometheus.alerts(), "all is well")
        watching.stop()
        wait_for(lambda: ("YankwatchDown", "pending") in prometheus.alerts(), "it is missed")
        watching.start()
        wait_for(lambda: not prometheus.alerts(), "and is back")
    finally:
        prometheus.stop()


def test_the_timers_program_writes_the_file_whole_or_not_at_all(watching, folder):
    unit = (CHECKOUT / "etc" / "prometheus" / "yankwatch-metrics.service").read_text()
    script = re.search(r"^ExecStart=/bin/sh -c '(.*)'$", unit, re.M)[1].replace(
        "/run/yankwatch/yankwatch.sock", str(watching.socket))
    file = folder / "yankwatch.prom"

    def run():
        return subprocess.run(["/bin/sh", "-c", script], env=os.environ | {"FILE": str(file)}, timeout=60,
                              stdin=subprocess.DEVNULL, capture_output=True, check=False).returncode

    assert run() == 0 and "yankwatch_healthy 1\n" in file.read_text()
    watching.stop()
    assert run() == 1 and not list(folder.glob("yankwatch.prom*"))
    watching.start()
