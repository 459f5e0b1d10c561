"""The kit for authors of plugins and for hosts: contracts to subclass, builders of facts. Extra: ``testing``."""

import pytest

pytest.register_assert_rewrite(
    *(f"convokit.testing.store_{part}" for part in ("commits", "effects", "lists", "isolation", "races"))
)

from convokit.testing.store_contract import StoreContract  # noqa: E402 - its asserts are rewritten first

__all__ = ["StoreContract"]
