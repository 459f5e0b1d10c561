"""A medical record that keeps what it is given, and answers as it is told."""

from __future__ import annotations

from threading import Lock

from attrs import define, field

from convokit.outcomes import Accepted, Outcome
from convokit.plugins import hookimpl
from convokit.ports.records import RecordDocument, Records


@define(eq=False)
class ScriptedRecords:
    """A plugin. ``answers`` are used up first; then every document is taken. An exception among them is raised."""

    name = "scripted-records"
    answers: list[object] = field(factory=list)
    given: list[RecordDocument] = field(factory=list)
    _lock: Lock = field(factory=Lock)

    @hookimpl
    def convokit_records(self) -> Records:
        return self

    def file(self, document: RecordDocument) -> Outcome:
        with self._lock:
            self.given.append(document)
            answer = self.answers.pop(0) if self.answers else Accepted(provider_id=f"R-{len(self.given)}")
        if isinstance(answer, BaseException):
            raise answer
        return answer  # type: ignore[return-value]  # also what is no outcome

    @property
    def kept(self) -> dict[str, RecordDocument]:
        """What a record would have now: the last document of each id."""
        return {document.id: document for document in self.given}
