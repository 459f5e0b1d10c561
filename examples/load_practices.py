"""Open a desk with the practices of a TOML file.

    python load_practices.py practices.toml sqlite:///desk.db

Start it again after a change of the file: the practices get their new rules, conversations stay.
"""

from __future__ import annotations

import sys

import convokit


def main(file: str, url: str) -> int:
    """Add every practice of the file; say which setting is wrong if one is."""
    try:
        practices = convokit.load_practices(file)
    except convokit.ConvokitError as error:
        print(f"{error.field}: {error.message}", file=sys.stderr)
        return 1
    with convokit.open(url) as kit:
        for practice in practices:
            kit.add_practice(practice)
            print(f"{practice.id}: {practice.name}, {', '.join(practice.numbers)}")
    return 0


if __name__ == "__main__":
    if len(sys.argv) != len(("program", "file", "url")):
        sys.exit("usage: load_practices.py FILE.toml DATABASE_URL")
    sys.exit(main(*sys.argv[1:]))
