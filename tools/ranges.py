"""Run every contract on built wheels, at both ends of what the wheels' metadata allows.

python tools/ranges.py [DISTRIBUTION...] [-- ARGUMENTS OF PYTEST]

Each distribution gets two environments of its own: in one everything that it and the core ask for is as old as they
allow, in the other as new. Nothing else is in them but pytest and what its tests need, so what it forgets to ask for is
missing. It needs `uv`.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from email.parser import HeaderParser
from pathlib import Path
from typing import Final, Literal

from packaging.requirements import Requirement

ROOT: Final = Path(__file__).resolve().parent.parent
CORE: Final = "convokit-vet"

End = Literal["oldest", "newest"]
ENDS: Final[Mapping[End, str]] = {"oldest": "lowest-direct", "newest": "highest"}
"""The ends of a range, and what uv calls them. What a distribution does not ask for by itself is as new as can be."""

EXTRAS: Final[Mapping[str, frozenset[str]]] = {
    CORE: frozenset({"testing", "crypto", "shaping", "postgres"}),
    "convokit-dashboard": frozenset({"demo", "wsgi"}),
}
"""Extras of a distribution that are tested with it. Those of the core are there for the others as far as `testing`."""
TOOLS: Final[Mapping[str, tuple[str, ...]]] = {
    CORE: ("pdf-oxide", "babel"),
    "convokit-dashboard": ("httpx",),
    "convokit-mail-smtp": ("aiosmtpd", "trustme"),
    "convokit-otel": ("opentelemetry-sdk",),
    # Their contracts are checked against the signatures of the carriers' own SDKs.
    "convokit-sms-plivo": ("plivo",),
    "convokit-sms-twilio": ("twilio",),
    "convokit-sms-vonage": ("vonage-jwt", "vonage-messages", "vonage-sms"),
}
"""What the tests of a distribution need besides: as new as can be, whatever the end."""
TESTS: Final[Mapping[str, tuple[str, ...]]] = {
    CORE: (
        "tests/stores/test_sql_contract.py",
        "tests/stores/test_postgres_open.py",
        "tests/media",
        *(f"tests/transcripts/test_{name}.py" for name in ("html", "pdf", "pictures", "record", "text")),
    ),
    "convokit-dashboard": tuple(
        f"plugins/convokit-dashboard/tests/test_dashboard_{name}.py" for name in ("acts", "settings", "views")
    ),
    "convokit-otel": ("plugins/convokit-otel/tests",),
}
"""Where its contracts are; elsewhere they are the files that are called so."""


# --- what is asked for ------------------------------------------------------------------------------------------------
def asked_for(metadata: str, extras: Iterable[str] = ()) -> list[str]:
    """What a distribution asks for by itself, without its extras but those named, and without our own distributions."""
    found: list[str] = []
    for line in HeaderParser().parsestr(metadata).get_all("Requires-Dist", []):
        wanted = Requirement(str(line))
        if wanted.name.startswith("convokit-"):
            continue
        if wanted.marker is None or any(wanted.marker.evaluate({"extra": extra}) for extra in ("", *extras)):
            more = f"[{','.join(sorted(wanted.extras))}]" if wanted.extras else ""
            found.append(f"{wanted.name}{more}{wanted.specifier}")
    return found


def unbounded(requirements: Iterable[str]) -> list[str]:
    """Those that do not say from which release on they work: the oldest one of them means nothing."""
    lower = (">=", "==", "~=")
    return [one for one in requirements if not any(part.operator in lower for part in Requirement(one).specifier)]


def metadata_of(wheel: Path) -> str:
    """The metadata of a wheel."""
    with zipfile.ZipFile(wheel) as opened:
        (name,) = (name for name in opened.namelist() if name.endswith(".dist-info/METADATA"))
        return opened.read(name).decode("utf-8")


def distributions() -> dict[str, Path]:
    """Where each distribution is, the core first."""
    plugins = sorted(found.parent for found in ROOT.glob("plugins/*/pyproject.toml"))
    return {CORE: ROOT, **{plugin.name: plugin for plugin in plugins}}


def tests_of(name: str) -> list[str]:
    """The files and folders with a distribution's contracts."""
    files = [str(path.relative_to(ROOT)) for path in sorted(ROOT.glob(f"plugins/{name}/tests/*contract*.py"))]
    return [*TESTS.get(name, ()), *files]


# --- environments -----------------------------------------------------------------------------------------------------
def build(folder: Path) -> dict[str, Path]:
    """Build the wheel of every distribution."""
    made: dict[str, Path] = {}
    for name, source in distributions().items():
        out = folder / name
        run("uv", "build", "--quiet", "--wheel", "--out-dir", str(out), str(source))
        (made[name],) = out.glob("*.whl")
    return made


