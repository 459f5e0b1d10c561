"""Plugins: only what is enabled loads, and a broken one is named."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from importlib.metadata import EntryPoint, EntryPoints
from pathlib import Path
from textwrap import dedent

import pluggy
import pytest
from attrs import field, frozen
from desks import HAPPY_PAWS
from odd_gateway import OddGateway, OddPlugin, OddSettings

import convokit
from convokit.errors import ConfigurationError
from convokit.gateways.simulator import Simulator
from convokit.plugins import hookimpl
from convokit.plugins.catalogue import Catalogue
from convokit.plugins.checks import revealed, strong
from convokit.plugins.loading import load
from convokit.ports.mail import MailerOffer
from convokit.ports.secret import Secret, secret
from convokit.ports.sms import SmsGatewayOffer
from convokit.ports.stores import StoreOffer
from convokit.stores.memory import MemoryStore


def refused(*plugins: object) -> ConfigurationError:
    with pytest.raises(ConfigurationError) as caught:
        Catalogue(plugins)
    return caught.value


def install(tmp_path: Path, code: str, *, distribution: str = "convokit-sms-pigeon", name: str = "pigeon") -> None:
    """Lay an installed distribution with one entry point into ``tmp_path``, as pip would."""
    module = distribution.replace("-", "_")
    (tmp_path / f"{module}.py").write_text(dedent(code))
    info = tmp_path / f"{module}-1.2.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.2\n")
    (info / "entry_points.txt").write_text(f"[convokit]\n{name} = {module}\n")


def run(tmp_path: Path, code: str) -> str:
    """Run ``code`` in a fresh interpreter that sees what was installed."""
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n{dedent(code)}"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


OPEN = """
import convokit
try:
    kit = convokit.open("memory:", plugins={plugins})
    print("opened", [(p.name, p.source) for p in kit.catalogue.plugins])
except convokit.ConfigurationError as error:
    print(error)
"""

PIGEON = """
from attrs import field, frozen
from convokit.plugins import hookimpl
from convokit.ports.sms import SmsGatewayOffer

@frozen
class Settings:
    pass

@hookimpl
def convokit_sms_gateways():
    return [SmsGatewayOffer(name="pigeon", settings=Settings, build=lambda settings: None)]
