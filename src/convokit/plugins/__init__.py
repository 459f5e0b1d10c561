"""Hooks, and the plugins that fill them in. The only importer of pluggy.

A plugin is a module or an object with methods marked by :data:`hookimpl`::

    from convokit.plugins import hookimpl

    @hookimpl
    def convokit_sms_gateways():
        return [SmsGatewayOffer(name="pigeon", settings=PigeonSettings, build=Pigeon)]
"""

from __future__ import annotations

from typing import Final

import pluggy

PROJECT: Final = "convokit"
"""Name of the pluggy project and of the entry-point group."""

hookimpl: pluggy.HookimplMarker = pluggy.HookimplMarker(PROJECT)
"""Marks a plugin's implementation of a hook."""

__all__ = ["PROJECT", "hookimpl"]
