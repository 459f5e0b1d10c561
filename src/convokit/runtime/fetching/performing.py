"""Fetching the files that came with a text; each under the lease of its job."""

from __future__ import annotations

import hashlib
import http.client
import logging
from collections.abc import Iterator
from typing import Final

from attrs import evolve

from convokit.domain.rules import Practice
from convokit.effects import FetchMedia, OwedJob
from convokit.errors import ConfigurationError, InvalidInput, StorageError
from convokit.facts import MediaFetched
from convokit.outcomes import Accepted, Outcome, Refused, TryLater
from convokit.plugins.faults import contain, log_fault
from convokit.ports.sms import FetchesMedia
from convokit.ports.wire import HttpRequest
from convokit.runtime.fetching.addresses import ForbiddenError
from convokit.runtime.fetching.client import CutShortError, MediaClient
from convokit.runtime.files import Files
from convokit.runtime.gateways import Gateways, PracticeGateway
from convokit.runtime.world import World

CARRIER: Final = "carrier"
"""Whose upload a fetched file is, until it is in its message: nobody's at the desk."""

_FETCHED: Final = 200
_NEVER: Final = frozenset({400, 405, 410, 451})

_log = logging.getLogger("convokit")


class MediaPerformer:
    """Does the jobs of the kind :class:`FetchMedia`."""

    def __init__(self, files: Files, gateways: Gateways, client: MediaClient, world: World) -> None:
        self._files = files
        self._gateways = gateways
        self._client = client
        self._world = world

    def perform(self, practice: Practice, owed: OwedJob) -> MediaFetched:
        """See :class:`convokit.runtime.jobs.JobPerformer`."""
        job = _job(owed)
        try:
            carrier = self._gateways.of(practice.id)
            if carrier is None:
                return self._later(owed, "file.fetch_failed", "no carrier is set up")
            return self._fetch(practice, owed, job, carrier)
        except ForbiddenError as error:
            _log.warning("practice %s: a file was not fetched: %s", practice.id, error)
            return self._never(owed, "file.fetch_forbidden", str(error))
        except InvalidInput as error:
            return self._never(owed, error.code, error.message)
        except (StorageError, ConfigurationError) as error:
            return self._later(owed, error.code, error.message)
        except (OSError, http.client.HTTPException, CutShortError) as error:
            return self._later(owed, "file.fetch_failed", f"no answer, or not all of it ({type(error).__name__})")

    def _fetch(self, practice: Practice, owed: OwedJob, job: FetchMedia, carrier: PracticeGateway) -> MediaFetched:
        request = _request(carrier, job.url)
        with self._client.get(request, carrier.capabilities.media_hosts) as answer:
            if answer.status in _NEVER:
                return self._never(owed, "file.fetch_gone", f"status {answer.status}")
            if answer.status != _FETCHED:
                # Also 401, 403 and 404: some carriers answer so until the file is there.
                return self._later(owed, "file.fetch_failed", f"status {answer.status}")
            upload = self._files.keep(practice.id, CARRIER, "", _whole(answer.chunks, job.sha256))
        done = self._said(owed, Accepted(), None)
        return evolve(done, attachment=evolve(upload.attachment, via="mms"))

    def refused(self, practice: Practice, owed: OwedJob, reason: str, raw: str) -> MediaFetched:
        """See :class:`convokit.runtime.jobs.JobPerformer`."""
        return self._said(owed, Refused(reason=reason, raw=raw), "file.fetch_gone")

    def abandoned(self, practice: Practice, owed: OwedJob) -> MediaFetched:
        """See :class:`convokit.runtime.jobs.JobPerformer`. Fetching again harms nobody."""
        return self._later(owed, "file.fetch_failed", "it was interrupted")

    def _later(self, owed: OwedJob, code: str, raw: str) -> MediaFetched:
        return self._said(owed, TryLater(raw=raw), code)

    def _never(self, owed: OwedJob, code: str, raw: str) -> MediaFetched:
        return self._said(owed, Refused(reason="media_problem", raw=raw), code)

    def _said(self, owed: OwedJob, outcome: Outcome, reason: str | None) -> MediaFetched:
        job = _job(owed)
        return MediaFetched(
            key=owed.key,
            tries=owed.tries,
            outcome=outcome,
            at_us=self._world.now_us(),
            conversation_id=job.conversation_id,
            entry_id=job.entry_id,
            attachment_id=job.attachment_id,
            reason=reason,
        )


def _job(owed: OwedJob) -> FetchMedia:
    assert isinstance(owed.job, FetchMedia)  # noqa: S101 - jobs are given to the performer of their kind
    return owed.job


def _whole(chunks: Iterator[bytes], sha256: str) -> Iterator[bytes]:
    """The same pieces. At their end they must be what the carrier named, if it named anything.

    Raises:
        CutShortError: they are something else.
    """
    digest = hashlib.sha256()
    for chunk in chunks:
        digest.update(chunk)
        yield chunk
    if sha256 and digest.hexdigest() != sha256:
        raise CutShortError("another content than the carrier named")


def _request(carrier: PracticeGateway, url: str) -> HttpRequest:
    """The GET, with the gateway's credentials if it has a say; its URL stays the provider's."""
    plain = HttpRequest(method="GET", url=url)
    if not isinstance(carrier.gateway, FetchesMedia):
        return plain
    try:
        asked = carrier.gateway.media_request(url)
    except BaseException as error:  # whatever a plugin raises
        contain(error)
        log_fault(_log, f"carrier {carrier.provider} made no request for a file", error)
        raise OSError("the gateway raised") from None
    return evolve(plain, headers=asked.headers) if isinstance(asked, HttpRequest) else plain
