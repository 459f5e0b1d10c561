"""Doing it: the kit, its steps, its drivers, the worker and the webhook front."""
