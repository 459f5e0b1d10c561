"""The contract of a store, as tests that its author runs.

Subclass and say how to make one::

    class TestMine(StoreContract):
        shared_between_processes = True

        def make_store(self, tmp_path):
            return MyStore(tmp_path / "desk")

        def opener(self, tmp_path):
            return functools.partial(MyStore, tmp_path / "desk")
"""

from convokit.testing.store_closing import ClosingCases
from convokit.testing.store_commits import CommitCases, ConsentCases
from convokit.testing.store_effects import EffectCases, ProviderIdCases, WebhookCases
from convokit.testing.store_isolation import IsolationCases
from convokit.testing.store_lists import ListCases
from convokit.testing.store_races import RaceCases


class StoreContract(
    CommitCases,
    ConsentCases,
    EffectCases,
    ProviderIdCases,
    WebhookCases,
    ListCases,
    IsolationCases,
    RaceCases,
    ClosingCases,
):
    """Every method and promise of :class:`convokit.ports.store.Store`."""
