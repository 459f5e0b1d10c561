"""The progress bar of an export."""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from convokit.runtime.export.running import ExportProgress


class Bar:
    """A progress bar on stderr, with the rate and the time that remains; nothing where nobody watches."""

    def __init__(self, name: str) -> None:
        self._bar = click.progressbar(
            length=0, label=name, file=sys.stderr, show_eta=True, item_show_func=self._rate, hidden=not _watched()
        )
        self._began = 0.0
        self._seen = 0

    def _rate(self, so_far: ExportProgress | None) -> str | None:
        self._began = self._began or time.monotonic()
        passed = time.monotonic() - self._began
        return None if so_far is None or passed < 1 else f"{so_far.written / passed:.0f} a second"

    def show(self, so_far: ExportProgress) -> None:
        """Move on."""
        self._bar.length = so_far.of
        self._bar.update(so_far.looked_at - self._seen, so_far)
        self._seen = so_far.looked_at

    def __enter__(self) -> Bar:
        self._bar.__enter__()
        return self

    def __exit__(self, *ending: object) -> None:
        self._bar.render_finish()


def _watched() -> bool:
    return sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
