"""The dashboard's icons: small drawings of our own on a grid of 20."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Final

from markupsafe import Markup

_DRAWN: Final[Mapping[str, str]] = {
    "check": '<path d="M4.5 10.5l3.6 3.6 7.4-8"/>',
    "checks": '<path d="M1.5 10.8l3.4 3.4 7-7.7M9.2 13.2l1.1 1 7.4-8"/>',
    "read": '<rect class="fill" x=".4" y="3.4" width="19.2" height="13.2" rx="6.6"/>'
    '<path class="cut" d="M3 10.4l2.7 2.7 4.9-5.8M9.3 12.2l.9.9 4.9-5.8"/>',
    "clock": '<circle cx="10" cy="10" r="6.8"/><path d="M10 6.2V10l2.6 1.8"/>',
    "info": '<circle class="fill" cx="10" cy="10" r="7.6"/><path class="cut" d="M10 9.2v4.6M10 6.2v.2"/>',
    "unsure": '<circle cx="10" cy="10" r="7"/><path d="M7.9 8a2.2 2.2 0 1 1 3.2 2c-.7.4-1.1.9-1.1 1.6M10 13.9v.1"/>',
    "app": '<rect x="5.5" y="2.5" width="9" height="15" rx="2"/><path d="M9 14.8h2"/>',
    "sms": '<path d="M3 4.5h14v9H9l-3.5 3v-3H3z"/>',
    "search": '<circle cx="8.7" cy="8.7" r="5"/><path d="M12.5 12.5L17 17"/>',
    "plus": '<path d="M10 4v12M4 10h12"/>',
    "close": '<path d="M5 5l10 10M15 5L5 15"/>',
    "more": '<path d="M4.5 10v.1M10 10v.1M15.5 10v.1" stroke-width="2.6"/>',
    "back": '<path d="M12.5 4.5L7 10l5.5 5.5"/>',
    "chevron": '<path d="M6 8l4 4 4-4"/>',
    "clip": '<path d="M15 9.2l-5.6 5.6a3.2 3.2 0 0 1-4.5-4.5l6.2-6.2a2.2 2.2 0 0 1 3.1 3.1l-6 6a1.1 1.1 0 0 1-1.6-1.6'
    'l5.2-5.2"/>',
    "send": '<path d="M3.5 10L17 3.8 12.2 17l-2.6-5.2zM9.6 11.8L17 3.8"/>',
    "note": '<path d="M4 3.5h12v9l-4 4H4zM12 16.5v-4h4"/><path d="M7 7h6M7 10h4"/>',
    "pay": '<rect x="2.5" y="5" width="15" height="10.5" rx="1.8"/><path d="M2.5 8.6h15M5.5 12.5h3"/>',
    "paid": '<rect x="2.5" y="5" width="15" height="10.5" rx="1.8"/><path d="M6.5 10.4l2.3 2.3 4.6-5"/>',
    "canned": '<path d="M4 5h12M4 9h12M4 13h7"/>',
    "end": '<path d="M3.5 6.5h13v9h-13zM2.8 3.8h14.4v2.7H2.8zM8 10h4"/>',
    "restart": '<path d="M4.2 8.2A6.2 6.2 0 1 1 3.9 12M4 4.2v4h4"/>',
    "mail": '<rect x="2.8" y="4.8" width="14.4" height="10.4" rx="1.6"/><path d="M3.4 6l6.6 5 6.6-5"/>',
    "unread": '<rect x="2.8" y="4.8" width="14.4" height="10.4" rx="1.6"/><path d="M3.4 6l6.6 5 6.6-5"/>'
    '<circle class="fill" cx="16.4" cy="4.6" r="2.6"/>',
    "person": '<circle cx="10" cy="7" r="3.2"/><path d="M3.8 16.5c.8-3.2 3.2-4.8 6.2-4.8s5.4 1.6 6.2 4.8"/>',
    "paw": '<path class="fill" d="M10 9.6c2.3 0 4.4 2.4 4.4 4.6 0 1.5-1.1 2.1-2.2 2.1-.9 0-1.4-.4-2.2-.4s-1.3.4-2.2.4'
    'c-1.1 0-2.2-.6-2.2-2.1 0-2.2 2.1-4.6 4.4-4.6z"/><circle class="fill" cx="4.6" cy="9" r="1.6"/>'
    '<circle class="fill" cx="7.9" cy="5.4" r="1.7"/><circle class="fill" cx="12.1" cy="5.4" r="1.7"/>'
    '<circle class="fill" cx="15.4" cy="9" r="1.6"/>',
    "alert": '<path d="M10 3.2l7.4 13H2.6zM10 8.2v3.6M10 13.9v.1"/>',
    "up": '<path d="M10 16V4.5M5.5 9L10 4.5 14.5 9"/>',
    "down": '<path d="M10 4v11.5M5.5 11l4.5 4.5 4.5-4.5"/>',
    "ban": '<circle cx="10" cy="10" r="7"/><path d="M5.2 5.2l9.6 9.6"/>',
    "download": '<path d="M10 3.5v9M6 9l4 4 4-4M4 16.5h12"/>',
    "record": '<path d="M5 2.8h7l3.5 3.5v11H5zM12 2.8v3.5h3.5M10.2 9v5M7.7 11.5h5"/>',
    "file": '<path d="M5 2.8h7l3.5 3.5v11H5zM12 2.8v3.5h3.5"/>',
    "video": '<rect x="2.5" y="5" width="10.5" height="10" rx="1.6"/><path d="M13 9l4.5-2.6v7.2L13 11"/>',
    "gear": '<circle cx="10" cy="10" r="2.6"/><path d="M10 2.8v2.4M10 14.8v2.4M2.8 10h2.4M14.8 10h2.4M4.9 4.9l1.7 1.7'
    'M13.4 13.4l1.7 1.7M15.1 4.9l-1.7 1.7M6.6 13.4l-1.7 1.7"/>',
    "filter": '<path d="M3.5 5.5h13M6 10h8M8.5 14.5h3"/>',
    "bell": '<path d="M5 13.5V9a5 5 0 0 1 10 0v4.5l1.5 1.5h-13zM8.5 17h3"/>',
    "keys": '<rect x="2.5" y="5.5" width="15" height="9" rx="1.6"/><path d="M5.5 8.5v.1M8.5 8.5v.1M11.5 8.5v.1'
    'M14.5 8.5v.1M6.5 11.5h7"/>',
    "inbox": '<path d="M3 11.5l2.4-7h9.2l2.4 7v4.5H3zM3 11.5h4l1 2h4l1-2h4"/>',
    "history": '<path d="M3.6 10a6.4 6.4 0 1 1 2 4.6M3.4 6.2V10h3.8M10 6.6V10l2.4 1.6"/>',
    "link": '<path d="M8.4 11.6a3 3 0 0 0 4.3 0l2.6-2.6a3 3 0 0 0-4.3-4.3l-1 1M11.6 8.4a3 3 0 0 0-4.3 0L4.7 11'
    'a3 3 0 0 0 4.3 4.3l1-1"/>',
    "department": '<path d="M3 16.5V8l7-4.5L17 8v8.5zM8 16.5v-4h4v4"/>',
}


@cache
def icon(name: str, size: int = 20) -> Markup:
    """An icon as inline SVG; it says nothing by itself, the words beside it do."""
    drawn = _DRAWN[name]
    head = f'<svg class="icon" viewBox="0 0 20 20" width="{int(size)}" height="{int(size)}" aria-hidden="true">'
    return Markup(f"{head}{drawn}</svg>")  # noqa: S704 - drawings of our own
