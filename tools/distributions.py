"""The distributions of this repository: build them all and look into them, or install the plugins' wheels.

python tools/distributions.py build FOLDER       wheels and source archives, checked
python tools/distributions.py wheels FOLDER      the plugins' wheels alone, side by side
python tools/distributions.py install-plugins    every plugin's wheel, into the environment that runs this
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
import zipfile
from collections.abc import Iterator, Set
from email.message import Message
from email.parser import HeaderParser
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).resolve().parent.parent
PLUGINS = sorted(found.parent for found in ROOT.glob("plugins/*/pyproject.toml"))
# Beyond the files of the source tree, which all must be there: what the core cannot do without.
NEEDED = ("convokit/py.typed", "convokit/stores/*/migrations/*.py", "convokit/transcripts/**/*.ttf")


def run(*command: str) -> None:
    """Run a Python module of this environment; stop with its code if it fails."""
    ran = subprocess.run([sys.executable, "-m", *command], cwd=ROOT, check=False)
    if ran.returncode:
        raise SystemExit(ran.returncode)


def install_plugins() -> None:
    """Install each plugin's wheel; the core's is installed already, so no index is asked for it.

    ``CONVOKIT_WHEELS``: where ``go.py`` has built them just now, once for all environments. Without it they are built.
    """
    with tempfile.TemporaryDirectory() as folder:
        given = os.environ.get("CONVOKIT_WHEELS")
        if given is None:
            apart = builder_is_here("--no-build-isolation")
            run("pip", "wheel", "--quiet", "--no-deps", *apart, "--wheel-dir", folder, *map(str, PLUGINS))
        wheels = [str(wheel) for wheel in sorted(Path(given or folder).glob("*.whl"))]
        if len(wheels) != len(PLUGINS):
            raise SystemExit(f"{len(wheels)} wheels for {len(PLUGINS)} plugins")
        run("pip", "install", "--quiet", "--no-deps", "--force-reinstall", *wheels)
        run("pip", "install", "--quiet", *wheels)
    run("pip", "check")


def build_wheels(folder: Path) -> None:
    """Build each plugin's wheel with what builds it, which is installed here; nothing else is left in ``folder``."""
    shutil.rmtree(folder, ignore_errors=True)
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    building = [subprocess.Popen(command, cwd=plugin) for plugin in PLUGINS]
    codes = [one.wait() for one in building]
    if any(codes):
        raise SystemExit(max(codes))


def builder_is_here(option: str) -> list[str]:
    """The option, where what builds is installed: an environment of its own for each plugin would be made for nothing,
    because all ask for the same as the core.
    """
    return [] if importlib.util.find_spec("hatchling") is None else [option]


def build(folder: Path) -> None:
    """Build every distribution into ``folder``, the wheel from the source archive, and check both."""
    if not can_build():
        raise SystemExit("building needs the package `build`, which is not installed here: pip install build")
    made = {source: folder / ("core" if source == ROOT else source.name) for source in (ROOT, *PLUGINS)}
    clear(folder, {out.name for out in made.values()})
    for source, out in made.items():
        run("build", *([] if source == ROOT else builder_is_here("--no-isolation")), "--outdir", str(out), str(source))
        complaints = list(check(source, out))
        if complaints:
            raise SystemExit("\n".join(f"{source.name}: {complaint}" for complaint in complaints))
        print(f"{', '.join(sorted(made.name for made in out.iterdir()))}: complete")


def can_build() -> bool:
    """Whether the package `build` is installed; a folder of that name, with what somebody built, is not it."""
    found = importlib.util.find_spec("build")
    return found is not None and found.origin is not None


def clear(folder: Path, own: Set[str]) -> None:
    """Delete what an earlier run built into ``folder``: archives in our own subfolders. Anything else is refused."""
    if folder.exists() and not folder.is_dir():
        raise SystemExit(f"{folder} is a file: name a folder")
    archives: list[Path] = []
    for path in sorted(folder.iterdir()) if folder.exists() else ():
        inner = sorted(path.iterdir()) if path.name in own and path.is_dir() and not path.is_symlink() else None
        strange = [path] if inner is None else [one for one in inner if not is_archive(one)]
        if strange:
            found = f"{folder} holds {strange[0].relative_to(folder)}, which was not built here"
            raise SystemExit(f"{found}; nothing was deleted: name a new folder")
        archives.extend(inner or ())
    for path in archives:
        path.unlink()


def is_archive(path: Path) -> bool:
    """Whether this is a wheel or a source archive."""
    return path.is_file() and path.name.endswith((".whl", ".tar.gz"))


def check(source: Path, out: Path) -> Iterator[str]:
    """What is wrong with the wheel and the source archive made from ``source``."""
    (wheel,) = out.glob("*.whl")
    (archive,) = out.glob("*.tar.gz")
    expected = {path.relative_to(source / "src").as_posix(): path for path in shipped_files(source)}
    with zipfile.ZipFile(wheel) as opened:
        names = set(opened.namelist())
        yield from (f"{name} is not in the wheel" for name in sorted(expected.keys() - names))
        yield from (f"{name} is in the wheel and not in the tree" for name in sorted(strangers(names, expected.keys())))
        metadata = next(name for name in names if name.endswith(".dist-info/METADATA"))
        yield from check_metadata(HeaderParser().parsestr(opened.read(metadata).decode()), source)
    needed = NEEDED if source == ROOT else ("*/py.typed",)
    for pattern in needed:
        if not any(matches(name, pattern) for name in names):
            yield f"nothing in the wheel matches {pattern}"
    with tarfile.open(archive) as unpacked:
        inside = {name.partition("/")[2] for name in unpacked.getnames()}
    for name in ("LICENSE", "README.md", "pyproject.toml", *(f"src/{name}" for name in expected)):
        if name not in inside:
            yield f"{name} is not in the source archive"


def shipped_files(source: Path) -> Iterator[Path]:
    """The files under ``src`` that users must get."""
    for path in (source / "src").rglob("*"):
        hidden = any(part == "__pycache__" or part.startswith(".") for part in path.relative_to(source).parts)
        if path.is_file() and not hidden and path.suffix != ".pyc":
            yield path


def strangers(names: set[str], expected: Set[str]) -> Iterator[str]:
    """Files of the wheel that are neither the package's nor its metadata."""
    return (name for name in names if ".dist-info/" not in name and name not in expected)


def check_metadata(metadata: Message, source: Path) -> Iterator[str]:
    """What an index or a reader would miss in the wheel's metadata."""
    project = tomllib.loads((source / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = {"Name": project["name"], "Version": project["version"], "License-Expression": project["license"]}
    for field, value in wanted.items():
        if metadata[field] != value:
            yield f"{field} is {metadata[field]!r}, not {value!r}"
    for field in ("Summary", "Requires-Python", "License-File", "Description-Content-Type"):
        if not metadata[field]:
            yield f"{field} is missing"
    if not str(metadata.get_payload()).strip():
        yield "the description (README.md) is empty"


def matches(name: str, pattern: str) -> bool:
    """Whether a path in an archive matches ``pattern``, in which ``**`` stands for any folders."""
    before, deep, after = pattern.partition("/**/")
    if not deep:
        return PurePosixPath(name).match(pattern)
    return name.startswith(before + "/") and PurePosixPath(name).match(after)


def main(arguments: list[str]) -> None:
    match arguments:
        case ["build", folder]:
            build(Path(folder).resolve())
        case ["wheels", folder]:
            build_wheels(Path(folder).resolve())
        case ["install-plugins"]:
            install_plugins()
        case _:
            raise SystemExit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
