"""The contract of a store, as tests that its author runs.

Subclass and say how to make one::

    class TestMine(StoreContract):
        shared_between_processes = True

        def make_store(self, tmp_path):
            return MyStore(tmp_path / "desk")

        def opener(self, tmp_path):
            return functools.partial(MyStore, tmp_path / "desk")
"""

from convokit.testing.store_automatic import AutomaticCases
from convokit.testing.store_closing import ClosingCases
from convokit.testing.store_commits import CommitCases, ConsentCases
from convokit.testing.store_effects import EffectCases, ProviderIdCases, WebhookCases
from convokit.testing.store_erasing import ErasingCases
from convokit.testing.store_inbox import InboxCases
from convokit.testing.store_isolation import IsolationCases
from convokit.testing.store_jobs import JobCases
from convokit.testing.store_lists import ListCases
from convokit.testing.store_media import MediaCases
from convokit.testing.store_news import NewsCases
from convokit.testing.store_payments import PaymentCases
from convokit.testing.store_people import PeopleCases
from convokit.testing.store_push import PushCases
from convokit.testing.store_races import RaceCases
from convokit.testing.store_search import SearchCases
from convokit.testing.store_together import TogetherCases
from convokit.testing.store_work import WorkCases


class StoreContract(
    CommitCases,
    ConsentCases,
    EffectCases,
    AutomaticCases,
    ProviderIdCases,
    WebhookCases,
    JobCases,
    WorkCases,
    ListCases,
    InboxCases,
    SearchCases,
    IsolationCases,
    MediaCases,
    PeopleCases,
    PaymentCases,
    PushCases,
    ErasingCases,
    NewsCases,
    RaceCases,
    TogetherCases,
    ClosingCases,
):
    """Every method and promise of :class:`convokit.ports.store.Store`."""
