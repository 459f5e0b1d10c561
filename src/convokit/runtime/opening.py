"""The front door."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from convokit.runtime.documents import TranscriptSettings
from convokit.runtime.kit import Convokit
from convokit.runtime.plugin_limits import PluginLimits
from convokit.runtime.world import random_id, system_clock


def open(  # noqa: A001 - the promised name, used as convokit.open
    url: str,
    *,
    plugins: Iterable[str | object] = (),
    settings: Mapping[str, Mapping[str, object]] | None = None,
    public_url: str | None = None,
    media: str | None = None,
    private_media_hosts: Iterable[str] = (),
    transcripts: TranscriptSettings | None = None,
    records: str | None = None,
    plugin_limits: PluginLimits | None = None,
    clock: Callable[[], datetime] = system_clock,
    fresh_id: Callable[[str], str] = random_id,
) -> Convokit:
    """Open a conversations desk; its storage is created and migrated.

    Args:
        url: ``"sqlite:///desk.db"`` (relative), ``"sqlite:////var/lib/desk.db"`` (absolute), ``"memory:"``;
            ``"postgresql://ROLE@HOST/DATABASE"`` with the extra ``postgres``, whose tables another role has made
            (``convokit migrate``).
        plugins: a list of what is enabled: names of installed plugins (``"kannel"``, ``"simulator"``) or plugin
            objects of the host itself. Nothing else is imported.
        settings: settings by provider, for all practices: ``{"kannel": {"send_url": ...}}``; the hook
            ``convokit_settings`` adds to them by practice. They are checked here, weak secrets too; where that hook may
            still add what is missing, only their names and types, and the rest when a practice first needs them.
        public_url: where the host mounts :meth:`Convokit.front`, as providers and clients see it; https, except on
            this machine.
        media: where the files of messages are kept: ``"folder:///files"`` (relative), ``"folder:////var/lib/files"``
            (absolute), ``"memory:"``. Default: beside the SQLite file (``desk.db.media``), in memory beside a desk in
            memory, else nowhere.
        private_media_hosts: ``"host:port"`` that files of clients may be fetched from although they are on the host's
            own network, also by plain HTTP: a carrier's gateway next door, or a test.
        transcripts: further fonts of transcripts, and the key that signs them.
        records: a folder that transcripts are filed in, for hosts whose plugins have no ``convokit_records``:
            ``"folder"`` (beside the SQLite file, ``desk.db.records``), ``"folder:///records"`` (relative),
            ``"folder:////var/lib/records"`` (absolute).
        plugin_limits: how long a plugin may take, and when a provider that fails is left alone for a while.
        clock: the present moment as an aware datetime; for tests and simulations.
        fresh_id: makes unguessable ids from a short prefix; for tests and simulations.

    Raises:
        ConfigurationError: a plugin, a setting or the URL is wrong.
        StorageError: the storage cannot be opened or migrated.
    """
    return Convokit(
        url,
        plugins=plugins,
        settings=settings,
        public_url=public_url,
        media=media,
        private_media_hosts=private_media_hosts,
        transcripts=transcripts,
        records=records,
        plugin_limits=plugin_limits,
        clock=clock,
        fresh_id=fresh_id,
    )
