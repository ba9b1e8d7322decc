"""The census in files: our writers beside named peers, same rows, same run, processor seconds.

10,000 rows × all columns for workbooks and calendars, 200 action sheets for PDF, 500 initiatives
for the plan; then 100,000 rows: time and peak memory of a process that makes them one by one.
"""

import io
import json
import sys
import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from importlib.util import find_spec
from typing import Any

from bench._measure import cost
from census.columns import chosen
from census.formats import fiches_contrat_de_ville_pdf, ics, ods, plan, plan_pdf, xlsx
from census.sheets import CONTRAT_DE_VILLE, sheets
from census.table import Table, format_named, table
from domain import territory
from domain.records import Dossier
from tests.builders import a_campaign, a_dossier

ROWS, MANY = 10_000, 100_000
COMMUNES = ("05061", "13055", "06088", "84007", "83137", "04070")


def dossiers(count: int) -> Iterator[Dossier]:
    """Dossiers as dense as real ones, made one by one."""
    for n in range(count):
        code = COMMUNES[n % len(COMMUNES)]
        yield a_dossier(
            f"Fête du sport n° {n}",
            themes=["heritage", "solidarite"][: 1 + n % 2],
            days=[date(2027, 1, 1) + timedelta(days=n % 360)],
            description="Initiations, démonstrations et rencontres ouvertes à tous. " * 4,
            commune_code=code,
            department=territory.department_of(code),
            venue="Stade municipal",
            address="1 avenue des Sports",
            organiser_kind="association",
            audience=["scolaires", "jeunes"],
            partners=["Ville", "Club", "Collège"],
            amount=1500.0 + n,
            url=f"https://exemple.fr/annonce/{n}",
        )


def a_table(count: int) -> Table:
    return table(dossiers(count), a_campaign(), today=date(2027, 3, 1), commune=territory.commune)


class Ready:
    """A table whose rows are made already: only the writing is measured."""

    def __init__(self, made: Table) -> None:
        self._made, self._pairs = made, list(made.pairs())

    def __getattr__(self, name: str) -> Any:
        return getattr(self._made, name)

    def __iter__(self) -> Iterator[Any]:
        return (row for _, row in self._pairs)

    def pairs(self) -> Iterator[Any]:
        return iter(self._pairs)


def main() -> Iterator[str]:
    # First, while this process is small: a child's peak counts what its parent held at its birth.
    for name in ("csv", "xlsx", "ods", "jsonl", "parquet"):
        if name == "parquet" and not find_spec("pyarrow"):
            yield "parquet : pyarrow absent"
            continue
        for rows in (1, MANY):
            spent = cost(["-m", "bench.census", name, str(rows)])
            yield f"{name:8} {rows:7} lignes, lignes comprises : {spent}"
    ready = Ready(a_table(ROWS))
    ours = timed(lambda: xlsx.write(ready, io.BytesIO()))  # type: ignore[arg-type]
    yield versus("xlsx, 10 000 lignes", ours, "openpyxl write_only", timed(lambda: openpyxl(ready)))
    ours = timed(lambda: ods.write(ready, io.BytesIO()))  # type: ignore[arg-type]
    yield versus("ods, 10 000 lignes", ours, "odfpy", timed(lambda: odfpy(ready)))
    ours = timed(lambda: ics.write(ready, io.BytesIO()))  # type: ignore[arg-type]
    yield versus("ics, 10 000 événements", ours, "icalendar", timed(lambda: icalendar(ready)))
    few = Ready(a_table(200))
    # Once: typst remembers what it has laid out, and a second run would be too good to be true.
    ours = timed(lambda: fiches_contrat_de_ville_pdf.write(few, io.BytesIO()), times=1)  # type: ignore[arg-type]
    if find_spec("weasyprint"):
        theirs = timed(lambda: weasyprint(few), times=1)
        yield versus("pdf, 200 fiches action", ours, "WeasyPrint (non balisé)", theirs)
    else:
        yield f"pdf, 200 fiches action : {ours:.2f} s (WeasyPrint absent : pas de comparaison)"
    some = Ready(a_table(500))
    for name, form in (("pdf", plan_pdf), ("docx", plan)):
        start = time.perf_counter()
        form.write(some, io.BytesIO())  # type: ignore[attr-defined]
        yield f"plan {name}, 500 initiatives : {time.perf_counter() - start:.2f} s"


