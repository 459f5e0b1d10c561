"""The tables of the manual say what the code says."""

from __future__ import annotations

import ast
import inspect
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, cast, get_args

import attrs
import click
import pytest
from attrs import NOTHING
from made_transcripts import conversation, entry, practice

import convokit
import convokit.testing
from convokit.cli import cli, exits
from convokit.decisions.automatic import ANSWER_WINDOW, LATE, MOST_AN_HOUR, Unsent
from convokit.decisions.filing import GIVE_UP_AFTER
from convokit.domain import consent_words, inbox, phone
from convokit.domain.attachment import Attachment
from convokit.domain.conversation import EntryKind, EventKind, Side
from convokit.domain.delivery import ANSWER_LOST, DELIVERY_NAMES, NOT_FOUND, QUIET, Channel, Delivery, indicator
from convokit.domain.instant import DAY, MINUTE, SECOND
from convokit.domain.reasons import REASONS
from convokit.domain.redaction import Redaction
from convokit.domain.reminder_kinds import KINDS
from convokit.domain.reminders import MOST_REMINDERS
from convokit.domain.retry import wait
from convokit.domain.transcript import TranscriptFile, TranscriptHead
from convokit.domain.transcript_building import build_transcript
from convokit.domain.transcript_record import FORMAT, Seal
from convokit.domain.transcript_words import FLAG_WORDS
from convokit.plugins.hookspecs import Hooks
from convokit.runtime import app_front, checks, checks_practice
from convokit.runtime.app_front import ACTS
from convokit.runtime.perform import LEASE
from convokit.runtime.webhooks import LARGEST_WEBHOOK
from convokit.stores.sql import schema
from convokit.stores.sql.sqlite.engine import SqliteDatabase
from convokit.testing import FAULTS
from convokit.testing.situations import PAYMENTS, PUSH, REPORTS, SENDS, SIGNATURES, SMS, Situation
from convokit.transcripts import TranscriptDocument

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = ROOT / "docs" / "reference"
SOURCES = sorted([*(ROOT / "src").rglob("*.py"), *(ROOT / "plugins").glob("*/src/**/*.py")])


def page(name: str) -> str:
    return (REFERENCE / f"{name}.md").read_text(encoding="utf-8")


def section(name: str, heading: str) -> str:
    """What stands under a heading, up to the next one of any level."""
    _, found, rest = page(name).partition(f"\n{heading}\n")
    assert found, f"{name}.md has no heading {heading!r}"
    return re.split(r"\n#{1,6} ", rest, maxsplit=1)[0]


