"""Write the transcript of every ended conversation of a desk into a folder, as PDF and as text.

    python export_transcript.py desk.db transcripts/

Run it again whenever you like: the same conversation gives the same file, byte for byte.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import convokit


def ended(desk: convokit.PracticeDesk) -> Iterator[convokit.Conversation]:
    """Every conversation in the history, page by page."""
    page = desk.history(limit=200)
    yield from page.items
    while page.next is not None:
        page = desk.history(after=page.next, limit=200)
        yield from page.items


def file_name(practice: convokit.Practice, talk: convokit.Conversation) -> str:
    """A name that sorts by practice and local day, says who it is about, and is never used twice."""
    day = (talk.ended_at or talk.started_at).astimezone(ZoneInfo(practice.time_zone))
    who = re.sub(r"\W+", "-", f"{talk.client_name or 'unknown'} {talk.patient_name}").strip("-")
    return f"{practice.id}_{day:%Y-%m-%d}_{who[:60]}_{talk.id}"


def export(desk: convokit.PracticeDesk, folder: Path) -> int:
    """Write both files of each conversation; how many conversations there were."""
    talks = list(ended(desk))
    for talk in talks:
        document = desk.transcript(talk.id)
        for suffix in (".pdf", ".txt"):
            print(document.write(folder / (file_name(desk.practice, talk) + suffix)))
    return len(talks)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("database", type=Path, help="the desk's SQLite file")
    parser.add_argument("folder", type=Path, help="where the transcripts go; made if it is missing")
    given = parser.parse_args()
    if not given.database.is_file():
        parser.error(f"there is no file {given.database}")  # convokit.open would make an empty desk
    given.folder.mkdir(parents=True, exist_ok=True)
    try:
        with convokit.open(f"sqlite:///{given.database.resolve()}") as kit:
            count = sum(export(kit.practice(practice.id), given.folder) for practice in kit.practices())
    except convokit.ConvokitError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{count} ended conversations", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
