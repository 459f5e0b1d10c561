"""Copies of frozen values with other values in some fields."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

__all__ = ["changed"]

if TYPE_CHECKING:
    # What checkers see: they know this one, and check the names and types of the fields.
    from attrs import evolve as changed
else:
    T = TypeVar("T")

    def changed(value: T, /, **fields: object) -> T:
        """The same as ``attrs.evolve``, for a frozen value that has no slots, no validators and no converters.

        ``evolve`` looks at every field and calls the initialiser with all of them. Of a conversation's thirty fields
        two or three change in a decision, and there is nothing to check: a copy of its dictionary is the same.

        Raises:
            TypeError: a field that it does not have.
        """
        known = value.__dict__
        if not fields.keys() <= known.keys():
            names = ", ".join(sorted(fields.keys() - known.keys()))
            raise TypeError(f"{type(value).__name__} has no field {names}")
        copy = object.__new__(type(value))
        copy.__dict__.update(known, **fields)
        return copy
