"""What every command that opens a desk takes, and opening it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

import click
from attrs import frozen

from convokit.cli.root import enabled_plugins, plugin_option
from convokit.errors import ConfigurationError, NotFound, StorageError

if TYPE_CHECKING:
    from convokit.domain.rules import Practice
    from convokit.ports.store import Store
    from convokit.ports.stores import StoreOffer
    from convokit.runtime.kit import Convokit

_SQLITE: Final = "sqlite:///"
# One letter alone is a drive of Windows.
_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")

Command = TypeVar("Command", bound=Callable[..., object])


def url_of(database: str) -> str:
    """The URL of a database that was given as one, or as a plain file: ``desk.db`` is ``sqlite:///desk.db``."""
    return database if _SCHEME.match(database) else _SQLITE + Path(database).as_posix()


def file_of(url: str) -> Path | None:
    """The SQLite file of a URL; ``None`` for other stores."""
    name = url.removeprefix(_SQLITE)
    return None if name in (url, "") else Path(name).expanduser()


@frozen(kw_only=True)
class DeskOptions:
    """Where the desk is, and what is enabled there."""

    url: str
    plugins: tuple[str, ...] = ()
    settings_file: Path | None = None
    public_url: str | None = None
    media: str | None = None
    records: str | None = None
    fonts: tuple[str, ...] = ()
    key: Path | None = None

    def settings(self) -> Mapping[str, Mapping[str, object]]:
        """The settings by provider.

        Raises:
            ConfigurationError: ``settings.file``.
        """
        if self.settings_file is None:
            return {}
        import tomllib

        try:
            found = tomllib.loads(self.settings_file.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            # A parser's words may quote the file, which holds secrets; its kind and the file's name do not.
            why = f"{self.settings_file.name} cannot be read as TOML ({type(error).__name__})"
            raise ConfigurationError("settings.file", why, field="settings") from None
        loose = sorted(name for name, value in found.items() if not isinstance(value, dict))
        if loose:
            why = f"{loose[0]!r} is not in a table; settings go into a table per provider, [kannel]"
            raise ConfigurationError("settings.file", why, field="settings")
        return found

    def check_file(self) -> None:
        """Refuse a SQLite file that is not there: a typing mistake must not make an empty desk.

        Raises:
            StorageError: ``storage.missing``; ``storage.not_a_database`` for a folder.
        """
        file = file_of(self.url)
        if file is not None and file.is_dir():
            why = "this is a folder; name the database in it, as in folder/desk.db"
            raise StorageError("storage.not_a_database", why, field="db")
        if file is not None and not file.exists():
            why = "there is no database at this place; the host makes it with convokit.open"
            raise StorageError("storage.missing", why, field="db")

    def open(self) -> Convokit:
        """The kit.

        Raises:
            ConvokitError: as :func:`convokit.open`; ``storage.missing``.
        """
        from convokit.runtime.documents import TranscriptSettings
        from convokit.runtime.opening import open as open_kit

        self.check_file()
        with _urls_explained(self.url):
            return open_kit(
                self.url,
                plugins=self.plugins,
                settings=self.settings(),
                public_url=self.public_url,
                media=self.media,
                transcripts=TranscriptSettings(fonts=self.fonts, key=self.key),
                records=self.records,
            )

    def open_store(self, offered: Mapping[str, StoreOffer]) -> Store:
        """The store alone.

        Raises:
            ConvokitError: as :meth:`open`.
        """
        from convokit.stores.builtin import open_store

        self.check_file()
        with _urls_explained(self.url):
            return open_store(self.url, offered)


@contextmanager
def _urls_explained(url: str) -> Iterator[None]:
    """Say what ``--db`` may be: the library's own words propose a store that forgets, which is of no use here."""
    try:
        yield
    except ConfigurationError as error:
        if error.code != "store.url" or url.startswith("postgres"):
            raise
        why = "no enabled store opens this; give a file (desk.db), its URL (sqlite:///desk.db), or postgresql://..."
        raise ConfigurationError("store.url", why, field="db") from None


def desk_options(command: Command) -> Command:
    """Add the options of a desk to a command; :func:`desk_of` reads them."""
    return _desk_options(command, required=True)


def optional_desk_options(command: Command) -> Command:
    """The same for a command that can do without a desk: ``--db`` may be left out."""
    return _desk_options(command, required=False)


def _desk_options(command: Command, *, required: bool) -> Command:
    options = (
        click.option("--db", "database", envvar="CONVOKIT_DB", metavar="DB", required=required, show_envvar=True,
                     help="The desk's database: a file, desk.db, or a URL: sqlite:///desk.db, postgresql://..."),
        click.option("--settings", "settings_file", type=click.Path(exists=True, dir_okay=False, path_type=Path),
                     help="TOML file with a table of settings per provider."),
        click.option("--public-url", envvar="CONVOKIT_PUBLIC_URL", show_envvar=True, metavar="URL",
                     help="Where the host mounts the webhooks, as carriers see it."),
        click.option("--media", envvar="CONVOKIT_MEDIA", show_envvar=True, metavar="URL",
                     help="Where the files of messages are, as the host gives it to convokit.open."),
        click.option("--records", envvar="CONVOKIT_RECORDS", show_envvar=True, metavar="URL",
                     help="A folder that transcripts are filed in, as the host gives it to convokit.open."),
        click.option("--fonts", multiple=True, type=click.Path(), envvar="CONVOKIT_FONTS", show_envvar=True,
                     metavar="PATH", help="A font or a folder of fonts for transcripts, or \"system\"; repeatable."),
        click.option("--key", type=click.Path(path_type=Path), envvar="CONVOKIT_KEY", show_envvar=True, metavar="FILE",
                     help="PEM file with the Ed25519 key that signs transcripts."),
    )  # fmt: skip
    for option in reversed(options):
        command = option(command)
    return with_plugins(command)


def with_plugins(command: Command) -> Command:
    """Add ``--plugin``."""
    made = plugin_option()
    shown = click.option(*made.opts, made.name or "", multiple=True, metavar=made.metavar, help=made.help)
    return shown(command)


def desk_of(given: Mapping[str, object], ctx: click.Context) -> DeskOptions:
    """The options of :func:`desk_options`, as click gave them."""
    names = ("database", "plugins", "settings_file", "public_url", "media", "records", "fonts", "key")
    database, plugins, file, public, media, records, fonts, key = (given[name] for name in names)
    assert isinstance(database, str)  # noqa: S101 - click requires it, or the command has looked
    assert isinstance(plugins, tuple)  # noqa: S101 - click makes it
    assert isinstance(fonts, tuple)  # noqa: S101 - click makes it
    return DeskOptions(
        url=url_of(database),
        plugins=enabled_plugins(plugins, ctx),
        settings_file=file if isinstance(file, Path) else None,
        public_url=public if isinstance(public, str) else None,
        media=media if isinstance(media, str) else None,
        records=records if isinstance(records, str) else None,
        fonts=fonts,
        key=key if isinstance(key, Path) else None,
    )


def chosen_practices(kit: Convokit, practice_id: str | None) -> tuple[Practice, ...]:
    """The one practice that is named, else all.

    Raises:
        NotFound: ``practice.unknown``.
    """
    if practice_id is not None:
        return (kit.practice(practice_id).practice,)
    found = kit.practices()
    if not found:
        raise NotFound("practice.none", "this database has no practice yet", field="db")
    return found


def print_json(value: object) -> None:
    """For programs: one JSON value, in ASCII so that every encoding carries it."""
    click.echo(json.dumps(value, indent=2))
