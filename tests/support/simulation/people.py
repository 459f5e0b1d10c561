"""Clients and their phones, their apps, and members of staff: who they are and what they write."""

from __future__ import annotations

import random
from typing import Final

import convokit
from simulation.outside import Side, Word

CLIENTS: Final = 4

WORDS: Final[dict[Word, tuple[str, ...]]] = {
    "stop": ("STOP", "stop", "Stop.", "unsubscribe", "S.T.O.P", "\uff33\uff34\uff2f\uff30", "please stop texting me"),
    "start": ("START", "unstop", "start."),
    "help": ("HELP", "help?"),
    "maybe": ("\u0405\u0422\u041e\u0420", "ST0P"),
}
"""What clients write besides the plain texts, and what it means; the plain ones are made up, each once."""

PLAIN: Final = (
    "Can you stop by at 3? Bella won't stop coughing",
    "\U0001f436\U0001f469\u200d\U0001f467 merci, caf\u00e9",
    "She ate chocolate",
    "abc\u202egpj.exe",
    "\u0007bell\r\nand more",
)


def client(side: Side, number: int) -> convokit.Client:
    """A client; both practices have clients with the same ids and phones."""
    return convokit.Client(
        id=f"c{number}", name=f"Ana {side.mark}", phone=phone(number), email=f"ana{number}@example.com"
    )


def some(chance: random.Random) -> int:
    """One of the clients; some write more than others."""
    return chance.choice((0, 0, 0, 1, 1, 2, 3))


def phone(number: int) -> str:
    """A client's phone."""
    return f"+1303555012{number}"


def staff(side: Side, chance: random.Random) -> convokit.Staff:
    """Somebody at the desk."""
    number = chance.randrange(2)
    return convokit.Staff(id=f"u{number}", name=f"Dr. {'Kim' if number else 'Lee'} {side.mark}")


def plain(side: Side, chance: random.Random, number: int) -> str:
    """A text that nobody writes twice."""
    return f"{side.mark} {chance.choice(PLAIN)} #{number}"
