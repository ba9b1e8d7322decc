"""Other people's test suites: every document of the sdists below, read by our readers.

    python -m bench corpora            (fetches the sdists once with pip, outside the repository)

Told for each: documents, crashes (anything but a refusal in words), the slowest one, and how often
we agree with what the suite itself expects. The folder is PAAT_CORPORA, or ~/.cache/paat/corpora.
"""

import ast
import json
import logging
import os
import re
import shutil
import subprocess
import sys
import tarfile
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from collectors.documents import feed_reader
from collectors.documents.decoding import decode
from collectors.documents.instants import read_instant
from collectors.documents.xml import harmless
from collectors.extract.when import read_when
from collectors.kinds import calendar, feed, page
from collectors.pages.markup import absolute, title_of
from collectors.pages.page_links import find_links
from domain.errors import PaatError
from domain.records import Quarantined, RawItem, Source

FOLDER = Path(os.environ.get("PAAT_CORPORA", Path.home() / ".cache" / "paat" / "corpora"))
SDISTS = (
    *("feedparser==6.0.14", "icalendar==7.3.0", "recurring-ical-events==3.8.2"),
    *("charset-normalizer==3.5.2", "dateparser==1.5.0", "beautifulsoup4==4.15.0"),
    *("trafilatura==2.3.1", "html2text==2025.4.15", "x-wr-timezone==2.0.1"),
)
_FIELD = re.compile(
    r"entries\[0\]\.?(?:\['(\w+)'\]|\.(\w+)) == (u?'(?:[^'\\]|\\.)*'|u?\"(?:[^\"\\]|\\.)*\")"
)


def main() -> list[str]:
    logging.disable()
    warnings.simplefilter("ignore")  # those of icalendar on guessed time zones
    return [
        line
        for suite in (
            globals()[n]
            for n in (os.environ.get("SUITES") or "feeds encodings calendars dates pages").split()
        )
        for line in suite()
    ]


def folder(sdist: str) -> Path:
    """The unpacked sdist, fetched on the first time. Exits in words when it cannot be."""
    version = sdist.rpartition("==")[2]
    there = [one for one in FOLDER.glob(f"*-{version}") if _plain(one.name) == _plain(sdist)]
    if not there:
        pip = shutil.which("pip") or sys.exit(f"pip is needed to fetch {sdist} into {FOLDER}")
        FOLDER.mkdir(parents=True, exist_ok=True)
        command = [pip, "download", "-q", "--no-binary", ":all:", "--no-deps", sdist]
        subprocess.run(command, cwd=FOLDER, check=True, timeout=300)
        for archive in FOLDER.glob(f"*-{version}.tar.gz"):
            with tarfile.open(archive) as packed:
                packed.extractall(FOLDER, filter="data")
        return folder(sdist)
    return there[0]


def _plain(name: str) -> str:
    return re.sub(r"[-_.=]+", "-", name).lower()


class Tally:
    """What reading the documents of a suite cost and gave."""

    def __init__(self) -> None:
        self.read = self.refused = 0
        self.crashes: list[str] = []
        self.slowest = (0.0, "")

    def run(self, name: str, function: Callable[[], Any]) -> Any:
        started = time.process_time()
        try:
            given = function()
            self.read += 1
            return given
        except PaatError:
            self.refused += 1
        except Exception as error:  # noqa: BLE001  what is counted here
            self.crashes.append(f"{name}: {error!r}")
        finally:
            self.slowest = max(self.slowest, (time.process_time() - started, name))
        return None

    def lines(self, title: str, agreed: str = "") -> list[str]:
        seconds, name = self.slowest
        head = (
            f"{title}: {self.read + self.refused + len(self.crashes)} documents, "
            f"{len(self.crashes)} crash(es), {self.refused} refused in words, "
            f"slowest {seconds:.2f} s CPU ({name})"
        )
        return [head, *(f"   CRASH {one}" for one in self.crashes), *([agreed] if agreed else [])]


def of(kind: str) -> Source:
    return Source(slug="essai", title="Essai", kind=kind, url="https://mairie.example/x")


# --- feeds -------------------------------------------------------------------------------------


