"""From the host's mapping to a plugin's frozen settings: strict, and with errors that name the setting."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import get_args, get_origin, get_type_hints

import attrs

from convokit.errors import ConfigurationError, ConvokitError
from convokit.ports.secret import Secret

_SCALARS = (str, int, bool, float)


def check_given(kind: type[object], given: Mapping[str, object], provider: str, *, may_be_incomplete: bool) -> None:
    """Look at settings before they are used. Some may be missing where a vault may add them later; what is there must
    be known and of its type then, and is judged whole, weak secrets too, once there is all that is needed.

    Raises:
        ConfigurationError: as :func:`build_settings`.
    """
    if may_be_incomplete and any(name not in given for name in _needed(kind)):
        _check_names_and_types(kind, given, provider)
    else:
        build_settings(kind, given, provider)


def _needed(kind: type[object]) -> list[str]:
    fields = attrs.fields(kind)  # type: ignore[arg-type]  # checked when the offer is loaded
    return [field.name for field in fields if field.default is attrs.NOTHING]


def _check_names_and_types(kind: type[object], given: Mapping[str, object], provider: str) -> None:
    fields = {f.name for f in attrs.fields(kind)}  # type: ignore[arg-type]  # checked when the offer is loaded
    hints = get_type_hints(kind)
    for name, value in given.items():
        if name not in fields:
            near = difflib.get_close_matches(str(name), fields, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else f"; it knows: {', '.join(sorted(fields))}"
            raise ConfigurationError(
                "settings.unknown", f"{provider} has no setting {str(name)[:60]!r}{hint}", field=f"{provider}.{name}"
            )
        _check(value, hints[name], f"{provider}.{name}")


def build_settings(kind: type[object], given: Mapping[str, object], provider: str) -> object:
    """An instance of the settings class ``kind``. Nothing is coerced, and values never appear in errors.

    Raises:
        ConfigurationError: ``settings.unknown`` (with the nearest name), ``settings.missing``, ``settings.type``,
            ``settings.value``, ``settings.secret_weak``; ``field`` is ``"<provider>.<setting>"``.
    """
    _check_names_and_types(kind, given, provider)
    for name in _needed(kind):
        if name not in given:
            raise ConfigurationError(
                "settings.missing", f"{provider} needs the setting {name!r}", field=f"{provider}.{name}"
            )
    try:
        return kind(**given)
    except ConvokitError:
        raise
    except Exception as error:  # a plugin's own validator; its text may quote a secret, so only its type is told
        raise ConfigurationError(
            "settings.value", f"the settings of {provider} are refused ({type(error).__name__})", field=provider
        ) from None


def _check(value: object, hint: object, name: str) -> None:
    kinds = (hint, *(() if _is_secret(hint) else get_args(hint)))
    if any(map(_is_secret, kinds)):
        kinds = (*(kind for kind in kinds if not _is_secret(kind)), str)
        value = value.reveal() if isinstance(value, Secret) else value
    allowed = [kind for kind in kinds if kind in _SCALARS or kind is type(None)]
    if allowed and type(value) not in allowed:
        words = " or ".join("none" if k is type(None) else k.__name__ for k in allowed if isinstance(k, type))
        raise ConfigurationError("settings.type", f"the setting must be {words}", field=name, limit=words)


def _is_secret(hint: object) -> bool:
    return hint is Secret or get_origin(hint) is Secret
