"""What a text says about consent: stop, perhaps stop, start, help, or nothing.

"stop" is a whole-message keyword or an unmistakable phrase (47 CFR 64.1200(a)(10), FCC 24-24: the words stop, quit,
end, revoke, opt out, cancel, unsubscribe, and whatever a reasonable person would read so). "maybe" only may mean it:
staff decide. A sentence that merely contains the word is "none". The words are in
:mod:`convokit.domain.consent_words`, the phrases in :mod:`convokit.domain.consent_phrase_table`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import chain, groupby
from typing import Final, Literal

from attrs import frozen

from convokit.domain import consent_context as context
from convokit.domain import consent_phrase_table as rows
from convokit.domain import consent_words as table
from convokit.domain.consent_classes import CLASSES
from convokit.domain.consent_phrases import candidates, drop, found, has, index_of, is_whole, without
from convokit.domain.consent_text import Clause, clauses, is_reaction, may_hold_look_alikes
from convokit.errors import InvalidInput

CLASSIFIER_VERSION: Final = "2026.3"
"""Written beside every automatic entry of the consent ledger; changes whenever a verdict could."""

Kind = Literal["stop", "maybe", "start", "help", "none"]
_Words = Sequence[str]
_Strength = Literal["stop", "maybe"]

_STOP: Final = table.STRONG_STOP | table.APPOINTMENT_STOP
_LISTABLE: Final = _STOP | table.LIST_GLUE | {"opt", "out", "all"}
_QUIET: Final = table.COURTESY | table.EXPLETIVES
_OTHER_PHRASES: Final = (rows.MAYBE_ANY, rows.START_ORDERS, rows.START_WHEN_OUT, rows.WRONG_NUMBER)
_OWN_DOING: Final = frozenset(entry.split()[0] for name in ("texting", "pestering") for entry in CLASSES[name])
_WHERE: Final = frozenset(CLASSES["here"]) | frozenset(CLASSES["bytext"])
_POSITIVE_TEXT: Final = (
    "^ text|texts|texting|messages|message $",
    "^ text|texts|texting|messages|message is|are|works|work better|best|fine|easier|preferred",
    "i|id|we|would|d* prefer text|texts|texting|messages over|to|instead|than calls|call|phone|email|emails|calling",
    "^ text|message|txt me|us|instead",
    "just|only|please|instead|rather|but|and text|message|txt me|us|instead",
    "^ contact|remind|reach|notify|update <me> <bytext>",
    "just|only|please|rather|but contact|remind|reach|notify|update <me> <bytext>",
    "mejor|prefiero por mensaje|mensajes|texto|sms",
    "mieux|plutot par message|messages|texto|textos|sms",
    "aviseme|avisenme|avisame|escribame|escribanme|contacteme|contactenme <bytext>",
    "prevenez|contactez|ecrivez|avertissez|rappelez moi <bytext>",
)


@frozen(kw_only=True)
class Verdict:
    """What a text asks for.

    ``kind``: ``"stop"`` opts out at once; ``"maybe"`` is flagged to staff and holds automatic messages; ``"start"``
    opts in; ``"help"`` is answered with the practice's name and phone; ``"none"`` does nothing.
    ``note``: what staff should know besides, or ``None``: ``"may_be_appointment"``, ``"wrong_number"``, ``"urgent"``,
    ``"look_alike"``.
    """

    kind: Kind
    note: str | None = None


_NONE: Final = Verdict(kind="none")


def classify_text(text: str, *, opted_out: bool, practice_words: Collection[str] = ()) -> Verdict:
    """Judge one inbound text. Pure and linear; reads at most the first 1,000 characters.

    Args:
        text: as it arrived.
        opted_out: whether this client is opted out now (YES opts in only then).
        practice_words: the practice's own stop words or phrases, compared with the whole message.

    Raises:
        InvalidInput: ``message.type``, ``practice_words.type``.
    """
    if not isinstance(text, str):
        raise InvalidInput("message.type", "a message is text", field="text", limit="str")
    if is_reaction(text):
        return _NONE
    read = clauses(text)
    own = _own_phrases(_checked(practice_words)) if practice_words else frozenset()
    verdict = _judge(read, opted_out, own) if _speaks_of_consent(read, own) else _NONE
    if verdict == _NONE and _looks_alike(text, read, opted_out):
        return Verdict(kind="maybe", note="look_alike")
    return verdict


def _checked(practice_words: Collection[str]) -> frozenset[str]:
    try:
        words = frozenset(() if isinstance(practice_words, str) else practice_words)
    except TypeError:
        words = frozenset()
    if not words or not all(isinstance(word, str) for word in words):
        why = "practice_words= is a set or list of words"
        raise InvalidInput("practice_words.type", why, field="practice_words", limit="str")
    return words


@lru_cache(maxsize=256)
def _own_phrases(practice_words: frozenset[str]) -> frozenset[str]:
    return frozenset(" ".join(_flat(clauses(phrase))) for phrase in practice_words) - {""}


def _speaks_of_consent(read: tuple[Clause, ...], own: frozenset[str]) -> bool:
    """False when nothing of any table can stand in the text: most texts end here."""
    words = _flat(read)
    if candidates(words, _trigger_index()) or "".join(words) in table.GLUED:
        return True
    return not _splits(own).isdisjoint(words)


@lru_cache(maxsize=1)
def _trigger_index() -> Mapping[str, tuple[str, ...]]:
    whole = (_STOP, table.MAYBE_CANCEL, table.START_WORDS, table.YES_WORDS, table.HELP_WORDS, table.HELP_FIRST)
    phrases = (rows.STOP_ORDERS, rows.STOP_REFUSALS, rows.STOP_WISHES, rows.NARROW_ORDERS, rows.MAYBE_WHOLE)
    return index_of(chain(*whole, *phrases, *_OTHER_PHRASES))


@lru_cache(maxsize=256)
def _splits(phrases: frozenset[str]) -> frozenset[str]:
    return frozenset(word for phrase in phrases for word in phrase.split())


def _looks_alike(text: str, read: tuple[Clause, ...], opted_out: bool) -> bool:
    """Whether the text would say stop if what looks like Latin letters (or is a stop sign) were taken for them."""
    if not may_hold_look_alikes(text):
        return False
    similar = clauses(text, look_alikes=True)
    return similar != read and _judge(similar, opted_out, frozenset()).kind == "stop"


def _judge(read: tuple[Clause, ...], opted_out: bool, own: frozenset[str]) -> Verdict:
    whole = _whole_message(read, opted_out, own)
    if whole is not None:
        return whole
    texts_wanted = any(has(clause.words, _POSITIVE_TEXT) for clause in read)
    sentences = () if texts_wanted else (_sentence(clause.words) for clause in read)
    strength = _strongest(chain([_beside_others(read)], sentences))
    starts = any(_asks_to_start(clause.words, opted_out) for clause in read)
    note = "wrong_number" if any(_is_wrong_number(clause.words) for clause in read) else None
    if strength is not None:
        return Verdict(kind="maybe" if starts else strength, note=note if strength == "stop" else None)
    if starts:
        return Verdict(kind="start")
    return Verdict(kind="none", note=note or ("urgent" if _is_urgent(_flat(read)) else None))


def _flat(read: Iterable[Clause]) -> tuple[str, ...]:
    return tuple(word for clause in read for word in clause.words)


def _strongest(found_strengths: Iterable[_Strength | None]) -> _Strength | None:
    strengths = set(found_strengths)
    return "stop" if "stop" in strengths else "maybe" if "maybe" in strengths else None


# --- whole messages -------------------------------------------------------------------------------------------------


def _whole_message(read: tuple[Clause, ...], opted_out: bool, own: frozenset[str]) -> Verdict | None:
    """The verdict when the message is a keyword, alone or with nothing but courtesy beside it."""
    words = tuple(word for word, _ in groupby(_flat(read)))
    phrase = " ".join(words)
    if phrase in _STOP or phrase in own:
        return Verdict(kind="stop", note="may_be_appointment" if phrase in table.CANCEL_WORDS else None)
    if opted_out and " ".join(drop(words, _QUIET - table.YES_WORDS)) in table.YES_WORDS:
        return Verdict(kind="start")
    return _keyword(_core(read), own) or _with_side_phrases(read)


def _core(read: Iterable[Clause]) -> tuple[str, ...]:
    """The words that are left without courtesy, swearing, repetition, and clauses that only say no."""
    words = _flat(clause for clause in read if clause.words != ("no",))
    return tuple(word for word, _ in groupby(drop(words, _QUIET)))


def _keyword(words: _Words, own: frozenset[str]) -> Verdict | None:
    phrase = " ".join(words)
    if phrase in table.STRONG_STOP or phrase in own or _is_keyword_list(words) or phrase.replace(" ", "") == "stop":
        return Verdict(kind="stop")
    if phrase in table.APPOINTMENT_STOP or phrase in table.MAYBE_CANCEL:
        cancels = phrase in table.CANCEL_WORDS or phrase in table.MAYBE_CANCEL
        return Verdict(kind="maybe", note="may_be_appointment" if cancels else None)
    if phrase in table.START_WORDS:
        return Verdict(kind="start")
    if phrase in table.HELP_WORDS:
        return Verdict(kind="help")
    if {*words} <= _LISTABLE | table.START_WORDS | table.HELP_WORDS and not {*words}.isdisjoint(table.STRONG_STOP):
        return Verdict(kind="maybe")
    return None


def _is_keyword_list(words: _Words) -> bool:
    """``stop quit end revoke``: several keywords and nothing else, not all of them about appointments."""
    return {*words} <= _LISTABLE and not {*words}.isdisjoint(table.STRONG_STOP)


def _with_side_phrases(read: tuple[Clause, ...]) -> Verdict | None:
    """A keyword beside phrases that do not change it: ``who is this? stop``, ``STOP or I will sue``."""
    words = drop(tuple(chain.from_iterable(without(_spoken(c.words), rows.SIDE_PHRASES) for c in read)), _QUIET)
    if not _is_keyword_list(words):
        return None
    wrong = any(_is_wrong_number(clause.words) for clause in read)
    return Verdict(kind="stop", note="wrong_number" if wrong else None)


# --- sentences ------------------------------------------------------------------------------------------------------


def _spoken(words: _Words) -> tuple[str, ...]:
    return drop(words, table.EXPLETIVES)


def _beside_others(read: tuple[Clause, ...]) -> _Strength | None:
    """A bare keyword as one clause of several: at the end it is said to us, elsewhere only perhaps."""
    bare = [index for index, clause in enumerate(read) if " ".join(drop(clause.words, _QUIET)) in table.STRONG_STOP]
    if not bare or len(read) == 1:
        return None
    rest = _flat(clause for index, clause in enumerate(read) if index not in bare)
    about_care = not table.CARE.isdisjoint(rest)
    last = bare[-1] == len(read) - 1
    hard = read[bare[-1]].hard if last else read[bare[0] + 1].hard
    if hard:
        return "stop" if last and not about_care else "maybe"
    addressed = last or len(rest) <= 3 or rest[0] in table.PLEA_AFTER_STOP
    return "maybe" if addressed and not about_care else None


def _sentence(words: _Words) -> _Strength | None:
    """What one clause asks for."""
    spoken = _spoken(words)
    plain = drop(spoken, table.COURTESY)
    strengths = chain(
        (_order(before, own, after) for before, own, after in found(plain, rows.STOP_ORDERS)),
        (_refusal(before, after) for before, _, after in found(plain, rows.STOP_REFUSALS)),
        (_wish(before, after) for before, _, after in found(plain, rows.STOP_WISHES)),
        (_narrow(before, own, after) for before, own, after in found(plain, rows.NARROW_ORDERS)),
        [_pleading(spoken) or _vague(spoken, plain)],
    )
    return _strongest(strengths)


def _order(before: _Words, own: _Words, after: _Words) -> _Strength | None:
    """``stop texting me`` and the like: undone by a negation, weakened by a question or by a narrower purpose."""
    if has(before, context.REPORTING):
        return None
    asked = has(before, context.ASKING)
    if is_threat := has(before, context.CONDITIONS):
        asked = False
    elif has(before, context.REQUESTS):
        before = without(before, context.REQUESTS)
    if has(own, context.NOT_ORDERS) or (not is_threat and _is_negated(before)) or _is_own_act(before, own, after):
        return None
    if before[-1:] == (table.SPANISH_NO,):
        return "maybe" if own[0] in CLASSES["stop"] else None
    return "maybe" if asked else _by_tail(after)


def _is_own_act(before: _Words, own: _Words, after: _Words) -> bool:
    """Whether the writer speaks of texts of their own: ``I'll stop texting now``, ``cancel the text I just sent``."""
    if has(after, context.OWN_TEXT):
        return own[0] not in CLASSES["stop"] or own[1:2] == ("sending",)
    if own[0] not in CLASSES["stop"] or not _OWN_DOING | {"sending"} & {*own} or not {*CLASSES["me"]}.isdisjoint(own):
        return False
    return has(before, context.OWN_ACTS_TO_YOU if after[:1] in (("you",), ("u",)) else context.OWN_ACTS)


