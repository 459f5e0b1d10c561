"""The kit for authors of plugins and for hosts: contracts to subclass, rows to fill in, faults to play.

It needs the extra ``testing``. Names are imported when they are first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from convokit.testing.carrier_api import CarrierApi, Left
    from convokit.testing.contract import Contract
    from convokit.testing.dispatcher_contract import DispatcherContract
    from convokit.testing.dispatcher_work import ScriptedWork
    from convokit.testing.fake_carrier import FakeCarrier, FakePlugin
    from convokit.testing.fault_proxy import FAULTS, Fault, FaultProxy
    from convokit.testing.journey_contract import SmsJourneyContract
    from convokit.testing.journeys import Journey, journey
    from convokit.testing.loopback import Ledger, LoopbackServer
    from convokit.testing.mailer_contract import MailerContract
    from convokit.testing.media_contract import MediaStoreContract
    from convokit.testing.payment_contract import PaymentProviderContract
    from convokit.testing.plugin_contract import PluginContract
    from convokit.testing.push_contract import PushTransportContract
    from convokit.testing.rows import (
        CALLBACK_URL,
        MESSAGE,
        PROMPT,
        PUSHED,
        UNCERTAIN,
        Asked,
        AskRow,
        CallbackRow,
        FetchRow,
        LookUpRow,
        PollRow,
        PushRow,
        Row,
        SendRow,
        Signature,
    )
    from convokit.testing.session_contract import SessionRig, SmsSessionContract, TakenText
    from convokit.testing.sms_contract import SmsGatewayContract
    from convokit.testing.store_contract import StoreContract
    from convokit.testing.table_contract import SmsTableContract
    from convokit.testing.usual_rows import PHOTO, USUAL_SENDS, said
    from convokit.testing.wire import RECEIVED_US, answered, answered_json, posted_form, posted_json

_HOMES = {
    "carrier_api": ("CarrierApi", "Left"),
    "contract": ("Contract",),
    "dispatcher_contract": ("DispatcherContract",),
    "dispatcher_work": ("ScriptedWork",),
    "fake_carrier": ("FakeCarrier", "FakePlugin"),
    "fault_proxy": ("FAULTS", "Fault", "FaultProxy"),
    "journeys": ("Journey", "journey"),
    "journey_contract": ("SmsJourneyContract",),
    "loopback": ("Ledger", "LoopbackServer"),
    "mailer_contract": ("MailerContract",),
    "media_contract": ("MediaStoreContract",),
    "payment_contract": ("PaymentProviderContract",),
    "plugin_contract": ("PluginContract",),
    "push_contract": ("PushTransportContract",),
    "rows": (
        "AskRow",
        "Asked",
        "CALLBACK_URL",
        "CallbackRow",
        "FetchRow",
        "LookUpRow",
        "MESSAGE",
        "PROMPT",
        "PUSHED",
        "PollRow",
        "PushRow",
        "Row",
        "SendRow",
        "Signature",
        "UNCERTAIN",
    ),
    "session_contract": ("SessionRig", "SmsSessionContract", "TakenText"),
    "sms_contract": ("SmsGatewayContract",),
    "store_contract": ("StoreContract",),
    "table_contract": ("SmsTableContract",),
    "usual_rows": ("PHOTO", "USUAL_SENDS", "said"),
    "wire": ("RECEIVED_US", "answered", "answered_json", "posted_form", "posted_json"),
}
_ASSERTING = (
    "carrier_api dispatcher_contract dispatcher_work exchange_cases fake_carrier guards journey_contract journeys"
    " loopback mailer_contract media_contract payment_contract plugin_contract provider_base push_contract"
    " session_contract sms_asking_cases sms_contract spoiling table_contract tampering webhook_cases"
    " store_automatic store_closing store_commits store_effects store_erasing store_inbox store_isolation store_jobs"
    " store_lists store_media store_payments store_people store_push store_races store_search store_work"
).split()
"""The modules whose asserts pytest is to explain; it must know them before they are imported."""

pytest.register_assert_rewrite(*(f"convokit.testing.{name}" for name in _ASSERTING))

__all__ = [
    "CALLBACK_URL",
    "FAULTS",
    "MESSAGE",
    "PHOTO",
    "PROMPT",
    "PUSHED",
    "RECEIVED_US",
    "UNCERTAIN",
    "USUAL_SENDS",
    "AskRow",
    "Asked",
    "CallbackRow",
    "CarrierApi",
    "Contract",
    "DispatcherContract",
    "FakeCarrier",
    "FakePlugin",
    "Fault",
    "FaultProxy",
    "FetchRow",
    "Journey",
    "Ledger",
    "Left",
    "LookUpRow",
    "LoopbackServer",
    "MailerContract",
    "MediaStoreContract",
    "PaymentProviderContract",
    "PluginContract",
    "PollRow",
    "PushRow",
    "PushTransportContract",
    "Row",
    "ScriptedWork",
    "SendRow",
    "SessionRig",
    "Signature",
    "SmsGatewayContract",
    "SmsJourneyContract",
    "SmsSessionContract",
    "SmsTableContract",
    "StoreContract",
    "TakenText",
    "answered",
    "answered_json",
    "journey",
    "posted_form",
    "posted_json",
    "said",
]

_HOME_OF = {name: module for module, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> object:
    """Import a name when it is first used (PEP 562)."""
    if name not in _HOME_OF:
        raise AttributeError(f"module 'convokit.testing' has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(f"convokit.testing.{_HOME_OF[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return list(__all__)
