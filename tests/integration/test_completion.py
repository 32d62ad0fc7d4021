# SPDX-License-Identifier: Apache-2.0
"""Completions of the command line: what may stand next, and that bash, zsh and fish offer it."""
import os
import pty
import re
import shutil
import subprocess

import pytest

from yw.daemon import CHECKOUT, CLIENT, environment
from yw.standin import Daemon, Problem, crate, run
from yw.wait import PATIENCE

SCRIPTS = CHECKOUT / "client" / "completion"


@pytest.fixture
def daemon(tmp_path):
    it = Daemon(tmp_path)
    it.answers |= {"/v1/projects": {"projects": [{"name": "payments", "team": "sec"}, {"name": "edge"}]},
                   "/v1/notifiers": {"notifiers": [{"notifier": "sec-mail", "plugin": "email"}]},
                   "/v1/silences": {"silences": [{"id": "7", "comment": "we know"}]},
                   "/v1/notifications": {"notifications": [{"id": "ntf_1", "subject": "[high] demo"}], "next": None},
                   "/v1/crates": {"crates": [{"registry": "internal", "crate": "serde"},
                                             {"registry": "internal", "crate": "serde_json"}]}}
    yield it
    it.stop()


def offered(daemon, line):
    """What may stand where the line ends."""
    done = run(daemon.socket, "completion", "words", "--", *line.split(" "))
    assert (done.returncode, done.stderr) == (0, "")
    return [row.split("\t")[0] for row in done.stdout.splitlines()]


@pytest.mark.parametrize("line, words", [
    ("his", ["history"]), ("wat", ["watch"]), ("watch ", ["list", "add", "remove"]), ("watch a", ["add"]),
    ("notifications s", ["show"]), ("--js", ["--json"]), ("--json sta", ["status"]), ("status ", []),
    ("help wat", ["watch"]), ("help watch r", ["remove"]), ("completion ", ["bash", "zsh", "fish"]),
    ("history --cr", ["--crate"]), ("history --event ya", ["yanked"]), ("history --event=ya", ["--event=yanked"]),
    ("history --event yanked,uny", ["yanked,unyanked"]), ("history --reverse --event=yanked,uny", ["--event=yanked,unyanked"]),
    ("findings --min-severity h", ["high"]), ("check --format ", ["human", "json", "sarif", "github"]),
    ("check ", [":files"]), ("--socket ", [":files"]), ("project put payments ", [":files"]),
    ("project put ", ["payments", "edge"]), ("project remove pay", ["payments"]), ("history --project e", ["edge"]),
    ("notifier test ", ["sec-mail"]), ("silence remove ", ["7"]), ("silence remove 7 ", ["7"]),
    ("notifications show ", ["ntf_1"]), ("notifications show ntf_1 ", []), ("show ser", ["serde", "serde_json"]),
    ("poll ser", ["serde", "serde_json"]), ("history --crate serde_", ["serde_json"]), ("history --registry int", ["internal"]),
    ("nonsense ", []), ("history --nonsense x ", []), ("history --limit ", []), ("watch add -- --", [])])
def test_what_may_stand_next(daemon, line, words):
    assert offered(daemon, line) == words


def test_every_command_is_offered(daemon):
    first = {re.split(r"[\W]", line.strip())[0] for line in run(daemon.socket, "help").stdout.splitlines()
             if re.match("  [a-z]", line)}
    assert set(offered(daemon, "")) == first


def test_every_option_with_a_closed_set_or_a_file_is_completed(daemon):
    """By what the usage calls its value: K kinds, S words, F formats, files."""
    seen = 0
    for line in run(daemon.socket, "help").stdout.splitlines():
        name = re.match("  ([a-z]+(?: [a-z]+)?)(?:  | [A-Z[-]|$)", line)
        for option in re.findall(r"^  (--\S+) (?:K|K,…|S|F|FILE|PATH)(?= )", name and run(
                daemon.socket, "help", *name[1].split()).stdout or "", re.MULTILINE):
            assert offered(daemon, f"{name[1]} {option} "), f"{name[1]} {option}: a row in client/completion_values.c"
            seen += 1
    assert seen > 10


@pytest.mark.parametrize("line", ["check --format", "export --format", "notifications --state", "silence list --state",
                                  "findings --min-severity", "check --fail-on", "route explain --severity"])
def test_every_word_of_a_closed_set_is_in_the_commands_help(daemon, line):
    """And nothing else is."""
    command, option = line.rsplit(" ", 1)
    words = offered(daemon, f"{line} ")
    assert len(words) > 1
    help_line = next(row for row in run(daemon.socket, "help", *command.split()).stdout.splitlines() if option in row)
    if "severity" not in option and "fail-on" not in option:
        assert all(re.search(rf"\b{word}\b", help_line) for word in words), help_line


def test_a_crate_is_asked_for_by_what_is_written(daemon):
    offered(daemon, "history --registry internal --crate ser")
    assert daemon.requests[-1][1] == "/v1/crates?prefix=ser&registry=internal&limit=1000"


@pytest.mark.parametrize("answer", [Problem(500, "no"), {"crates": "nonsense"}, {"crates": [{"crate": "\x1b[31m"}]}])
def test_a_daemon_that_does_not_answer_well_is_no_hindrance(daemon, answer):
    daemon.answers["/v1/crates"] = answer
    done = run(daemon.socket, "completion", "words", "--", "show", "")
    assert (done.returncode, done.stderr) == (0, "") and "\x1b" not in done.stdout


