"""Metrics and spans for OpenTelemetry: what was done, how often and how long; nothing that anybody wrote."""

from convokit_otel.observing import convokit_changed, convokit_measured, convokit_payment_settled

__all__ = ["convokit_changed", "convokit_measured", "convokit_payment_settled"]
