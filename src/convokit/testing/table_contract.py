"""The contract of a carrier's words: each of its statuses and numbers means what a table says, and all others nothing.

The table is data, collected from the carrier's documentation and kept apart from the plugin's own::

    {"statuses": [["queued", "sent"], ["expired", "failed", "expired"]], "errors": [[30006, "landline"]]}

Subclass in a file of its own; the rows of files named ``*contract*`` are only sampled where time is short::

    class TestPigeonsWords(SmsTableContract):
        offer = pigeon_offer
        settings = {"api_key": "pk_0123456789", "signing_secret": "whsec_0123456789"}
        table = Path(__file__).parent / "pigeon_tables.json"
        failing = "failed"

        def report(self, word, code):
            return sign(posted_form(CALLBACK_URL, {"kind": "report", "id": "p9", "status": word, "error": code}))
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import ClassVar, Final, Literal, cast

from convokit.domain.reasons import REASONS
from convokit.outcomes import Refused, TryLater
from convokit.plugins.settings import build_settings
from convokit.ports.sms import DeliveryReport, SmsGateway, SmsGatewayOffer, Unreadable, Verified
from convokit.ports.sms_session import SmsSession
from convokit.ports.wire import HttpRequest, HttpResponse
from convokit.runtime.plugin_values import event_checked
from convokit.testing.contract import Cases, Contract
from convokit.testing.exchange_cases import play
from convokit.testing.rows import MESSAGE

_ODD_WORDS: Final = ("resting", " ", "null", "🐾", "a\x00b", "y" * 5_000, "sent,delivered", "{}")
_ODD_NUMBERS: Final = ("77777777", "-1", "x", "\u0663", "9" * 40, "1e3", "y" * 5_000)
_NOTHING: Final = ""


class SmsTableContract(Contract):
    """Every word and number of a table, through the gateway's own reading of callbacks.

    Attributes:
        offer, settings: as in :class:`convokit.testing.SmsGatewayContract`.
        table: the file. ``statuses``: word, state, and the reason where the word alone gives one. ``errors``: numbers
            in a report, and their categories. ``refusals``: numbers in an answer; without such a list, the errors.
        prefix: of the names of the lists, where a file has several tables.
        failing: the word by which numbers come.
    """

    offer: ClassVar[SmsGatewayOffer]
    settings: ClassVar[Mapping[str, object]] = {}
    table: ClassVar[Path]
    prefix: ClassVar[str] = ""
    failing: ClassVar[str]

    def report(self, word: str, code: str) -> HttpRequest:
        """The carrier's own callback, signed: ``word``, and ``code`` where it is not empty."""
        raise NotImplementedError(
            "fill in report: return the callback about a text, signed, with word, and with code where there is one"
        )

    def refused(self, code: str) -> HttpResponse | None:
        """The carrier's answer that refuses a text by a number; ``None``: its refusals have none."""
        return None

    # --- help ---------------------------------------------------------------------------------------------------------
    def rows(self, name: str) -> list[list[object]]:
        """A list of the table; empty if there is none of this name."""
        found = json.loads(self.table.read_text(encoding="utf-8")).get(f"{self.prefix}{name}", [])
        return cast("list[list[object]]", found)

    def gateway(self) -> SmsGateway:
        """The gateway with the settings of the contract."""
        built = self.offer.build(build_settings(self.offer.settings, self.settings, self.offer.name))
        assert not isinstance(built, SmsSession), "this table is read by gateways without a session"
        return built

    def read(self, word: str, code: str) -> DeliveryReport | None:
        """What is read from a report; ``None``: it is not understood."""
        reading = self.gateway().read_webhook(self.report(word, code))
        if isinstance(reading, Unreadable):
            return None
        assert isinstance(reading, Verified), f"{reading!r}"
        (event,) = reading.events
        assert isinstance(event, DeliveryReport)
        return cast("DeliveryReport", event_checked(event))

    def cases(self) -> Mapping[str, Callable[[], Cases]]:
        return {
            **super().cases(),
            "status": lambda: {str(row[0]): row for row in self.rows("statuses")},
            "error": lambda: {str(row[0]): row for row in self.rows("errors")},
            "odd_word": lambda: {ascii(word)[:20]: word for word in _ODD_WORDS},
            "odd_number": lambda: {ascii(number)[:20]: number for number in _ODD_NUMBERS},
        }

    # --- tests --------------------------------------------------------------------------------------------------------
    def test_a_status_means_what_the_table_says(self, status: list[object]) -> None:
        word, state, *reason = status
        read = self.read(str(word), _NOTHING)
        assert read is not None
        assert (read.state, read.reason) == (state, (*reason, "unknown")[0] if state == "failed" else None)
        assert str(word) in read.raw

    def test_a_number_means_what_the_table_says(self, error: list[object]) -> None:
        code, category = error
        read = self.read(self.failing, str(code))
        assert read is not None
        assert (read.state, read.reason) == ("failed", category)
        assert category in REASONS
        assert self.failing in read.raw

    def test_a_refusal_means_what_the_table_says(self) -> None:
        for code, category in self.rows("refusals") or self.rows("errors"):
            answer = self.refused(str(code))
            if answer is None:
                continue
            told = play(self.gateway().send(MESSAGE), (answer,)).outcome
            passes = isinstance(told, TryLater) and category == "rate_limited"
            assert passes or (isinstance(told, Refused) and told.reason == category), f"{code}: {told!r}"

    def test_an_unknown_word_moves_no_check(self, odd_word: str) -> None:
        others = [str(row[0]) for row in self.rows("statuses")]
        odd = {odd_word, *(word.swapcase() for word in others), *(f"{word}_x" for word in others)} - {*others}
        for word in odd:
            for code in (_NOTHING, str(self.rows("errors")[0][0])):
                self._check_unmoved(self.read(word, code))

    def _check_unmoved(self, read: DeliveryReport | None) -> None:
        state: Literal["sent", "delivered", "failed"] | None = None if read is None else read.state
        assert state is None, f"a word that nobody knows moves a check: {read!r}"
        assert read is None or read.reason is None

    def test_an_unknown_number_is_unknown(self, odd_number: str) -> None:
        read, plain = self.read(self.failing, odd_number), self.read(self.failing, _NOTHING)
        assert read is not None
        assert plain is not None
        assert (read.state, read.reason) == (plain.state, plain.reason)
