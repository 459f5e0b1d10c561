"""``python -m convokit_push_webpush``: a fresh key pair, to be kept in the host's vault."""

from __future__ import annotations

import sys

from convokit_push_webpush.keys import fresh_private_key, point_of, private_key, to_text


def main() -> None:
    """Print a private key, and the public one that the page subscribes with."""
    fresh = fresh_private_key()
    sys.stdout.write(f"private_key            {fresh}\n")
    sys.stdout.write(f"application server key {to_text(point_of(private_key(fresh)))}\n")


if __name__ == "__main__":
    main()