def test_names_that_a_shell_would_take_for_more_are_not_offered(daemon):
    names = ["good-1.0", "$(touch x)", "a;b", "a b", "`x`", "-rf", "a\tb", "a\nb", "~x", "a'b"]
    daemon.answers["/v1/crates"] = {"crates": [{"registry": "internal", "crate": name} for name in names]}
    assert offered(daemon, "show ") == ["good-1.0"]


def test_without_a_daemon_the_words_are_there(tmp_path):
    done = run(str(tmp_path / "nobody"), "completion", "words", "--", "history", "--crate", "s")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_names_come_from_a_real_daemon(registry, daemon_of_crates):
    names = daemon_of_crates.client("completion", "words", "--", "show", "ser").stdout
    assert sorted(names.splitlines()) == ["serde\tinternal", "serde_json\tinternal"]
    assert daemon_of_crates.get("/v1/crates?prefix=x") == {"crates": []}


@pytest.fixture
def daemon_of_crates(folder, registry):
    from yw.daemon import Daemon as RealDaemon
    it = RealDaemon(folder / "daemon")
    it.configure(registry.index_url, ["serde", "serde_json", "tokio", "Serial"])
    it.start()
    yield it
    it.stop()


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_prints_what_is_installed(daemon, shell):
    assert run(daemon.socket, "completion", shell).stdout == (SCRIPTS / f"{shell}.sh").read_text()


def test_completion_of_another_shell_is_refused(daemon):
    done = run(daemon.socket, "completion", "tcsh")
    assert (done.returncode, done.stderr) == (2, "yankwatch: completion: tcsh: allowed: bash, zsh, fish\n")


# ---------------------------------------------------------------- the shells themselves


@pytest.fixture
def shell_environment(daemon, tmp_path):
    """`yankwatch` is the one of the build."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "yankwatch").symlink_to(CLIENT)
    return environment() | {"PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}", "YANKWATCH_SOCKET": daemon.socket,
                            "HOME": str(tmp_path), "TERM": "dumb"}


@pytest.mark.parametrize("words, cword, replies", [
    (["his"], 1, ["history"]), (["watch", ""], 2, ["list", "add", "remove"]),
    (["history", "--event", "=", "yan"], 4, ["yanked"]), (["history", "--event", "="], 3, None),
    (["show", "serde_"], 2, ["serde_json"]), (["history", "--project", "p"], 3, ["payments"])])
def test_bash_offers_it(shell_environment, words, cword, replies):
    quoted = " ".join(f"'{word}'" for word in ["yankwatch", *words])
    script = (f"source '{SCRIPTS / 'bash.sh'}'; COMP_WORDS=({quoted}); COMP_CWORD={cword}; _yankwatch yankwatch; "
              'printf "%s\\n" "${COMPREPLY[@]}"')
    done = subprocess.run(["bash", "--norc", "-c", script], env=shell_environment, capture_output=True, text=True,
                          timeout=PATIENCE, check=True)
    assert done.stderr == ""
    if replies is None:
        assert "yanked" in done.stdout.splitlines() and "--event=yanked" not in done.stdout
    else:
        assert done.stdout.splitlines() == replies


@pytest.mark.parametrize("line, replies", [
    ("yankwatch his", ["history\twhat happened: events, newest last"]), ("yankwatch watch ", ["add", "list", "remove"]),
    ("yankwatch history --event=yan", ["--event=yanked"]), ("yankwatch show serde_", ["serde_json\tinternal"])])
@pytest.mark.skipif(not shutil.which("fish"), reason="fish is not here: scripts/deps test")
def test_fish_offers_it(shell_environment, line, replies):
    done = subprocess.run(["fish", "--no-config", "-c", f"source '{SCRIPTS / 'fish.sh'}'; complete -C '{line}'"],
                          env=shell_environment, capture_output=True, text=True, timeout=PATIENCE, check=True)
    assert done.stderr == ""
    assert [row if "\t" in replies[0] else row.split("\t")[0] for row in sorted(done.stdout.splitlines())] == replies


@pytest.mark.skipif(not shutil.which("zsh"), reason="zsh is not here: scripts/deps test")
@pytest.mark.parametrize("typed, whole", [("yankwatch his", "yankwatch history "), ("yankwatch notifier en", "yankwatch notifier enable "),
                                          ("yankwatch show serde_", "yankwatch show serde_json "),
                                          ("yankwatch history --event=yank", "yankwatch history --event=yanked ")])
def test_zsh_completes_it(shell_environment, typed, whole):
    """On a terminal, as it is typed; `accept` shows the line that came of it."""
    pid, master = pty.fork()
    if pid == 0:
        os.execvpe("zsh", ["zsh", "-f", "-i"], shell_environment)
    setup = (f"PS1=; autoload -U compinit; compinit -u -D; source '{SCRIPTS / 'zsh.sh'}'; "
             "tell() { print -r -- \"<$BUFFER>\"; BUFFER=exit; zle accept-line }; zle -N tell; bindkey '^T' tell; print re''ady\n")
    seen = b""
    try:
        os.write(master, setup.encode())
        while b"ready\r" not in seen:
            seen += os.read(master, 4096)
        os.write(master, typed.encode() + b"\t\x14")
        while not re.search(rb"<yankwatch [^>]*>", seen):
            seen += os.read(master, 4096)
    finally:
        os.close(master)
        os.waitpid(pid, 0)
    assert re.search(rb"<(yankwatch [^>]*)>", seen)[1].decode() == whole
