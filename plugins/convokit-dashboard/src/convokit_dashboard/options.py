"""How a host wants its dashboard: what it looks like, who may frame it, how it stays live. Checked when it is made."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final, Literal, cast

from attrs import field, frozen

from convokit.errors import ConfigurationError

Live = Literal["stream", "poll"]

VARIABLES: Final = (
    "accent",
    "accent-ink",
    "accent-soft",
    "canvas",
    "surface",
    "ink",
    "ink-soft",
    "line",
    "radius",
    "font",
)
"""The CSS variables that a host may set, without ``--desk-`` before them."""

LOGO_TYPES: Final[Mapping[str, str]] = {".png": "image/png", ".jpg": "image/jpeg", ".webp": "image/webp"}
"""Pictures that may be the logo. No SVG: it can carry scripts."""

LARGEST_LOGO: Final = 512 * 1024

# Colours, lengths, font names: nothing that could end the declaration or fetch something.
_VALUE: Final = re.compile(r"[A-Za-z0-9#%.,()\"' /+*-]{1,200}")
_ORIGIN: Final = re.compile(r"'self'|https?://[A-Za-z0-9.*:-]{1,253}")
_LOCAL: Final = re.compile(r"/[^\s\\]*|https?://[^\s\\]+")


def _pairs(given: Mapping[str, str] | Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(given.items() if isinstance(given, Mapping) else given))


def _texts(given: Iterable[str]) -> tuple[str, ...]:
    # What is no list stays as it is, to be refused by name.
    try:
        return (given,) if isinstance(given, str) else tuple(given)
    except TypeError:
        return cast("tuple[str, ...]", given)


@frozen(kw_only=True)
class Theme:
    """What the dashboard looks like.

    Attributes:
        name: the product's name in the corner; ``""``: the practice's name.
        logo: a PNG, JPEG or WebP file of at most 512 kB.
        variables: values of :data:`VARIABLES`, as a mapping: ``{"accent": "#0a5c8f"}``.
        dark: the same for the dark appearance, where it should differ.
    """

    name: str = ""
    logo: Path | None = None
    variables: tuple[tuple[str, str], ...] = field(default=(), converter=_pairs)
    dark: tuple[tuple[str, str], ...] = field(default=(), converter=_pairs)


@frozen(kw_only=True)
class Options:
    """Everything a host can say about its dashboard.

    Attributes:
        log_in: where a visitor who is not signed in is sent: a path or URL; ``""``: they are told so with a 403.
        frame_ancestors: origins that may show the dashboard in a frame; none by default.
        live: ``"stream"``: server-sent events; ``"poll"``: a question every few seconds, for WSGI hosts.
        settings: whether managers may change the practice's settings here.
        theme: what it looks like.
    """

    log_in: str = ""
    frame_ancestors: tuple[str, ...] = field(default=(), converter=_texts)
    live: Live = "stream"
    settings: bool = True
    theme: Theme = Theme()


def check_options(options: Options) -> Options:
    """``options``, if they can be used.

    Raises:
        ConfigurationError: ``dashboard.log_in``, ``dashboard.frame_ancestors``, ``dashboard.live``,
            ``dashboard.theme``, ``dashboard.logo``.
    """
    if options.log_in and not _LOCAL.fullmatch(options.log_in):
        raise _wrong("dashboard.log_in", "log_in= is a path or a URL", "/log-in")
    if not isinstance(options.frame_ancestors, tuple):
        raise _wrong("dashboard.frame_ancestors", "frame_ancestors= is a list of origins", "'self', https://host")
    for origin in options.frame_ancestors:
        if not isinstance(origin, str) or not _ORIGIN.fullmatch(origin):
            raise _wrong("dashboard.frame_ancestors", "frame_ancestors= are origins", "'self', https://host")
    if options.live not in ("stream", "poll"):
        raise _wrong("dashboard.live", "live= is one of two words", "stream, poll")
    if not isinstance(options.theme, Theme):
        raise _wrong("dashboard.theme", "theme= is a convokit_dashboard.Theme", "Theme")
    _check_theme(options.theme)
    return options


def _check_theme(theme: Theme) -> None:
    for name, value in (*theme.variables, *theme.dark):
        if name not in VARIABLES:
            raise _wrong("dashboard.theme", f"no such variable: {name!a}", ", ".join(VARIABLES))
        if not isinstance(value, str) or not _VALUE.fullmatch(value) or "url(" in value.lower():
            raise _wrong("dashboard.theme", f"not a value for {name}", "a colour, a length or font names")
    if theme.logo is not None:
        path = Path(theme.logo)
        if path.suffix.lower() not in LOGO_TYPES or not path.is_file() or path.stat().st_size > LARGEST_LOGO:
            raise _wrong("dashboard.logo", "the logo is no picture that can be shown", "PNG, JPEG or WebP, 512 kB")


def stylesheet(theme: Theme) -> str:
    """The theme as a stylesheet of its own."""
    light = _rules(theme.variables)
    dark = _rules(theme.dark)
    parts = [f":root{{{light}}}"] if light else []
    if dark:
        parts.append(f"@media (prefers-color-scheme: dark){{:root:not([data-theme=light]){{{dark}}}}}")
        parts.append(f":root[data-theme=dark]{{{dark}}}")
    return "\n".join(parts)


def _rules(variables: tuple[tuple[str, str], ...]) -> str:
    return "".join(f"--desk-{name}:{value};" for name, value in variables)


def _wrong(code: str, why: str, limit: str) -> ConfigurationError:
    return ConfigurationError(code, why, field=code.partition(".")[2], limit=limit)
