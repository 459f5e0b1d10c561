"""What every host below has in common: a kit with one practice, and its members of staff by log-in name."""

from __future__ import annotations

import convokit
from convokit.gateways.simulator import Simulator

STAFF = {"kim": convokit.Staff(id="u1", name="Dr. Kim"), "sam": convokit.Staff(id="u2", name="Sam")}


def open_kit(url: str = "memory:") -> convokit.Convokit:
    """A kit with a conversation in it; its carrier is simulated, so nothing is sent anywhere."""
    carrier = Simulator(seed=7)
    kit = convokit.open(url, plugins=[carrier])
    kit.add_practice(
        convokit.Practice(
            id="happy-paws", name="Happy Paws", time_zone="America/Denver", region="US", numbers=["+13035550100"]
        )
    )
    carrier.connect(kit)
    carrier.phone("+13035550123").text("+13035550100", "Hi, are Bella's lab results in yet?")
    return kit
