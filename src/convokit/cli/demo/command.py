"""The command `convokit demo`."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import click

from convokit.cli.options import file_of, url_of


@click.command(short_help="A made-up practice in the browser, or its day in the terminal.")
@click.option("--headless", is_flag=True, help="Play one day in the terminal, without a browser.")
@click.option("--db", "database", metavar="DB", help="A new SQLite file. Default: in a new folder.")
@click.option("--out", "folder", type=click.Path(path_type=Path), help="Folder of the files. Default: a new one.")
@click.option("--seed", type=int, default=7, show_default=True, help="The same seed makes the same practice.")
@click.option("--keep", is_flag=True, help="Keep the file when it ends; without --db or --out it is deleted.")
@click.option("--port", type=click.IntRange(1, 65535), help="Port on this computer. Default: a free one.")
@click.option("--no-browser", is_flag=True, help="Only print the address.")
def demo(
    headless: bool, database: str | None, folder: Path | None, seed: int, keep: bool, port: int | None, no_browser: bool
) -> None:
    """Open the dashboard of a made-up practice, with the phone of a pet owner beside it.

    You are both sides. Everything runs on this computer: a fresh SQLite file, a carrier and a payment provider that
    are simulated in the process. Nothing is sent anywhere.
    """
    temporary = not headless and not keep and database is None and folder is None
    file, place = _places(None if database is None else _new_file(database), folder)
    if headless:
        _play(file, place, seed)
        return
    try:
        _serve(file, place, seed, port, browser=not no_browser and _has_browser())
    finally:
        if temporary:
            shutil.rmtree(place, ignore_errors=True)
    if not temporary:
        click.echo(f"  The database is kept: {file}")


def _play(file: Path, place: Path, seed: int) -> None:
    """One day, in the terminal."""
    from convokit.cli.demo.day import Day
    from convokit.cli.demo.stage import Stage
    from convokit.cli.screen import this_screen

    stage = Stage(file, place, seed)
    try:
        day = Day(stage, this_screen(), place)
        day.play()
    finally:
        stage.kit.close()
    _goodbye(file, day.files)


def _serve(file: Path, place: Path, seed: int, port: int | None, *, browser: bool) -> None:
    """The dashboard and the phone, until Ctrl-C."""
    try:
        import uvicorn  # noqa: F401 - asked for here, so that what is missing is said in one sentence
        from convokit_dashboard.demo.serving import run
    except ImportError:
        why = "the dashboard is not installed: pip install 'convokit-dashboard[demo]'; or use --headless"
        raise click.ClickException(why) from None
    try:
        run(file, place, seed=seed, port=port, browser=browser, say=click.echo)
    except KeyboardInterrupt:
        click.echo("")
    click.echo("  Closed.")


def _has_browser() -> bool:
    """Whether a window can be opened; a browser of the terminal would take it over."""
    return sys.platform in ("darwin", "win32") or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _new_file(database: str) -> Path:
    """The file of ``--db``, which every command reads alike."""
    file = file_of(url_of(database))
    if file is None:
        raise click.UsageError("--db must be a file, desk.db, or its URL, sqlite:///desk.db")
    if file.is_dir():
        raise click.UsageError(f"--db must be a new file; {file} is a folder")
    if file.exists():
        raise click.UsageError(f"--db must be a new file; {file} exists")
    return file


def _places(database: Path | None, folder: Path | None) -> tuple[Path, Path]:
    """The database's file and the transcripts' folder; made where they are not given."""
    if folder is None:
        folder = database.parent if database is not None else Path(tempfile.mkdtemp(prefix="convokit-demo-"))
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise click.UsageError(f"--out cannot be made: {error.strerror}") from None
    file = folder / "desk.db" if database is None else database
    if file.exists():
        raise click.UsageError(f"{file} exists; the demo needs a new file")
    return file.resolve(), folder.resolve()


def _goodbye(database: Path, files: list[tuple[Path, str]]) -> None:
    """Where the files are, and what to try next."""
    command = os.environ.get("CONVOKIT_COMMAND", "convokit")  # how this command is called, where it is wrapped
    click.echo("")
    click.echo("  The files of this day")
    for path, what in [(database, "database"), *files]:
        click.echo(f"    {path}  ({what})")
    click.echo("")
    click.echo("  Try next")
    click.echo(f"    {command} demo  (the dashboard in your browser, with a phone beside it)")
    click.echo(f"    {command} inbox --db {subprocess.list2cmdline([str(database)])}")
    click.echo("    the README: thirty lines that put this desk into your own software")
    sys.stdout.flush()