def timed(work: Callable[[], object], *, times: int = 2) -> float:
    """Processor seconds, the best of so many times."""
    best = float("inf")
    for _ in range(times):
        start = time.process_time()
        work()
        best = min(best, time.process_time() - start)
    return best


def versus(what: str, ours: float, peer: str, theirs: float) -> str:
    ratio = f"rapport {ours / theirs:.2f} (× {theirs / ours:.1f})"
    return f"{what} : {ours:.2f} s ; {peer} {theirs:.2f} s ; {ratio}"


def openpyxl(rows: Any) -> None:
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet("Recensement")
    names = [(c.name, c.type) for c in chosen()]
    sheet.append([c.title for c in chosen()])
    for row in rows:
        sheet.append([_native(row[name], kind) for name, kind in names])
    book.save(io.BytesIO())


def _native(value: Any, kind: str) -> Any:
    if value is None or value == []:
        return None
    if kind == "date":
        return date.fromisoformat(value)
    return "|".join(value) if isinstance(value, list) else value


def odfpy(rows: Any) -> None:
    from odf.opendocument import OpenDocumentSpreadsheet
    from odf.table import Table as Sheet
    from odf.table import TableCell, TableRow
    from odf.text import P

    book = OpenDocumentSpreadsheet()
    sheet = Sheet(name="Recensement")
    for row in rows:
        line = TableRow()
        for column in chosen():
            value = row[column.name]
            if column.type == "date" and value:
                cell = TableCell(valuetype="date", datevalue=value)
            elif column.type in ("number", "integer") and value is not None:
                cell = TableCell(valuetype="float", value=value)
            else:
                cell = TableCell(valuetype="string")
                words = "|".join(value) if isinstance(value, list) else str(value or "")
                cell.addElement(P(text=words))
            line.addElement(cell)
        sheet.addElement(line)
    book.spreadsheet.addElement(sheet)
    book.save(io.BytesIO())


def icalendar(rows: Any) -> None:
    from icalendar import Calendar, Event

    calendar = Calendar()
    for entry, row in rows.pairs():
        for edition in entry.editions:
            event = Event()
            event.add("uid", edition.id)
            event.add("dtstamp", entry.changed_at)
            event.add("last-modified", entry.changed_at)
            event.add("dtstart", edition.occurrences[0].starts_on)
            event.add("dtend", edition.occurrences[0].ends_on + timedelta(days=1))
            event.add("summary", row["intitule"])
            event.add("location", row["lieu_nom"])
            event.add("description", row["description"])
            event.add("status", "CONFIRMED")
            event.add("url", row["source_url"])
            calendar.add_component(event)
    calendar.to_ical()


def weasyprint(rows: Any) -> None:
    from html import escape

    from weasyprint import HTML

    parts = [
        f"<h1>{escape(one['intitule'])}</h1><p><i>{escape(one['description'])}</i></p><table>"
        + "".join(
            f"<tr><th>{escape(label)}</th><td>{escape(one[name])}</td></tr>"
            for name, label in CONTRAT_DE_VILLE
        )
        + "</table><div style='page-break-after: always'></div>"
        for one in sheets(rows)
    ]
    HTML(string="<html lang=fr><body>" + "".join(parts)).write_pdf()


if __name__ == "__main__":
    with open("/dev/null", "wb") as nowhere:  # noqa: PTH123
        form = format_named(sys.argv[1])
        print(json.dumps(form.write(a_table(int(sys.argv[2])), nowhere)))