def rows(text: str) -> list[list[str]]:
    """The cells of a table's rows, without its head; code marks are taken off."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip().strip("`") for cell in line.strip("|").split("|")] for line in lines[2:]]


def prose(text: str) -> str:
    """A text without its blocks of code."""
    return re.sub(r"^```.*?^```$", "", text, flags=re.DOTALL | re.MULTILINE)


def words(text: str) -> set[str]:
    """Everything that is written as code in a list of words."""
    return set(re.findall(r"`([^`]+)`", text))


# --- delivery and reasons ---------------------------------------------------------------------------------------------


def test_the_order_of_delivery() -> None:
    assert [(int(rank), name) for rank, name, _ in rows(section("delivery", "## The order"))] == [
        (delivery.value, delivery.name.lower()) for delivery in Delivery
    ]


@pytest.mark.parametrize(("heading", "channel"), [("### Text", "sms"), ("### App", "app")])
def test_the_indicator_table(heading: str, channel: str) -> None:
    found = rows(section("delivery", heading))
    assert [row[0] for row in found] == [delivery.name.lower() for delivery in Delivery]
    for name, mark, color, label, advice in found:
        shown = indicator(channel=channel, delivery=name)
        assert (mark, color, label) == (shown.mark, shown.color, shown.label)
        if shown.reason is None:
            assert advice == (shown.advice or "")
        else:
            assert "reasons.md" in advice


def test_every_mark_is_explained() -> None:
    marks = inspect.get_annotations(convokit.Indicator, eval_str=True)["mark"].__args__
    assert {name for name, _ in rows(section("delivery", "### The marks"))} == set(marks)


def test_the_reasons() -> None:
    assert rows(section("reasons", "## The categories")) == [
        [reason.category, reason.advice, reason.retry, reason.who, "yes" if reason.lasting else ""]
        for reason in REASONS.values()
    ]
    assert {row[0] for row in rows(section("reasons", "## Which of them convokit says itself"))} <= REASONS.keys()


# --- consent ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("heading", "keywords"),
    [
        ("### Stop", consent_words.STRONG_STOP),
        ("### Perhaps", consent_words.MAYBE_CANCEL),
        ("### Start", consent_words.START_WORDS),
        ("### Start, while the number is opted out", consent_words.YES_WORDS),
        ("### Help", consent_words.HELP_WORDS),
    ],
)
def test_the_keywords(heading: str, keywords: frozenset[str]) -> None:
    assert words(section("consent-words", heading)) == keywords


def test_the_keywords_about_appointments() -> None:
    text = section("consent-words", "### Stop only when nothing else stands in the message")
    bare, _, cancel = text.partition("Carriers block")
    assert words(bare) == consent_words.APPOINTMENT_STOP
    assert words(cancel) == consent_words.CANCEL_WORDS


def test_the_verdicts() -> None:
    kinds = inspect.get_annotations(convokit.Verdict, eval_str=True)["kind"].__args__
    assert {row[0] for row in rows(section("consent-words", "## The verdicts"))} == set(kinds)


# --- practice and rules -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("heading", "kind"),
    [
        ("## Practice", convokit.Practice),
        ("## Rules", convokit.Rules),
        ("### Departments", convokit.Department),
        ("### Ready texts", convokit.CannedReply),
        ("### App audience", convokit.AppAudience),
        ("### Conversation hours", convokit.ConversationHours),
        ("### Payments", convokit.PaymentRules),
        ("### Records", convokit.RecordRules),
        ("### Push", convokit.PushRules),
        ("### Quiet hours", convokit.QuietHours),
    ],
)
def test_every_field_with_its_default(heading: str, kind: type[attrs.AttrsInstance]) -> None:
    found = {name: default for name, default, _ in rows(section("rules", heading))}
    fields = attrs.fields(kind)
    assert list(found) == [field.name for field in fields]
    for field in fields:
        if field.default is NOTHING:
            assert found[field.name] == "required"
        else:
            names = {name: getattr(convokit, name) for name in convokit.__all__}
            assert eval(found[field.name], names) == field.default  # noqa: S307 - our own manual


def test_what_the_rules_may_be() -> None:
    told = {f"rules.{name}": meaning for name, _, meaning in rows(section("rules", "## Rules"))}
    refused = {row[0]: row[1] for row in rows(section("errors", "## Practices"))}
    for field, (least, most) in checks_practice.RANGES.items():
        assert f"{least} to {most:,}" in told[field], field
        assert f"from {least} to {most:,}." in refused[field], field
    assert (
        f"At most {checks_practice.STOP_WORDS_LIMIT} of 1 to {checks_practice.STOP_WORD_LENGTH} characters"
        in (told["rules.stop_words"])
    )
    assert f"At most {checks_practice.EMOJI_LIMIT} kinds" in told["rules.reminder_emojis"]
    assert f"At most {checks_practice.ANSWER_LENGTH:,} characters" in told["rules.confirmation"]


def test_the_fixed_values() -> None:
    told = dict(rows(section("rules", "## Fixed values")))
    assert told == {
        "a title, or the name of a client, patient or member of staff": f"at most {checks.NAME_LIMIT} characters",
        "an id of the host's, a `client_ref": f"1 to {checks.ID_LIMIT} characters",
        "the reason of an opt-out": f"1 to {checks.REASON_LIMIT:,} characters",
        "rows of a page": f"1 to {inbox.LARGEST_PAGE}",
        "past-due reminders of a patient": f"the first {MOST_REMINDERS} are judged",
        "counts beside the tabs": f'exact up to {inbox.BADGE_CAP}, then "{inbox.Badges.shown(inbox.BADGE_CAP + 1)}"',
        "a text's second try, third try, ...": f"{wait(1) // SECOND} seconds after the first, then the wait doubles, "
        f"up to {wait(99) // MINUTE} minutes; a carrier's `Retry-After` may lengthen it, up to an hour",
        "lease of a hand-over": f"{LEASE // MINUTE} minutes",
        "automatic texts to one number, of all kinds": f"{MOST_AN_HOUR} an hour",
        "an away reply or a greeting that could not leave": f"dropped after {ANSWER_WINDOW // MINUTE} minutes",
        "body of a webhook": f"at most {LARGEST_WEBHOOK:,} bytes",
        "a transcript that the medical record does not take": f"given up after {GIVE_UP_AFTER // DAY} days",
    }


def test_the_kinds_of_reminders() -> None:
    found = rows(section("rules", "## Reminder kinds"))
    told = [(kind, emoji, label, words(f"`{others}`")) for kind, emoji, label, others in found]
    assert told == [(one.kind, one.emoji, one.label, set(one.others)) for one in KINDS]


# --- hooks ------------------------------------------------------------------------------------------------------------


def signature(hook: object) -> str:
    assert inspect.isfunction(hook)
    shape = inspect.signature(hook)
    asked = [f"{p.name}: {p.annotation}" for p in shape.parameters.values() if p.name != "self"]
    return f"{hook.__name__}({', '.join(asked)}) -> {shape.return_annotation}"


def test_every_hook_with_its_signature() -> None:
    headings = re.findall(r"^## `(convokit_.+)`$", page("hooks"), re.MULTILINE)
    assert headings == [signature(hook) for name, hook in vars(Hooks).items() if name.startswith("convokit_")]


def test_firstresult_and_all_results_are_told_apart() -> None:
    for name, hook in vars(Hooks).items():
        if name.startswith("convokit_"):
            told = section("hooks", f"## `{signature(hook)}`").strip()
            assert told.startswith("First result.") is bool(hook.convokit_spec["firstresult"]), name


# --- errors -----------------------------------------------------------------------------------------------------------

CODE = re.compile(r"[a-z_]+\.[a-z_]+")
NO_CODES = {
    "certificate.pem",
    "charge.refunded",
    "charge.updated",
    "checkout.session",
    "client.email",
    "client.id",
    "client.name",
    "desk.db",
    "demo.html",
    "desk.html",
    "dispute.created",
    "http.disconnect",
    "key.pem",
    "lifespan.shutdown",
    "manifest.jsonl",
    "message.finalized",
    "message.received",
    "message.sent",
    "patient.id",
    "patient.name",
    "payment.created",
    "payment.updated",
    "payment_intent.amount_capturable_updated",
    "payment_intent.canceled",
    "payment_intent.payment_failed",
    "payment_intent.processing",
    "payment_intent.succeeded",
    "practice.name",
    "practice.phone",
    "procrastinate.dsn",
    "py.typed",
    "refund.created",
    "refund.failed",
    "refund.updated",
    "staff.id",
    "staff.name",
    "phone.css",
    "phone.html",
    "phone.js",
    "photo.jpg",
    "screen.html",
    "start.html",
    "theme.css",
    "transcript.json",
    "transcripts.fonts",
    "trouble.html",
    "tzdata.zi",
    "wsgi.input",
    "wsgi.input_terminated",
}
"""Texts that look like a code: names of fields, lists, files and messages of protocols."""


def constants() -> Iterator[str]:
    for file in SOURCES:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            match node:
                case ast.Constant(value=str(text)) if CODE.fullmatch(text) and not text.startswith("convokit"):
                    yield text


def checked_at_the_door() -> Iterator[str]:
    """The codes that ``check_label`` and ``check_id`` make of the name of a field."""
    for file in SOURCES:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            match node:
                case ast.Call(func=ast.Name(id="check_label"), args=[_, ast.Constant(value=str(field))]):
                    yield from (f"{field}.type", f"{field}.too_long")
                    if any(keyword.arg == "empty" for keyword in node.keywords):
                        yield f"{field}.empty"
                case ast.Call(func=ast.Name(id="check_id"), args=[_, ast.Constant(value=str(field))]):
                    yield from (f"{field}.type", f"{field}.too_long")


def test_every_error_code_stands_in_the_manual() -> None:
    looks_like_one = set(constants())
    assert looks_like_one >= NO_CODES, "a text that was excepted is gone"
    codes = looks_like_one - NO_CODES | set(checked_at_the_door()) | {f"address.{name}" for name in phone._MESSAGES}
    _, *tables = page("errors").split("\n## ")
    told = [row[0] for table in tables for row in rows(table)]
    assert sorted(told) == sorted(codes)


def test_every_class_of_error_is_explained() -> None:
    before, *_ = page("errors").split("\n## ")
    promised = [getattr(convokit, name) for name in convokit.__all__]
    classes = {kind.__name__ for kind in promised if inspect.isclass(kind) and issubclass(kind, Exception)}
    assert {row[0] for row in rows(before)} == classes - {"ConvokitError"}


# --- the kit ----------------------------------------------------------------------------------------------------------


def test_every_name_of_the_kit_has_its_place() -> None:
    told = set(re.findall(r"\w+", " ".join(words(prose(page("testing"))))))
    told |= set(re.findall(r"^\.\. autoclass:: convokit\.testing\.(\w+)$", page("testing"), re.MULTILINE))
    assert set(convokit.testing.__all__) <= told


def test_every_contract_with_what_it_needs() -> None:
    found = {row[0]: (words(f"`{row[2]}`"), row[3]) for row in rows(section("testing", "## The contracts"))}
    names = {name for name in convokit.testing.__all__ if name.endswith("Contract")}
    assert found.keys() == names - {"Contract"}
    for name, (given, written) in found.items():
        contract = getattr(convokit.testing, name)
        needed = {word for base in contract.__mro__ for word in inspect.get_annotations(base)}
        assert given - {""} <= needed, name
        methods = {word for word in words(f"`{written}`") if word.islower() and " " not in word}
        assert methods <= set(dir(contract)), name


@pytest.mark.parametrize(
    ("heading", "situations"),
    [
        ("### Of a text", SMS),
        ("### Of reports", REPORTS),
        ("### Of payments", PAYMENTS),
        ("### Of pushes", PUSH),
    ],
)
def test_every_required_situation(heading: str, situations: Mapping[str, Situation]) -> None:
    assert rows(section("testing", heading)) == [
        [name, one.meaning, one.expects, "yes" if one.waivable else ""] for name, one in situations.items()
    ]


def test_what_else_may_be_waived() -> None:
    assert dict(rows(section("testing", "### What else may be waived"))) == {**SENDS, **SIGNATURES}


def test_every_fault_on_the_wire() -> None:
    assert words(prose(section("testing", "## The pretended carrier"))) >= FAULTS.keys()


# --- the front door ---------------------------------------------------------------------------------------------------


def methods(kind: type[object]) -> set[str]:
    return {name for name, member in inspect.getmembers(kind, inspect.isfunction) if not name.startswith("_")}


def test_every_promised_name_has_its_place() -> None:
    told = re.findall(r"^\.\. auto\w+:: convokit\.(\w+)$", page("front-door"), re.MULTILINE)
    assert sorted(told) == sorted(convokit.__all__)


def test_every_call_of_a_desk_is_in_a_table() -> None:
    told = re.findall(r"^\| `desk\.(\w+)\(", page("front-door"), re.MULTILINE)
    assert sorted(told) == sorted(methods(convokit.PracticeDesk))


def test_the_requests_of_the_app() -> None:
    found = rows(section("app", "## Requests"))
    told = {(row[0], row[1].partition("`")[0]): set(re.findall(r"\w+", row[2])) - {"none", "or"} for row in found}
    assert told == {asked: set(fields) for asked, (_, fields) in ACTS.items()}
    assert f"{app_front.LARGEST:,} bytes" in page("app")


# --- the record of a transcript ---------------------------------------------------------------------------------------


def record() -> dict[str, Any]:
    """One with everything in it."""
    sent = entry(
        1,
        attachments=(
            Attachment(id="f1", name="a.jpg", kind="photo", media_type="image/jpeg", sha256="ab" * 32, size=9),
        ),
    )
    alone = build_transcript(practice(), conversation(), [sent], events=False)
    made = TranscriptDocument(alone, seal=Seal(public_key="ab" * 32, value="cd" * 64))
    return cast("dict[str, Any]", json.loads(made.record()))


def kind_of(value: object) -> str:
    kinds = {str: "text", int: "number", list: "list", bool: "true or false"}
    return kinds[type(value)]


@pytest.mark.parametrize(
    ("heading", "place"),
    [
        ("## `document`", lambda made: made["document"]),
        ("## Each of `lines`", lambda made: made["lines"][0]),
        ("### `attachments`", lambda made: made["lines"][0]["attachments"][0]),
        ("## `seal`", lambda made: made["seal"]),
    ],
)
def test_the_names_and_types_of_a_record(heading: str, place: Callable[[Any], dict[str, object]]) -> None:
    found = place(record())
    told = {name: kind for name, kind, _ in rows(section("transcript-record", heading))}
    assert list(told) == sorted(found)
    for name, value in found.items():
        may_be = told[name].replace("list of texts", "list").split(" or null")
        assert (value is None and len(may_be) == 2) or kind_of(value) == may_be[0], name


def test_the_parts_of_a_record() -> None:
    made = record()
    told = rows(section("transcript-record", "## The file"))
    assert [name for name, _ in told] == sorted(made)
    assert dict(map(tuple, told))["format"] == made["format"] == FORMAT
    about = {name: value for name, _, value in rows(section("transcript-record", "## `document`"))}
    assert about["version"] == str(made["document"]["version"])
    assert words(about["redacted"]) == set(Redaction(phone_numbers=True, client_name=True, messages=["m"]).kinds)
    assert words(about["channel"]) == set(get_args(Channel))
    sides = inspect.get_annotations(TranscriptHead, eval_str=True)["initiated_by"]
    assert words(about["initiated_by"]) == set(get_args(sides))
    files = {name: value for name, _, value in rows(section("transcript-record", "### `attachments`"))}
    assert words(files["state"]) == set(get_args(inspect.get_annotations(TranscriptFile, eval_str=True)["state"]))


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("kind", get_args(EntryKind)),
        ("side", get_args(Side)),
        ("event", get_args(EventKind)),
        ("delivery", DELIVERY_NAMES),
    ],
)
def test_the_values_of_a_record(name: str, values: Iterable[str]) -> None:
    assert [value for value, _ in rows(section("transcript-record", f"### `{name}`"))] == list(values)


def flags_in(tree: ast.AST) -> Iterator[str]:
    """Every flag that a module puts on an entry, and every note of the classifier, which becomes one."""
    for node in ast.walk(tree):
        match node:
            case (
                ast.keyword(arg="flags" | "note", value=value) | ast.AugAssign(target=ast.Name(id="flags"), value=value)
            ):
                yield from texts_in(value)
            case ast.Assign(targets=[ast.Name(id="note")], value=value):
                yield from texts_in(value)
            case ast.Call(func=ast.Attribute(value=ast.Name(id="flags"), attr="add"), args=[value]):
                yield from texts_in(value)


def texts_in(value: ast.AST) -> Iterator[str]:
    """The constants that a value may be, or a tuple of it may hold; not those that it is compared with."""
    match value:
        case ast.Constant(value=str(text)):
            yield text
        case ast.Tuple(elts=parts) | ast.BoolOp(values=parts):
            for part in parts:
                yield from texts_in(part)
        case ast.IfExp(body=one, orelse=other):
            yield from (*texts_in(one), *texts_in(other))
        case ast.Call(args=parts):
            for part in parts:
                yield from texts_in(part)


def test_the_flags_of_a_record() -> None:
    """A flag that the code makes and the table does not tell, or the other way round, is found."""
    core = ROOT / "src" / "convokit"
    files = [*(core / "decisions").glob("*.py"), core / "domain" / "consent.py", core / "domain" / "erasure.py"]
    files += [core / "domain" / "redaction.py", core / "runtime" / "steps.py", core / "runtime" / "arriving.py"]
    made = {flag for file in files for flag in flags_in(ast.parse(file.read_text(encoding="utf-8")))}
    assert made >= {"left", "crossed", "maybe_opt_out", "redacted", "urgent", "look_alike", "same_id_other_content"}
    made |= {LATE, NOT_FOUND, ANSWER_LOST, QUIET, *get_args(Unsent), *checks.repair("\ud83d")[1]}
    told = [value for value, _ in rows(section("transcript-record", "### `flags`"))]
    assert len(told) == len(set(told))
    assert set(told) == made
    assert set(told) >= FLAG_WORDS.keys()


# --- the command ------------------------------------------------------------------------------------------------------


def commands(command: click.Command, name: str) -> Iterator[tuple[str, click.Command]]:
    if isinstance(command, click.Group):
        context = click.Context(command, info_name=name)
        for word in command.list_commands(context):
            found = command.get_command(context, word)
            assert found is not None
            yield from commands(found, f"{name} {word}")
    else:
        yield name, command


def options(command: click.Command) -> set[str]:
    given = (p for p in command.params if isinstance(p, click.Option))
    return {word for option in given for word in (*option.opts, *option.secondary_opts)}


def told_options(heading: str) -> set[str]:
    return {word for row in rows(section("cli", heading)) for word in re.findall(r"--[a-z-]+", row[0])}


def test_every_command_and_option_is_in_the_manual() -> None:
    found = dict(commands(cli, "convokit"))
    headings = re.findall(r"^## `(convokit .+)`$", page("cli"), re.MULTILINE)
    assert headings == sorted(found)
    shared = told_options("## Options of every command that opens a desk")
    for name, command in found.items():
        known = options(command) - {"--help", "-h"}
        assert told_options(f"## `{name}`") == (known - shared if shared <= known else known), name
    assert told_options("## `convokit`") == options(cli) - {"--help", "-h"}


def test_the_exit_codes() -> None:
    codes = {value for value in vars(exits).values() if isinstance(value, int)}
    assert {int(code) for code, _ in rows(section("cli", "## Exit codes"))} == codes


# --- the database -----------------------------------------------------------------------------------------------------


def test_every_table_is_in_the_manual() -> None:
    told = [row[0] for row in rows(section("database", "## Tables"))]
    assert sorted(told) == sorted([*schema.metadata.tables, schema.VERSION_TABLE])


def test_the_settings_of_sqlite(tmp_path: Path) -> None:
    told = {name: value for name, value, _ in rows(section("database", "## Settings of SQLite"))}
    file = tmp_path / "desk.db"
    convokit.open(f"sqlite:///{file}").close()
    database = SqliteDatabase(file)
    with database.writing() as run:
        found = {name: str(run.connection.execute(f"PRAGMA {name}").fetchone()[0]) for name in told}
    database.close()
    numbers = {"ON": "1", "FULL": "2"}
    assert found == {name: numbers.get(value, value) for name, value in told.items()}
