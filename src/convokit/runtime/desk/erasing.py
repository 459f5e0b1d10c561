"""Erasing a person at this practice."""

from __future__ import annotations

import secrets
import time
from collections.abc import Sequence
from functools import partial
from typing import Final

from convokit.domain.erasure import KEPT, WHY_LENGTH, Erased, Erasure, ErasureReport, kept_elsewhere, key_name
from convokit.domain.people import Staff
from convokit.errors import Conflict, InvalidInput, StorageError
from convokit.runtime.checks import check_id, check_label, check_staff
from convokit.runtime.desk.base import DeskBase
from convokit.runtime.perform import LEASE
from convokit.runtime.within import refuse_within

_POLL_SECONDS: Final = 0.02
_LONGEST_WAIT_SECONDS: Final = LEASE / 1_000_000 + 5
_KEY_BYTES: Final = 32
_MOST_NUMBERS: Final = 50


class DeskErasing(DeskBase):
    """Forget a client."""

    def erase_client(self, client_id: str, *, by: Staff, reason: str, numbers: Sequence[str] = ()) -> ErasureReport:
        """Erase what this practice's desk knows of a client: names, addresses, every word and every file.

        Each of their conversations ends and stays as a skeleton: ids, times, order, delivery. A number that is opted
        out stays so. It is committed before files are deleted; if something fails or dies on the way, call it again.
        What is just being handed over is waited for, at most for its lease of two and a half minutes.

        Args:
            reason: why, in at most 200 characters; it stays, so it must not name the client ("request of 2 March").
            numbers: further numbers of theirs; conversations at these that no other client has are erased too.

        Raises:
            InvalidInput: ``client_id...``, ``reason.empty``, ``reason.too_long``, ``numbers.type``, or a number.
            Conflict: ``erasure.narrowed``: this desk does not see every department.
            StorageError: ``erasure.in_flight``; ``storage.busy``, ``media...``: rows are erased, copies or files not
                all; call it again.
        """
        refuse_within("to erase a person")
        if self.visible is not None:
            raise Conflict("erasure.narrowed", "only a desk that sees every department can erase", field="departments")
        who, staff = check_id(client_id, "client_id"), check_staff(by)
        key = self._store.secret(key_name(self.practice.id), secrets.token_bytes(_KEY_BYTES))
        erasure = Erasure(
            client_id=who,
            numbers=self._further(numbers),
            at_us=self._world.now_us(),
            by_id=staff.id,
            by_name=staff.name,
            reason=check_label(reason, "reason", most=WHY_LENGTH, empty=False),
            key=key,
        )
        erased = self._erase(erasure)
        for conversation_id, change in erased.changes:
            self._steps.catalogue.tell_changed(self.practice.id, conversation_id, change)
        files = sum(self._files.drop(self.practice.id, upload) for upload in erased.files)
        self._store.scrub()
        return ErasureReport(
            conversations=erased.conversations,
            entries=erased.entries,
            files=files,
            payments=erased.payments,
            withdrawn=erased.withdrawn,
            numbers=erased.numbers,
            suppressed=erased.suppressed,
            shared=erased.shared,
            kept=(*KEPT, *kept_elsewhere(erased.filed)),
        )

    def _erase(self, erasure: Erasure) -> Erased:
        # Measured by the monotonic clock: the wall clock may jump, and a lease's end lies on it.
        deadline = time.monotonic() + _LONGEST_WAIT_SECONDS
        fresh_id = partial(self._world.fresh_id, "m")
        while True:
            try:
                return self._store.erase_client(self.practice.id, erasure, fresh_id)
            except StorageError as error:
                if error.code != "erasure.in_flight" or time.monotonic() > deadline:
                    raise
            time.sleep(_POLL_SECONDS)

    def _further(self, numbers: object) -> tuple[str, ...]:
        if isinstance(numbers, str) or not isinstance(numbers, Sequence) or len(numbers) > _MOST_NUMBERS:
            limit = f"{_MOST_NUMBERS} numbers"
            raise InvalidInput("numbers.type", "numbers are a list of telephone numbers", field="numbers", limit=limit)
        return tuple(self._any_number(number, "numbers") for number in numbers)
