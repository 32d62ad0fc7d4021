# SPDX-License-Identifier: Apache-2.0
"""What bench/run stands on: each module one thing, standard library only. Registry, nginx and daemon are those of
tests/integration/yw.

stage      the index, nginx, the floor and daemons, in one temporary folder
process    what a process has used
tiny       an HTTP server that stamps first and last bytes
report     figures as a table and as JSON, and the machine they are of
sweep …    a module for each case: measure(bench, report)
"""
