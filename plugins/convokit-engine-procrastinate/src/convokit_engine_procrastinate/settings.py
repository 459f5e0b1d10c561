"""How much a worker does at once, and how often it looks, checked when the kit is opened."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeVar, get_args

from attrs import Attribute, field, frozen
from attrs.converters import optional as convert

from convokit.errors import ConfigurationError
from convokit.ports.dispatcher import Queue
from convokit.ports.secret import Secret, secret

QUEUES: Final[tuple[Queue, ...]] = get_args(Queue)


def _wrong(name: str, message: str, limit: str) -> ConfigurationError:
    return ConfigurationError("settings.invalid", f"{name} {message}", field=name, limit=limit)


Number = TypeVar("Number", int, float)


def _between(low: Number, high: Number) -> Callable[[object, Attribute[Number], Number], None]:
    def check(_: object, attribute: Attribute[Number], value: Number) -> None:
        if not low <= value <= high:
            raise _wrong(attribute.name, "is out of range", f"{low:g} to {high:g}")

    return check


def _queues(_: object, attribute: Attribute[str], value: str) -> None:
    words = [word.strip() for word in value.split(",")]
    if not set(words) <= set(QUEUES) or len(set(words)) != len(words):
        raise _wrong(attribute.name, "names a queue that is not there, or one twice", ", ".join(QUEUES))


@frozen(kw_only=True)
class ProcrastinateSettings:
    """How this process works on the queues. A process that only writes names needs none of it.

    Attributes:
        queues: which queues a worker of this process serves, separated by commas: ``sends`` (texts, and what carriers
            and payment providers are asked), ``mails``, ``renders`` (transcripts that are filed, files that are
            fetched).
        mails: how many mails at once, of the worker's threads, 1 to 64.
        renders: how many transcripts and files at once, of the worker's threads, 1 to 64.
        sweep_seconds: how often the workers, all together, look for what is due and has no name in the queue, 0.05 to
            60. It is the delay of what lost its name.
        silent_seconds: after so long without a sign of life a worker counts as dead, and its names are given back,
            1 to 600.
        dsn: where a worker finds the queue if not at the desk's URL: past a pooler that pools transactions, through
            which nobody can listen. It must lead to the same database.

    Raises:
        ConfigurationError: ``settings.invalid``; names the setting, never its value.
    """

    queues: str = field(default=", ".join(QUEUES), validator=_queues)
    mails: int = field(default=2, validator=_between(1, 64))
    renders: int = field(default=1, validator=_between(1, 64))
    sweep_seconds: float | int = field(default=2.0, validator=_between(0.05, 60.0))
    silent_seconds: float | int = field(default=30.0, validator=_between(1.0, 600.0))
    dsn: Secret[str] | None = field(default=None, converter=convert(secret))

    @property
    def served(self) -> tuple[Queue, ...]:
        """The queues, in the order of importance."""
        words = {word.strip() for word in self.queues.split(",")}
        return tuple(queue for queue in QUEUES if queue in words)

    def at_once(self, queue: Queue, threads: int) -> int:
        """How much of a queue at once, of so many threads. What is no text leaves one of them to the texts."""
        if queue == "sends":
            return threads
        rest = max(1, threads - 1) if "sends" in self.served else threads
        return min(self.mails if queue == "mails" else self.renders, rest)
