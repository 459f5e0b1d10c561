"""The kit for authors of plugins and for hosts: contracts to subclass, builders of facts. Extra: ``testing``."""

import pytest

pytest.register_assert_rewrite(
    "convokit.testing.mailer_contract",
    "convokit.testing.media_contract",
    *(
        f"convokit.testing.store_{part}"
        for part in "commits effects lists media people payments isolation races".split()
    ),
)

from convokit.testing.mailer_contract import MailerContract  # noqa: E402 - its asserts are rewritten first
from convokit.testing.media_contract import MediaStoreContract  # noqa: E402
from convokit.testing.store_contract import StoreContract  # noqa: E402

__all__ = ["MailerContract", "MediaStoreContract", "StoreContract"]