def feeds() -> list[str]:
    tally, quick, differ, agree, expected = Tally(), 0, [], 0, 0
    for path in sorted((folder("feedparser==6.0.14") / "tests").rglob("*.xml")):
        body, own = path.read_bytes(), of("feed")
        items = tally.run(path.name, lambda: feed.parse(body, own))  # noqa: B023
        with suppress(PaatError):
            text = harmless(decode(body).text.lstrip())
            fast = feed_reader.read(text)
            if fast is not None:
                quick += 1
                slow = feed._by_feedparser(text, own)
                given = [feed.items_of(one, own, own.url) for one in (fast, slow)]
                if _shown(given[0]) != _shown(given[1]):
                    differ.append(path.name)
        for fine in _as_expected(body.decode("utf-8", "replace"), items or []):
            agree, expected = agree + fine, expected + 1
    return [
        *tally.lines("feedparser", f"   expectations on what we keep: {agree} of {expected} met"),
        f"   quick reader: {quick} read, {len(differ)} differ from feedparser {differ[:5]}",
    ]


def _shown(found: list[Any]) -> list[object]:
    return [(one.key, one.why) if isinstance(one, Quarantined) else one for one in found]


def _as_expected(document: str, found: list[Any]) -> Iterator[bool]:
    """Whether the title, link and dates a fixture expects of its first entry are ours."""
    words = re.search(r"Expect:\s*(.+)", document)
    first = next((one for one in found if isinstance(one, RawItem)), None)
    if not words or first is None or "bozo" in words[1].replace("not bozo", ""):
        return
    for one, other, literal in _FIELD.findall(words[1]):
        value = ast.literal_eval(literal)
        match one or other:
            case "title" if title_of(value):
                yield first.fields.get("title") == title_of(value)
            case "link" if absolute(value, "https://mairie.example/x"):
                yield first.url == absolute(value, "https://mairie.example/x")
            case "published" | "created" | "issued" if read_instant(value):
                yield first.published_at == read_instant(value)


# --- encodings ---------------------------------------------------------------------------------


def encodings() -> list[str]:
    root = folder("charset-normalizer==3.5.2")
    tests = (root / "tests" / "test_full_detection.py").read_text("utf-8")
    tally, declared, alone, count = Tally(), 0, [], 0
    for name, charset in re.findall(r'\("([\w.-]+\.txt)", "(\w+)"', tests):
        path = next(root.rglob(name), None)
        if path is None:
            continue
        body = path.read_bytes()
        wanted = body.decode(charset).removeprefix("\ufeff")
        count += 1
        declared += _same(tally.run(name, lambda: decode(body, f"x; charset={charset}")), wanted)  # noqa: B023
        if not _same(decode(body), wanted):
            alone.append(f"{name} ({charset})")
    told = f"   declared: {declared} of {count} read right; undeclared: {count - len(alone)}"
    return tally.lines("charset-normalizer", f"{told}, wrong without a declaration: {alone}")


def _same(given: Any, wanted: str) -> bool:
    return given is not None and given.text == wanted


# --- calendars ---------------------------------------------------------------------------------


def calendars() -> list[str]:
    sdists = ("icalendar==7.3.0", "recurring-ical-events==3.8.2", "x-wr-timezone==2.0.1")
    roots = [folder(one) for one in sdists]
    sys.path += [str(roots[1]), str(roots[2])]  # the peer, in pure Python
    lines = []
    for root in roots:
        tally, agree, compared, differ = Tally(), 0, 0, []
        for path in sorted(root.rglob("*.ics")):
            body = path.read_bytes()
            found = tally.run(path.name, lambda: calendar.parse(body, _wide()))  # noqa: B023
            theirs = _peer_days(body) if found is not None else None
            if theirs is not None:
                ours = {slot[:10] for one in found for slot in _starts(one) if slot[:4] in YEARS}
                compared += 1
                agree += ours == theirs
                differ += [] if ours == theirs else [path.name]
        told = f"   days of {'–'.join(YEARS[::7])}: {agree} of {compared} calendars as the peer "
        lines += tally.lines(root.name, f"{told}recurring-ical-events; others: {differ[:12]}")
    return lines


def _wide() -> Source:
    """A calendar whose endless repetitions are followed over the years compared."""
    days = {"past_days": 365 * 8, "future_days": 365}
    return replace(of("calendar"), options=days)


