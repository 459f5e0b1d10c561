"""The contract of engines and of distributions, on a real PostgreSQL with the real library."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

import pytest
from convokit_engine_procrastinate.engine import ProcrastinateDispatcher
from convokit_engine_procrastinate.settings import ProcrastinateSettings
from postgres_cluster import Place

from convokit.ports.dispatcher import Dispatcher
from convokit.testing import DispatcherContract, PluginContract, ScriptedWork

QUICK = ProcrastinateSettings(sweep_seconds=0.05)


class TestProcrastinate(DispatcherContract):
    @pytest.fixture(autouse=True)
    def _in_a_database(self, empty_queue: Place) -> None:
        self.place = empty_queue

    def make_dispatcher(self, work: ScriptedWork, tmp_path: Path) -> Dispatcher:
        return ProcrastinateDispatcher(QUICK, work, self.place.url())


class TestDistribution(PluginContract):
    distribution = "convokit-engine-procrastinate"
    settings: ClassVar = {"procrastinate": {"dsn": "postgresql://desk:secret@db.example/desk"}}
