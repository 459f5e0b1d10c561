"""The command `convokit demo`."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import click

from convokit.cli.options import file_of, url_of


@click.command(short_help="Play one day of a made-up practice.")
@click.option("--headless", is_flag=True, help="Only play the day; no prompt at its end.")
@click.option("--db", "database", metavar="DB", help="A new SQLite file. Default: in a new folder.")
@click.option("--out", "folder", type=click.Path(path_type=Path), help="Folder of the files. Default: a new one.")
@click.option("--seed", type=int, default=7, show_default=True, help="The same seed plays the same day.")
def demo(headless: bool, database: str | None, folder: Path | None, seed: int) -> None:
    """Play one day of a made-up practice; then you are its front desk.

    Everything runs on this computer: a fresh SQLite file, a carrier that is simulated in the process, and a clock
    that stands still between commands. Nothing is sent anywhere.
    """
    from convokit.cli.demo.day import Day
    from convokit.cli.demo.prompt import Prompt
    from convokit.cli.demo.stage import Stage
    from convokit.cli.screen import this_screen

    file, place = _places(None if database is None else _new_file(database), folder)
    screen = this_screen()
    stage = Stage(file, place, seed)
    try:
        day = Day(stage, screen, place)
        day.play()
        if not headless:
            Prompt(stage, screen, place).run()
    finally:
        stage.kit.close()
    _goodbye(file, day.files, headless)


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
        if database is not None:
            folder = database.parent
        else:
            import tempfile

            folder = Path(tempfile.mkdtemp(prefix="convokit-demo-"))
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise click.UsageError(f"--out cannot be made: {error.strerror}") from None
    file = folder / "desk.db" if database is None else database
    if file.exists():
        raise click.UsageError(f"{file} exists; the demo needs a new file")
    return file.resolve(), folder.resolve()


def _goodbye(database: Path, files: list[tuple[Path, str]], headless: bool) -> None:
    """Where the files are, and what to try next."""
    command = os.environ.get("CONVOKIT_COMMAND", "convokit")  # how this command is called, where it is wrapped
    click.echo("")
    click.echo("  The files of this day")
    for path, what in [(database, "database"), *files]:
        click.echo(f"    {path}  ({what})")
    click.echo("")
    click.echo("  Try next")
    more = f"{command} demo  (the same day, and then you are the front desk)"
    again = f"{command} demo --seed 8  (the same day, with other luck)"
    click.echo(f"    {more if headless else again}")
    click.echo(f"    {command} inbox --db {subprocess.list2cmdline([str(database)])}")
    click.echo("    the README: thirty lines that put this desk into your own software")
    sys.stdout.flush()
