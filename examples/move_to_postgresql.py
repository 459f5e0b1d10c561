"""Move a desk from its SQLite file into PostgreSQL, and look at both sides.

python move_to_postgresql.py sqlite:///desk.db postgresql://OWNER@HOST/DATABASE postgresql://ROLE@HOST/DATABASE ROLE
"""

import sys

import convokit
from convokit.runtime.moving import MoveProgress, move_desk

source, owner_url, app_url, app_role = sys.argv[1:]


def show(so_far: MoveProgress) -> None:
    print(f"{so_far.doing} {so_far.what}: {so_far.done} of {so_far.of}", file=sys.stderr)


report = move_desk(source, owner_url, app_roles=[app_role], progress=show)
print(f"{sum(table.rows for table in report.tables)} rows, {report.files} files, differences: {len(report.differs)}")

for url in (source, app_url):
    with convokit.open(url) as kit:
        for practice in kit.practices():
            desk = kit.practice(practice.id)
            for row in desk.inbox().items:
                said = desk.transcript(row.id).transcript
                print(f"{url.partition(':')[0]}: {row.client_name}, {said.count} entries, ends in {said.head[:12]}")
