"""Each conversation that ends is filed in the patient's medical record; staff file an open one by hand.

The record here is a table of SQLite, as practice software has one. Its key is the document's id: what comes twice is
there once. For a folder instead: convokit.open(..., records="folder").

    python file_transcripts.py records.db
"""

import sqlite3
import sys
from contextlib import closing

import convokit
from convokit.outcomes import Accepted, Outcome, Refused, TryLater
from convokit.plugins import hookimpl
from convokit.ports.records import RecordDocument, Records

TABLE = """
CREATE TABLE IF NOT EXISTS document (
    number INTEGER PRIMARY KEY, practice TEXT, id TEXT, patient TEXT, title TEXT, head TEXT, entries INTEGER,
    content BLOB, UNIQUE (practice, id)
)"""
PUT = """
INSERT INTO document (practice, id, patient, title, head, entries, content) VALUES (?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (practice, id) DO UPDATE SET patient = excluded.patient, title = excluded.title, head = excluded.head,
    entries = excluded.entries, content = excluded.content
RETURNING number"""


class MedicalRecords:
    """The plugin, and the record itself. Several threads may be in it, so each document has a connection of its own."""

    name = "medical-records"

    def __init__(self, path: str, patients: set[str]) -> None:
        self.path = path
        self.patients = patients

    @hookimpl
    def convokit_records(self) -> Records:
        return self

    def file(self, document: RecordDocument) -> Outcome:
        if document.patient_id not in self.patients:
            return Refused(reason="unknown", raw="no such patient")
        row = (document.practice_id, document.id, document.patient_id, document.title, document.head, document.count)
        try:
            with closing(sqlite3.connect(self.path, timeout=10)) as record, record:
                record.execute(TABLE)
                (number,) = record.execute(PUT, (*row, document.content)).fetchone()
        except sqlite3.OperationalError as error:  # locked, or the disk is full: nothing is in it
            return TryLater(raw=str(error))
        return Accepted(provider_id=f"D-{number}")


def main(path: str) -> None:
    with convokit.open("memory:", plugins=[MedicalRecords(path, patients={"p4", "p9"})]) as kit:
        kit.add_practice(convokit.Practice(id="hp", name="Happy Paws"))
        desk = kit.practice("hp")
        kim = convokit.Staff(id="u1", name="Dr. Kim")
        ana = convokit.Client(id="c17", name="Ana Ruiz")
        ben = convokit.Client(id="c18", name="Ben Okafor")

        bella = desk.start(client=ana, patient=convokit.Patient(id="p4", name="Bella"), title="Lab results", by=kim)
        desk.send_and_end(bella.id, "All values are fine. Take care!", by=kim)  # filed by itself
        rex = desk.start(client=ben, patient=convokit.Patient(id="p9", name="Rex"), by=kim)
        desk.file_transcript(rex.id, by=kim)  # the conversation goes on
        nobody = desk.start(client=convokit.Client(id="c19", name="Cleo Marsh"), by=kim)
        desk.end(nobody.id, by=kim)
        kit.work()  # kit.run() is the worker that does so all day

        for conversation in (bella, rex, nobody):
            for entry in desk.thread(conversation.id).items:
                if entry.event in ("transcript_filed", "transcript_not_filed"):
                    print(f"{entry.text} [{entry.raw}]")


if __name__ == "__main__":
    main(sys.argv[1])
