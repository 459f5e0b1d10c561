"""The dashboard's translations: find every sentence, bring the catalogues up to date, compile them.

python tools/translations.py update      the template and every catalogue, from the code
python tools/translations.py compile     what gettext reads, from the catalogues
python tools/translations.py check       says what is missing; exits with 1 if anything is
"""

from __future__ import annotations

import io
import sys
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

PACKAGE = Path(__file__).resolve().parent.parent / "plugins" / "convokit-dashboard" / "src" / "convokit_dashboard"
LOCALES = PACKAGE / "locale"
DOMAIN = "convokit_dashboard"
KEYWORDS = {"_": None, "N_": None, "words": None, "w": None, "call.words": None, "many": (1, 2), "ngettext": (1, 2)}
# Dates, which change with every edit, and names that nobody has filled in.
_UNSAID = tuple(
    f'"{name}' for name in ("POT-Creation", "PO-Revision", "Report-Msgid", "Last-Trans", "Language-Team", "Gen")
)
METHODS = [("demo/**", "ignore"), ("**.py", "python"), ("templates/**.html", "jinja2")]


def template() -> Catalog:
    """Every sentence of the code, of the pages and of the desk itself."""
    from convokit_dashboard.core_words import core_words

    found = Catalog(project="convokit-dashboard", fuzzy=False)
    extracted = extract_from_dir(PACKAGE, METHODS, keywords=KEYWORDS)
    for file, line, message, _, _ in sorted(extracted, key=lambda one: (one[0], one[1])):
        if not (isinstance(message, str) and not message):
            found.add(message, None, [(file, line)])
    for text in core_words():
        found.add(text, None, [("the desk", 1)])
    return found


def catalogues() -> dict[str, Path]:
    """The catalogue of each language."""
    return {path.parent.parent.name: path for path in sorted(LOCALES.glob(f"*/LC_MESSAGES/{DOMAIN}.po"))}


def read(path: Path, language: str) -> Catalog:
    """A catalogue."""
    with path.open("rb") as file:
        return read_po(file, locale=language)


def written(catalog: Catalog) -> bytes:
    """A catalogue as it stands in its file: without line numbers and dates, which change with every edit."""
    out = io.BytesIO()
    write_po(out, catalog, width=120, no_location=True, omit_header=False, sort_output=True, ignore_obsolete=True)
    lines = out.getvalue().decode().splitlines(keepends=True)
    return "".join(line for line in lines if not line.startswith(_UNSAID)).encode()


def compiled(catalog: Catalog) -> bytes:
    """A catalogue as gettext reads it."""
    # The same bytes whenever it is compiled, and with whichever release of Babel.
    catalog.creation_date = catalog.revision_date = datetime(2026, 1, 1, tzinfo=UTC)
    catalog.mime_headers = [(name, value) for name, value in catalog.mime_headers if name != "Generated-By"]
    out = io.BytesIO()
    write_mo(out, catalog)
    return out.getvalue()


def update() -> None:
    """Bring the catalogues up to date; what is new in them is empty."""
    fresh = template()
    for language, path in catalogues().items():
        catalog = read(path, language)
        catalog.update(fresh, no_fuzzy_matching=True)
        path.write_bytes(written(catalog))


def compile_all() -> None:
    """Compile every catalogue."""
    for language, path in catalogues().items():
        path.with_suffix(".mo").write_bytes(compiled(read(path, language)))


def missing() -> list[str]:
    """What has no translation, and what is not compiled."""
    fresh = template()
    found = []
    for language, path in catalogues().items():
        catalog = read(path, language)
        for message in fresh:
            known = catalog.get(message.id) if message.id else message
            strings = () if known is None else known.string if isinstance(known.string, tuple) else (known.string,)
            if message.id and not (strings and all(strings)):
                found.append(f"{language}: {message.id!r}")
        if path.with_suffix(".mo").read_bytes() != compiled(catalog):
            found.append(f"{language}: not compiled; run python tools/translations.py compile")
    return found


def main(command: str) -> int:
    """Do what was asked."""
    if command == "update":
        update()
    elif command == "compile":
        compile_all()
    else:
        gaps = missing()
        print("\n".join(gaps) or "complete")
        return 1 if gaps else 0
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "check"))
