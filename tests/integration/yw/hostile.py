# SPDX-License-Identifier: Apache-2.0
"""What a hostile plugin does, and what becomes of it: the table that test_sandbox.py runs and that stands in
docs/PLUGINS.md.

tests/plugins/hostile.c has the deeds. A result is what the plugin itself got ("EPERM"), or what the daemon says of its
process. Where it differs for a plugin that declares YW_NEEDS_PROGRAMS, `programs` is that; None: it is not tried.
"""

import dataclasses

ENDED = "the plugin's process ended"
KILLED = "the plugin's process was ended by signal 31 (Bad system call)"
DEADLINE = "no answer within 1s: killed"
NONSENSE = "a frame of 4294967295 bytes"
SAME = object()


@dataclasses.dataclass(frozen=True)
class Deed:
    deed: str
    says: str  # for people
    result: str
    target: str = ""  # a key of the test's targets
    programs: object = SAME

    def of_programs(self):
        return self.result if self.programs is SAME else self.programs


DEEDS = [
    Deed("open_to_write", "opens the daemon's database", "EACCES", "database"),
    Deed("remove_file", "removes the database", "EACCES", "database"),
    Deed("change_mode", "changes the database's mode", "EPERM", "database", programs="done"),
    Deed("make_file", "makes a file beside the database", "EACCES", "beside"),
    Deed("open_to_read", "reads another notifier's secret", "EACCES", "secret"),
    Deed("ask_the_daemon", "asks the daemon through its socket", "EPERM", "socket"),
    Deed("connect_elsewhere", "connects somewhere", "EPERM", "port"),
    Deed("make_file", "writes a file that no option names", "EACCES", "elsewhere", programs="done"),
    Deed("fill_stdout", "fills standard output and error", "done"),
    Deed("fill_the_channel", "writes nonsense to the daemon's channel", NONSENSE),
    Deed("daemonise", "forks, and the child detaches itself", "EPERM", "fifo", programs="done"),
    Deed("daemonise_and_never_exit", "does so and then hangs", "EPERM", "fifo", programs=DEADLINE),
    Deed("never_exit", "ignores every signal and never returns", DEADLINE),
    Deed("run_a_program", "runs a program in its own place", "EPERM",
         programs=ENDED),
    Deed("leave_the_group", "joins the daemon's process group", "EPERM"),
    Deed("take_memory", "takes 4 GB of memory", "ENOMEM"),
    Deed("take_descriptors", "opens 10,000 files", "EMFILE"),
    Deed("raise_a_limit", "raises its limits", "EPERM"),
    Deed("trace_the_daemon", "traces the daemon", KILLED, programs="EPERM"),
    Deed("read_the_daemons_memory", "reads the daemon's memory", KILLED, programs="EPERM"),
    Deed("open_the_daemons_memory", "opens it in /proc", "EACCES"),
    Deed("stop_the_daemon", "sends the daemon a signal", "EPERM"),
    Deed("limit_the_daemon", "sets the daemon's limits", "EPERM"),
    Deed("be_traceable", "makes itself traceable", "EPERM", programs=None),
    Deed("outlive_the_daemon", "asks not to end with the daemon", "EPERM", programs=None),
    Deed("make_a_namespace", "makes a namespace", KILLED, programs="EPERM"),
    Deed("ask_io_uring", "takes io_uring, which no filter sees", "EPERM"),
    Deed("begin_before_open", "forks while it is loaded", "EPERM", programs=None),
]


def short(result):
    words = {"done": "done", KILLED: "ended by SIGSYS", DEADLINE: "killed at the deadline",
             NONSENSE: "killed at once",
             None: "–", ENDED: "its process has ended"}
    return words.get(result, f"`{result}`")


def table():
    rows = [f"| {it.says} | {short(it.result)} | {short(it.of_programs())} |\n" for it in DEEDS]
    return "| the plugin | declares nothing | declares programs |\n|---|---|---|\n" + "".join(rows)


if __name__ == "__main__":
    print(table(), end="")
