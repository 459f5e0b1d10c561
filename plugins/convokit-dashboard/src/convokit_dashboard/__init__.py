"""The conversations dashboard of the convokit desk, to be mounted in any web application."""

from __future__ import annotations

from convokit_dashboard.app import dashboard
from convokit_dashboard.mounting import mounted
from convokit_dashboard.options import Theme
from convokit_dashboard.visitor import Visitor

__all__ = ["Theme", "Visitor", "dashboard", "mounted"]