YEARS = ("2019", "2020", "2021", "2022", "2023", "2024", "2025", "2026")


def _starts(one: Any) -> list[str]:
    fields = one.fields if isinstance(one, RawItem) else {}
    timings = [str(slot["start"]) for slot in fields.get("timings") or []]
    return timings or [str(fields.get("start") or "")]


def _peer_days(body: bytes) -> set[str] | None:
    """The days on which recurring-ical-events sees an event begin; None when it gives up."""
    import icalendar
    import recurring_ical_events  # type: ignore[import-not-found]

    if b"SECONDLY" in body or b"MINUTELY" in body or b"HOURLY" in body:
        return None
    try:
        parsed = icalendar.Calendar.from_ical(body)
        peer = recurring_ical_events.of(parsed, skip_bad_series=True)
        events = peer.between(date(int(YEARS[0]), 1, 1), date(int(YEARS[-1]) + 1, 1, 1))
    except Exception:  # noqa: BLE001  the peer's crashes are not ours
        return None
    return {_day(event["DTSTART"].dt) for event in events} - {""}


def _day(moment: date) -> str:
    from collectors.kinds.calendar import _paris

    day = (_paris(moment) if isinstance(moment, datetime) else moment).isoformat()[:10]
    return day if day[:4] in YEARS else ""


# --- dates -------------------------------------------------------------------------------------

_FRENCH = re.compile(
    r"\b(?:janv|f[ée]vr|mars|avril|avr|mai|juin|juil|ao[uû]t|d[ée]c|sept(?:embre)?|octobre|novembre"
    r"|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|heures?|h\d\d|le \d)",
    re.I,
)
_OTHERS = re.compile(
    r"\b(?:de|del|alle|ore|gener|maggio|am|pm|às|novembro|the|uhr)\b|[^\x00-\u017f]"
)


def dates() -> list[str]:
    """dateparser's own expectations for French texts with a day, a month and a year."""
    tally, right, wrong, none = Tally(), 0, [], []
    source = folder("dateparser==1.5.0") / "tests" / "test_date_parser.py"
    for text, day in sorted(set(_params(ast.parse(source.read_text("utf-8"))))):
        if not _FRENCH.search(text) or _OTHERS.search(text) or not re.search(r"\d{4}", text):
            continue
        when = tally.run(text, lambda: read_when(text, reference=date(2012, 11, 13)))  # noqa: B023
        found = [one.starts_on for one in when.occurrences] if when else []
        if not found:
            none.append(text)
        elif found[0] == day:
            right += 1
        else:
            wrong.append(f"{text} → {found[0]} (attendu {day})")
    told = f"   {right} as expected, {len(none)} not read {none[:8]}, wrong: {wrong[:8]}"
    return tally.lines("dateparser (français)", told)


def _params(tree: ast.AST) -> Iterator[tuple[str, date]]:
    for call in ast.walk(tree):
        if not isinstance(call, ast.Call) or not call.args:
            continue
        first, *rest = [*call.args, *(one.value for one in call.keywords)]
        if not isinstance(first, ast.Constant) or not isinstance(first.value, str):
            continue
        for one in rest:
            name = getattr(getattr(one, "func", None), "id", "")
            if not isinstance(one, ast.Call) or name not in ("datetime", "date"):
                continue
            numbers = [a.value for a in one.args if isinstance(a, ast.Constant)]
            if len(numbers) >= 3:
                with suppress(ValueError, TypeError):
                    yield first.value, date(*numbers[:3])


# --- pages -------------------------------------------------------------------------------------


def pages() -> list[str]:
    lines = []
    for sdist in ("beautifulsoup4==4.15.0", "trafilatura==2.3.1", "html2text==2025.4.15"):
        tally = Tally()
        for path in sorted(folder(sdist).rglob("*")):
            if path.suffix not in (".html", ".testcase", ".htm"):
                continue
            body = path.read_bytes()
            found = tally.run(path.name, lambda: page.parse(body, of("page")))  # noqa: B023
            tally.run(path.name, lambda: find_links(decode(body).text, "https://a.fr/"))  # noqa: B023
            for one in found or []:
                json.dumps(dict(getattr(one, "fields", {})), ensure_ascii=False).encode()
        lines += tally.lines(sdist)
    return lines