def requirements(name: str, wheels: Mapping[str, Path]) -> list[str]:
    """All that a distribution and the core under it ask for by themselves."""
    core = EXTRAS[CORE] if name == CORE else {"testing"}
    found = asked_for(metadata_of(wheels[CORE]), core)
    if name != CORE:
        found += asked_for(metadata_of(wheels[name]), EXTRAS.get(name, ()))
    return list(dict.fromkeys(found))


def make(folder: Path, name: str, end: End, wheels: Mapping[str, Path]) -> Path:
    """An environment at one end of a distribution's range; its interpreter."""
    run("uv", "venv", "--quiet", "--python", sys.executable, str(folder))
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    own = list(dict.fromkeys(str(wheels[one]) for one in (CORE, name)))
    install = ("uv", "pip", "install", "--quiet", "--python", str(python), "--resolution")
    run(*install, ENDS[end], *own, *requirements(name, wheels))
    # A second step: tools do not ask for old releases of what is tested, and are not tested themselves.
    pins = run("uv", "pip", "freeze", "--quiet", "--python", str(python), "--exclude-editable", shown=False)
    kept = folder / "kept.txt"
    kept.write_text("\n".join(line for line in pins.splitlines() if "==" in line), encoding="utf-8")
    run(*install, "highest", "--constraint", str(kept), "pytest-xdist", *TOOLS.get(name, ()))
    return python


def run(*command: str, shown: bool = True) -> str:
    """Run a command in the repository; what it says, unless it is shown.

    Raises:
        SystemExit: it failed.
    """
    ran = subprocess.run(
        command, cwd=ROOT, env=environment(), check=False, encoding="utf-8", stdout=None if shown else subprocess.PIPE
    )
    if ran.returncode:
        raise SystemExit(f"{' '.join(command[:3])} failed ({ran.returncode})")
    return ran.stdout or ""


def environment() -> dict[str, str]:
    """Without what would make tests leave rows out, or look for sources."""
    left_out = {"CONVOKIT_SHARE", "CONVOKIT_ONCE_ON", "CONVOKIT_COVERED_ON", "PYTHONPATH", "VIRTUAL_ENV"}
    return {name: value for name, value in os.environ.items() if name not in left_out}


# --- running ----------------------------------------------------------------------------------------------------------
def checked(name: str, end: End, wheels: Mapping[str, Path], arguments: Sequence[str]) -> bool:
    """Whether a distribution keeps its contracts at one end."""
    with tempfile.TemporaryDirectory() as folder:
        python = make(Path(folder) / "env", name, end, wheels)
        where = subprocess.check_output(
            [python, "-c", "import convokit; print(convokit.__file__)"], cwd=folder, env=environment(), encoding="utf-8"
        )
        if not Path(where.strip()).is_relative_to(folder):
            raise SystemExit(f"{where.strip()} is not what was built")
        command = [str(python), "-m", "pytest", "-q", "-n", "auto", "--dist", "worksteal", *arguments]
        return subprocess.call([*command, *tests_of(name)], cwd=ROOT, env=environment()) == 0


def main(arguments: Sequence[str]) -> int:
    """Check all distributions, or those named; 1: at least one does not work."""
    at = list(arguments).index("--") if "--" in arguments else len(arguments)
    known = distributions()
    names, more = list(arguments[:at]) or list(known), arguments[at + 1 :]
    if strange := sorted(set(names) - set(known)):
        raise SystemExit(f"no such distribution: {', '.join(strange)}; there are {', '.join(known)}")
    with tempfile.TemporaryDirectory() as folder:
        wheels = build(Path(folder))
        if vague := sorted({one for name in names for one in unbounded(requirements(name, wheels))}):
            raise SystemExit(f"without a lower bound: {', '.join(vague)}")
        failed = list(_failures(names, wheels, more))
    print(f"{len(names)} distributions at both ends: {'failed: ' + ', '.join(failed) if failed else 'all work'}")
    return 1 if failed else 0


def _failures(names: Iterable[str], wheels: Mapping[str, Path], arguments: Sequence[str]) -> Iterator[str]:
    for name in names:
        for end in ENDS:
            print(f"--- {name}, {end}", flush=True)
            started = time.monotonic()
            if not checked(name, end, wheels, arguments):
                yield f"{name} ({end})"
            print(f"--- {name}, {end}: {time.monotonic() - started:.0f} s", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
