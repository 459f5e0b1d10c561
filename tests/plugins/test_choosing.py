"""Which of several providers a practice uses, for every kind of provider; and mailers once they are chosen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest
from attrs import define, field, frozen

import convokit
from convokit.outcomes import Accepted
from convokit.plugins import hookimpl
from convokit.plugins.choosing import KINDS, chosen
from convokit.ports.mail import MailerOffer, MailMessage, MailOutcome

SECRET = "the password of nobody"
PRACTICE = convokit.Practice(id="happy-paws", name="Happy Paws")


@pytest.mark.parametrize("kind", KINDS)
def test_one_is_chosen_by_itself_or_by_name(kind: str) -> None:
    assert chosen(kind, None, {}) is None
    assert chosen(kind, None, {"a": 1}) == 1
    assert chosen(kind, "b", {"a": 1, "b": 2}) == 2


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("name", "offers"), [(None, {"a": 1, "b": 2}), ("c", {"a": 1, "b": 2}), ("c", {})])
def test_a_choice_that_cannot_be_is_told_with_all_there_are(
    kind: str, name: str | None, offers: Mapping[str, int]
) -> None:
    with pytest.raises(convokit.ConfigurationError) as caught:
        chosen(kind, name, offers)
    assert caught.value.code == (KINDS[kind].no_choice if name is None else KINDS[kind].unknown)
    assert ("a, b" if offers else "none") in caught.value.message


@frozen
class Login:
    user: str
    password: str = field(repr=False)


@define(eq=False)
class TwoMailers:
    """Two mailers; the host chooses and has a vault."""

    name = "two"
    choice: str | None = None
    vault: dict[str, object] = field(factory=dict)
    raises: bool = False
    built: list[Login] = field(factory=list)
    asked: list[tuple[str, str, str]] = field(factory=list)

    @hookimpl
    def convokit_mailers(self) -> Sequence[MailerOffer]:
        return [MailerOffer(name=name, settings=Login, build=self.build) for name in ("one", "other")]

    @hookimpl
    def convokit_choose(self, practice_id: str, kind: str) -> str | None:
        return self.choice if kind == "mail" else None

    @hookimpl
    def convokit_settings(self, practice_id: str, kind: str, provider: str) -> Mapping[str, object]:
        self.asked.append((practice_id, kind, provider))
        return self.vault

    def build(self, login: Login) -> TwoMailers:
        if self.raises:
            raise RuntimeError(login.password)
        self.built.append(login)
        return self

    def send(self, message: MailMessage) -> MailOutcome:
        return MailOutcome(outcome=Accepted())


def test_a_mailer_is_built_once_for_a_practice_with_the_vaults_settings() -> None:
    plugin = TwoMailers(choice="other", vault={"password": SECRET})
    with convokit.open("memory:", plugins=[plugin], settings={"other": {"user": "desk"}}) as kit:
        kit.add_practice(PRACTICE)
        found = kit.mailers.of("happy-paws")
        assert found is not None
        assert (found.provider, found) == ("other", kit.mailers.of("happy-paws"))
        assert plugin.built == [Login("desk", SECRET)]
        assert plugin.asked == [("happy-paws", "mail", "other")]
        assert SECRET not in repr(found)


@pytest.mark.parametrize(
    ("plugin", "code"),
    [
        (TwoMailers(), "mail.no_choice"),
        (TwoMailers(choice="third"), "mail.unknown_mailer"),
        (TwoMailers(choice="one"), "settings.missing"),
        (TwoMailers(choice="one", vault={"user": "a", "pasword": SECRET}), "settings.unknown"),
        (TwoMailers(choice="one", vault={"user": "a", "password": 7}), "settings.type"),
        (TwoMailers(choice="one", vault={"user": "a", "password": SECRET}, raises=True), "plugin.build_failed"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_wrong_with_a_mailer_is_named_and_no_secret_is(plugin: TwoMailers, code: str) -> None:
    with convokit.open("memory:", plugins=[plugin]) as kit:
        kit.add_practice(PRACTICE)
        with pytest.raises(convokit.ConfigurationError) as caught:
            kit.mailers.of("happy-paws")
        assert caught.value.code == code
        assert SECRET not in str(caught.value)


def test_without_mailers_there_is_none() -> None:
    with convokit.open("memory:") as kit:
        kit.add_practice(PRACTICE)
        assert kit.mailers.of("happy-paws") is None
