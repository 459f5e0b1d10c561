"""The `convokit` command.

Results are printed on stdout, progress and errors on stderr. Exit codes: 0 done, 1 failed, 2 wrong usage, 3 nothing
found, 4 partly done, 130 interrupted. When whoever reads the output has had enough, it ends quietly with 0.
"""

from __future__ import annotations

import os

from convokit.cli.root import Root

cli = Root(
    name="convokit",
    help="A two-way conversations desk for veterinary practice software: demo, inbox, transcripts and care.",
    epilog="Exit codes: 0 done, 1 failed, 2 wrong usage, 3 nothing found, 4 partly done, 130 interrupted.",
)
"""The command with its sub-commands; plugins add theirs by the hook ``convokit_cli``."""


def main() -> None:
    """Run the command with this process's arguments, then exit."""
    cli(prog_name=os.environ.get("CONVOKIT_COMMAND", "convokit"))  # how it is called, where it is wrapped