def _is_negated(before: _Words) -> bool:
    """Whether a negation reaches the order: ``don't want you to``, but not ``I don't have a dog``."""
    reaching = next((word for word in reversed(before) if word not in table.BRIDGES), "")
    return reaching in table.NEGATORS


def _narrow(before: _Words, own: _Words, after: _Words) -> _Strength | None:
    return "maybe" if _order(before, own, after) else None


def _refusal(before: _Words, after: _Words) -> _Strength | None:
    if has(before, context.REPORTING) or (before and before[-1] in table.SUBJECTS):
        return None
    return _by_tail(after)


def _wish(before: _Words, after: _Words) -> _Strength | None:
    others = (table.SUBJECTS - {"i", "we"}) | {"does", "did", "didnt", "doesnt"}
    return None if before and before[-1] in others else _by_tail(after)


def _by_tail(after: _Words) -> _Strength | None:
    """``stop`` when nothing that narrows the order follows; ``maybe`` for "... about the bill", "... at work"."""
    after = drop(after, _WHERE)
    if has(after, context.FOR_NOW):
        return "maybe"
    rest = next((index for index, word in enumerate(after) if not _adds_nothing(word)), len(after))
    if rest == len(after) or after[rest] in table.TAIL_NEW_CLAUSE:
        return "stop"
    return "maybe" if table.CARE.isdisjoint(after) else None