"""


def test_an_enabled_plugin_loads_and_says_where_it_comes_from(tmp_path: Path) -> None:
    install(tmp_path, PIGEON)
    said = run(tmp_path, OPEN.format(plugins=["pigeon"]))
    assert said == "opened [('pigeon', 'convokit-sms-pigeon 1.2')]"


def test_p12_a_plugin_that_is_installed_but_not_enabled_is_never_imported(tmp_path: Path) -> None:
    install(tmp_path, "raise SystemExit('imported')")
    assert run(tmp_path, OPEN.format(plugins=[])) == "opened []"


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("raise SystemExit(3)", ["plugin.import_failed", "pigeon", "convokit-sms-pigeon 1.2", "SystemExit"]),
        ("import nothing_of_the_kind", ["plugin.import_failed", "nothing_of_the_kind"]),
        (
            PIGEON.replace("convokit_sms_gateways", "convokit_sms_gatways"),
            ["plugin.unknown_hook", "convokit_sms_gatways", "convokit-sms-pigeon 1.2"],
        ),
        (PIGEON.replace("gateways():", "gateways(extra):"), ["plugin.arguments", "extra"]),
        (PIGEON.replace("def convokit", "async def convokit"), ["plugin.async"]),
        (PIGEON.replace("build=lambda settings: None", "build=None, api=2"), ["plugin.api", "interface 2"]),
        ("from convokit.plugins import hookimpl\n@hookimpl\ndef convokit_sms_gateways(): return [7]", ["plugin.offer"]),
        ("from convokit.plugins import hookimpl\n@hookimpl\ndef convokit_sms_gateways(): 1/0", ["plugin.raised"]),
        (PIGEON.replace("settings=Settings", "settings=int"), ["plugin.offer", "no attrs class"]),
    ],
)
def test_a_broken_plugin_is_named_with_its_distribution_and_cause(tmp_path: Path, code: str, words: list[str]) -> None:
    install(tmp_path, code)
    said = run(tmp_path, OPEN.format(plugins=["pigeon"]))
    assert all(word in said for word in words), said


def test_case_76_two_distributions_with_one_name_are_both_named(tmp_path: Path) -> None:
    install(tmp_path, PIGEON)
    install(tmp_path, PIGEON, distribution="convokit-sms-dove")
    said = run(tmp_path, OPEN.format(plugins=["pigeon"]))
    assert "plugin.ambiguous" in said
    assert "convokit-sms-pigeon 1.2" in said
    assert "convokit-sms-dove 1.2" in said


def test_case_76_two_plugins_offering_one_carrier_are_both_named() -> None:
    class Second(OddPlugin):
        name = "second"

    error = refused(OddPlugin(OddGateway()), Second(OddGateway()))
    assert error.code == "plugin.same_offer"
    assert "OddPlugin" in error.message
    assert "second" in error.message


class Mails:
    def __init__(self, name: str, offer: object = None) -> None:
        self.name = name
        self.offer = MailerOffer(name="smtp", settings=OddSettings, build=list) if offer is None else offer

    @hookimpl
    def convokit_mailers(self) -> list[object]:
        return [self.offer]


def test_mailers_are_collected_beside_carriers_of_the_same_name() -> None:
    class Texts(OddPlugin):
        name = "texts"

    catalogue = Catalogue([Mails("mails"), Texts(OddGateway(), name="smtp")])
    assert list(catalogue.mailers) == ["smtp"]
    assert list(catalogue.gateways) == ["smtp"]
    assert Catalogue([]).mailers == {}


def test_case_76_two_plugins_offering_one_mailer_are_both_named() -> None:
    error = refused(Mails("first"), Mails("second"))
    assert error.code == "plugin.same_offer"
    assert "first" in error.message
    assert "second" in error.message


@pytest.mark.parametrize(
    ("offer", "code"),
    [
        (7, "plugin.offer"),
        (SmsGatewayOffer(name="smtp", settings=OddSettings, build=list), "plugin.offer"),
        (MailerOffer(name="smtp", settings=int, build=list), "plugin.offer"),
        (MailerOffer(name="smtp", settings=OddSettings, build=list, api=2), "plugin.api"),
    ],
)
def test_a_broken_mailer_is_named(offer: object, code: str) -> None:
    error = refused(Mails("broken", offer))
    assert error.code == code
    assert "broken" in error.message


@pytest.mark.parametrize(("name", "hint"), [("simulater", "'simulator'"), ("zzz", "installed: ")])
def test_an_unknown_name_suggests_the_nearest(name: str, hint: str) -> None:
    error = refused(name)
    assert error.code == "plugin.not_installed"
    assert hint in error.message


def test_a_plugin_enabled_twice_is_refused() -> None:
    assert refused("simulator", "simulator").code == "plugin.twice"


@pytest.mark.parametrize("plugin", [Simulator, OddPlugin])
def test_a_class_is_no_plugin(plugin: type[object]) -> None:
    error = refused(plugin)
    assert error.code == "plugin.class"
    assert f"{plugin.__name__} is a class; give an instance, {plugin.__name__}(...)" in error.message


@pytest.mark.parametrize(
    ("value", "code", "words"),
    [
        ("convokit.gateways.simulator:Simulator", "plugin.class", "Simulator is a class"),
        ("convokit.gateways.simulator:Simulator()", "plugin.entry_point", "not a valid entry point"),
        ("", "plugin.entry_point", "not a valid entry point"),
        ("convokit.gateways.simulator:nothing", "plugin.import_failed", "AttributeError"),
        ("json", "plugin.no_hooks", "hookimpl"),
    ],
)
def test_an_entry_point_names_an_object_with_hooks(
    monkeypatch: pytest.MonkeyPatch, value: str, code: str, words: str
) -> None:
    point = EntryPoint(name="pigeon", value=value, group="convokit")
    monkeypatch.setattr("convokit.plugins.loading.entry_points", lambda group: EntryPoints([point]))
    error = refused("pigeon")
    assert error.code == code
    assert words in error.message
    assert "pigeon" in error.message


@pytest.mark.parametrize("plugin", [None, 7, object(), {}, lambda: None])
def test_what_has_no_hook_is_no_plugin(plugin: object) -> None:
    assert refused(plugin).code == "plugin.no_hooks"


@pytest.mark.parametrize("plugins", ["simulator", b"bytes", None, 7, {"simulator": {}}, Simulator(seed=1)])
def test_plugins_are_a_list(plugins: object) -> None:
    with pytest.raises(ConfigurationError) as caught:
        Catalogue(plugins)  # type: ignore[arg-type]
    assert (caught.value.code, caught.value.field) == ("plugin.list", "plugins")


def test_a_plugin_that_claims_a_built_in_name_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    point = EntryPoint(name="simulator", value="json", group="convokit")
    monkeypatch.setattr("convokit.plugins.loading.entry_points", lambda group: EntryPoints([point]))
    assert refused("simulator").code == "plugin.ambiguous"


def test_an_unknown_plugin_is_not_enabled() -> None:
    catalogue = Catalogue(["simulator"])
    assert catalogue.plugin("simulator") is not None
    for name in ("kannel", None, ["simulator"]):
        with pytest.raises(ConfigurationError) as caught:
            catalogue.plugin(name)  # type: ignore[arg-type]
        assert caught.value.code == "plugin.not_enabled"


def test_the_manager_of_another_project_is_refused() -> None:
    with pytest.raises(ConfigurationError):
        load(pluggy.PluginManager("other"), [])


class Chooses:
    def __init__(self, name: str | None) -> None:
        self.choice = name

    @hookimpl
    def convokit_choose(self, practice_id: str, kind: str) -> str | None:
        return self.choice


@pytest.mark.parametrize(
    ("choice", "plugins", "expected"),
    [
        (None, 0, None),
        (None, 1, "odd0"),
        (None, 2, "sms.no_choice"),
        ("odd1", 2, "odd1"),
        ("odd7", 2, "sms.unknown_gateway"),
    ],
)
def test_who_carries_a_practices_texts(choice: str | None, plugins: int, expected: str | None) -> None:
    class Named(OddPlugin):
        def __init__(self, name: str) -> None:
            super().__init__(OddGateway(), name=name)
            self.name = name

    catalogue = Catalogue([Chooses(choice), *(Named(f"odd{n}") for n in range(plugins))])
    if expected is not None and expected.startswith("sms."):
        with pytest.raises(ConfigurationError) as caught:
            catalogue.choose("happy-paws", "sms", catalogue.gateways)
        assert caught.value.code == expected
    else:
        offer = catalogue.choose("happy-paws", "sms", catalogue.gateways)
        assert (None if offer is None else offer.name) == expected


@frozen(kw_only=True)
class PigeonSettings:
    loft: str
    birds: int = 3
    speed: float = 1.0
    password: str | None = None

    def __attrs_post_init__(self) -> None:
        if self.loft == "refuse":
            raise ConfigurationError("settings.loft", "no", field="loft")
        if self.loft == "explode":
            raise ValueError("hunter2")


class Pigeon:
    built: object = None

    def __init__(self, vault: Mapping[str, object] | None = None, *, breaks: bool = False) -> None:
        self.vault, self.breaks = vault, breaks

    @hookimpl
    def convokit_sms_gateways(self) -> list[SmsGatewayOffer]:
        return [SmsGatewayOffer(name="pigeon", settings=PigeonSettings, build=self._build)]

    @hookimpl
    def convokit_settings(self, practice_id: str, kind: str, provider: str) -> Mapping[str, object] | None:
        return self.vault

    def _build(self, settings: PigeonSettings) -> OddGateway:
        if self.breaks:
            raise RuntimeError("hunter2")
        self.built = settings
        return OddGateway()


def carrier_error(pigeon: Pigeon, settings: Mapping[str, object]) -> ConfigurationError | None:
    try:
        with convokit.open("memory:", plugins=[pigeon], settings={"pigeon": settings}) as kit:
            kit.add_practice(HAPPY_PAWS)
            kit.webhook_path("happy-paws")
    except ConfigurationError as error:
        return error
    return None


def test_settings_of_the_host_and_of_the_vault_meet() -> None:
    pigeon = Pigeon({"birds": 9})
    assert carrier_error(pigeon, {"loft": "roof", "birds": 1}) is None
    assert pigeon.built == PigeonSettings(loft="roof", birds=9)


@pytest.mark.parametrize(
    ("settings", "code", "words"),
    [
        ({}, "settings.missing", "loft"),
        ({"loft": "x", "lofts": 1}, "settings.unknown", "did you mean 'loft'"),
        ({"loft": "x", "qqqqqq": 1}, "settings.unknown", "it knows"),
        ({"loft": 7}, "settings.type", "str"),
        ({"loft": "x", "birds": True}, "settings.type", "int"),
        ({"loft": "x", "password": 5}, "settings.type", "str or none"),
        ({"loft": "refuse"}, "settings.loft", "no"),
        ({"loft": "explode", "password": "hunter2"}, "settings.value", "ValueError"),
    ],
)
def test_case_68_wrong_settings_are_named_never_shown(settings: Mapping[str, object], code: str, words: str) -> None:
    error = carrier_error(Pigeon(), settings)
    assert error is not None
    assert error.code == code
    assert words in error.message
    assert "hunter2" not in str(error)


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        ({"lofts": "roof"}, "settings.unknown"),
        ({5: "roof"}, "settings.unknown"),
        ({"birds": "3"}, "settings.type"),
        ({"loft": None}, "settings.type"),
    ],
)
def test_wrong_settings_are_found_when_the_desk_is_opened(settings: Mapping[str, object], code: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        convokit.open("memory:", plugins=[Pigeon({"loft": "roof"})], settings={"pigeon": settings})
    assert caught.value.code == code


@frozen(kw_only=True)
class GuardedSettings:
    callback_password: Secret[str] = field(converter=secret, validator=revealed(strong))
    loft: str


class Guarded:
    @hookimpl
    def convokit_sms_gateways(self) -> list[SmsGatewayOffer]:
        return [SmsGatewayOffer(name="guarded", settings=GuardedSettings, build=lambda settings: OddGateway())]


class Vault:
    @hookimpl
    def convokit_settings(self, practice_id: str, kind: str, provider: str) -> Mapping[str, object] | None:
        return {"loft": "roof"}


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        ({"loft": "roof"}, "settings.missing"),
        ({"loft": "roof", "callback_password": ""}, "settings.secret_weak"),
        ({"loft": "roof", "callback_password": "changeme"}, "settings.secret_weak"),
        ({"loft": "roof", "callback_password": "changeme-changeme-changeme"}, "settings.secret_weak"),
        ({"loft": "roof", "callback_password": "fifteen-bytes-x"}, "settings.secret_weak"),
    ],
)
def test_p17_case_67_no_secret_or_a_weak_one_is_refused_at_the_start(settings: Mapping[str, object], code: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        convokit.open("memory:", plugins=[Guarded()], settings={"guarded": settings})
    assert caught.value.code == code
    assert "callback_password" in (caught.value.field or "")
    assert str(settings.get("callback_password") or "?") not in str(caught.value)


@pytest.mark.parametrize("settings", [None, {}, {"guarded": {}}])
def test_p17_case_67_settings_that_were_forgotten_are_asked_for_at_the_start(
    settings: Mapping[str, Mapping[str, object]] | None,
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        convokit.open("memory:", plugins=[Guarded()], settings=settings)
    assert (caught.value.code, caught.value.field) == ("settings.missing", "guarded.callback_password")
    with convokit.open("memory:", plugins=[Guarded(), Vault()], settings=settings):
        pass  # what the vault of a practice says is known once there is a practice


def test_p17_case_67_a_vault_saves_no_weak_secret() -> None:
    whole = {"loft": "roof", "callback_password": "changeme"}
    with pytest.raises(ConfigurationError) as caught:
        convokit.open("memory:", plugins=[Guarded(), Vault()], settings={"guarded": whole})
    assert caught.value.code == "settings.secret_weak"


def test_case_67_what_the_vault_may_add_is_judged_when_it_is_asked() -> None:
    strong_enough = {"callback_password": "n0-b0dy-guesses-th1s"}
    with convokit.open("memory:", plugins=[Guarded(), Vault()], settings={"guarded": strong_enough}) as kit:
        kit.add_practice(HAPPY_PAWS)
        assert kit.webhook_path("happy-paws")


def test_settings_of_a_name_that_a_carrier_and_a_mailer_share_are_not_judged_at_open() -> None:
    class Texts(OddPlugin):
        name = "texts"

    catalogue = Catalogue([Mails("pigeon"), Texts(OddGateway(), name="smtp")])
    assert catalogue.check_settings({"smtp": {"host": "mx.example"}}) == {"smtp": {"host": "mx.example"}}


def test_the_hosts_settings_are_copied() -> None:
    values = {"loft": "roof"}
    with convokit.open("memory:", plugins=[pigeon := Pigeon()], settings={"pigeon": values}) as kit:
        values["loft"] = "cellar"
        kit.add_practice(HAPPY_PAWS)
        kit.webhook_path("happy-paws")
    assert pigeon.built == PigeonSettings(loft="roof")


def test_a_carrier_that_cannot_be_built_is_named_without_its_words() -> None:
    error = carrier_error(Pigeon(breaks=True), {"loft": "x"})
    assert error is not None
    assert error.code == "plugin.build_failed"
    assert "hunter2" not in str(error)


def test_a_plugin_may_offer_a_store() -> None:
    class Shelf:
        @hookimpl
        def convokit_stores(self) -> list[StoreOffer]:
            return [StoreOffer(name="shelf", schemes=("shelf",), open=lambda url: MemoryStore())]

    with convokit.open("shelf://x", plugins=[Shelf()]) as kit:
        assert isinstance(kit.store, MemoryStore)
    with pytest.raises(ConfigurationError) as caught:
        convokit.open("shelf://user:hunter2@x")
    assert caught.value.code == "store.url"
    assert "hunter2" not in str(caught.value)


def test_odd_settings_are_an_attrs_class() -> None:
    assert OddSettings() == OddSettings()