def _adds_nothing(word: str) -> bool:
    return word in table.TAIL_FILL or (word.isdecimal() and len(word) > 2)  # a phone number


def _pleading(spoken: _Words) -> _Strength | None:
    """A sentence that opens or closes with the word: ``we moved please stop``, ``stop i moved``, ``stop 123``."""
    if "stop" not in spoken or len(spoken) < 2 or not table.CARE.isdisjoint(spoken):
        return None
    if spoken[-2:] in (("please", "stop"), ("stop", "please")) and not _is_negated(spoken[:-2]):
        return "stop" if spoken[:-2] and spoken[-3] not in table.NOT_BEFORE_PLEASE_STOP else "maybe"
    return "maybe" if spoken[0] == "stop" and (spoken[1] in table.PLEA_AFTER_STOP or spoken[1].isdecimal()) else None


def _vague(spoken: _Words, plain: _Words) -> _Strength | None:
    if is_whole(spoken, rows.MAYBE_WHOLE) or is_whole(plain, rows.MAYBE_WHOLE):
        return "maybe"
    return "maybe" if table.CARE.isdisjoint(spoken) and has(plain, rows.MAYBE_ANY) else None


def _asks_to_start(words: _Words, opted_out: bool) -> bool:
    phrases = rows.START_ORDERS + rows.START_WHEN_OUT if opted_out else rows.START_ORDERS
    return any(
        (table.NEGATORS | {table.SPANISH_NO}).isdisjoint(before)
        and not has(before, context.ASKING)
        and _by_tail(after) == "stop"
        for before, _, after in found(drop(words, _QUIET), phrases)
    )


# --- what staff should know -----------------------------------------------------------------------------------------


@lru_cache(maxsize=256)
def _is_wrong_number(words: tuple[str, ...]) -> bool:
    return any(
        after[:1] == () or after[0] not in table.WRONG_NUMBER_NOT_BEFORE
        for _, _, after in found(words, rows.WRONG_NUMBER)
    )


def _is_urgent(words: _Words) -> bool:
    """A cry for help about an animal: a person must look now."""
    core = drop(words, table.HELP_LEAD)
    cries = not table.HELP_FIRST.isdisjoint(core[:1])
    return cries and not table.EMERGENCY.isdisjoint(core) and table.NOT_URGENT.isdisjoint(core)
