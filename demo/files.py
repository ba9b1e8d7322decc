"""The files people export: form, workbook, subsidies, calendar, action sheets."""

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from demo.documents import Document, link, of, rezip
from demo.feeds import published
from demo.story import Announcement
from demo.words import hours, official, status_sentence, terse, title, when

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def documents(base: str, state: str) -> Iterator[Document]:
    yield _form(state)
    yield _prefecture(state)
    yield _subsidies(state)
    yield _calendar(base, state)
    yield from _sheets(state)


def number(one: Announcement, state: str) -> int:
    """Its rank in its file: rows are only ever added at the end."""
    return of(one.source, state).index(one) + 1


# --- tables ------------------------------------------------------------------------------------


def row_id(one: Announcement, rank: int) -> str:
    """The value of the id column of its table."""
    if one.source == "prefecture-83":
        return f"83-{one.year}-{rank:03d}"
    if one.source == "subventions":
        return f"SUB{one.year}{rank:04d}"
    return str(100 + rank)


def _form(state: str) -> Document:
    """Framaforms: three header rows, semicolons, Windows-1252, one column per question."""
    out = io.StringIO()
    write = csv.writer(out, delimiter=";", quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerow
    write(["Informations de la soumission", "", "", "Votre initiative"] + [""] * 8)
    write([""] * 12)
    write(
        ["Numéro de série", "Soumis le", "Complété le", "Intitulé de l'initiative",
         "Structure organisatrice", "Description", "Date de début", "Date de fin", "Horaires",
         "Lieu", "Commune", "Courriel de contact"]
    )  # fmt: skip
    for rank, one in enumerate(of("declarations", state), 1):
        sent = f"{published(one):%d/%m/%Y - %H:%M}"
        first, last = one.starts_on, one.ends_on
        write(
            [row_id(one, rank), sent, sent, title(one), one.organiser, official(one),
             f"{first:%d/%m/%Y}" if first else "", f"{last:%d/%m/%Y}" if last else "", one.hours,
             one.venue or ("En ligne" if one.town is None else ""),
             one.town.name if one.town else "", f"contact{rank:02d}@structure.example"]
        )  # fmt: skip
    body = out.getvalue().encode("cp1252", "replace")
    return Document(path="/declarations/export.csv", content_type="text/csv", body=body)


def _prefecture(state: str) -> Document:
    """A prefecture's workbook: a title row, typed dates, a second sheet of explanations."""
    import xlsxwriter

    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    book.set_properties({"created": datetime(2025, 12, 1, 6)})  # noqa: DTZ001
    day, head = book.add_format({"num_format": "dd/mm/yyyy"}), book.add_format({"bold": True})
    sheet = book.add_worksheet("Recensement")
    sheet.write(0, 0, "Recensement départemental des animations – Var", head)
    columns = ("N° dossier", "Intitulé de l'action", "Porteur", "Commune", "Code INSEE", "Lieu",
               "Date de début", "Date de fin", "Descriptif", "État")  # fmt: skip
    sheet.write_row(2, 0, columns, head)
    for rank, one in enumerate(of("prefecture-83", state), 1):
        line = rank + 2
        town = one.town
        cells = (row_id(one, rank), one.title, one.organiser, town.name if town else "",
                 town.code if town else "", one.venue)  # fmt: skip
        for column, text in enumerate(cells):
            sheet.write_string(line, column, text)
        for column, on in ((6, one.starts_on), (7, one.ends_on)):
            if on:
                sheet.write_datetime(line, column, datetime(on.year, on.month, on.day), day)  # noqa: DTZ001
        sheet.write_string(line, 8, official(one))
        sheet.write_string(line, 9, {"planned": "Programmée"}.get(one.status, "Reportée"))
    notes = book.add_worksheet("Lisez-moi")
    notes.write(0, 0, "Tableau tenu par le référent départemental. Données de démonstration.")
    book.close()
    return Document(path="/prefecture-83/recensement.xlsx", content_type=_XLSX,
                    body=rezip(out.getvalue()))  # fmt: skip


def _subsidies(state: str) -> Document:
    """Grants: one year, an amount, a terse title, no date."""
    out = io.StringIO()
    write = csv.writer(out, delimiter=",", lineterminator="\n").writerow
    write(["reference", "annee", "beneficiaire", "commune", "code_insee", "objet",
           "description", "montant"])  # fmt: skip
    for rank, one in enumerate(of("subventions", state), 1):
        town = one.town
        write([row_id(one, rank), one.year, one.organiser, town.name if town else "",
               town.code if town else "", one.title, terse(one), one.amount])  # fmt: skip
    return Document(path="/subventions/subventions.csv", content_type="text/csv; charset=utf-8",
                    body=("\ufeff" + out.getvalue()).encode())  # fmt: skip


# --- calendar ----------------------------------------------------------------------------------


def uid(one: Announcement) -> str:
    return f"{one.slug}@agenda-gap.example"


def _calendar(base: str, state: str) -> Document:
    """RFC 5545: all-day and timed events in Europe/Paris, a weekly rule, a cancelled one."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Agenda Gap//demo//FR",
             "X-WR-CALNAME:Agenda sportif du Gapençais", *_TIMEZONE]  # fmt: skip
    for one in of("agenda-gap", state):
        lines += ["BEGIN:VEVENT", f"UID:{uid(one)}", f"DTSTAMP:{published(one):%Y%m%dT%H%M%SZ}"]
        lines += _ics_dates(one)
        town = one.town.name if one.town else ""
        text = " ".join(p for p in (status_sentence(one), one.text) if p)
        lines += [
            f"SUMMARY:{_ics(one.title)}",
            f"DESCRIPTION:{_ics(text + ' Organisateur : ' + one.organiser + '.')}",
            f"LOCATION:{_ics(', '.join(p for p in (one.venue, town) if p))}",
            f"URL:{base}{link(one)}",
            f"STATUS:{'CANCELLED' if one.status == 'cancelled' else 'CONFIRMED'}",
            f'ORGANIZER;CN="{one.organiser}":mailto:agenda@structure.example',
            "END:VEVENT",
        ]
    lines.append("END:VCALENDAR")
    body = "\r\n".join(_fold(line) for line in lines) + "\r\n"
    return Document(path="/agenda-gap/agenda.ics", content_type="text/calendar; charset=utf-8",
                    body=body.encode())  # fmt: skip


def _ics_dates(one: Announcement) -> list[str]:
    first, last, slot = one.starts_on, one.ends_on, hours(one)
    if first is None or last is None:
        return []
    weekly = one.words.startswith("weekly")
    end_day = first if weekly else last
    rule = [f"RRULE:FREQ=WEEKLY;UNTIL={last:%Y%m%d}T215959Z"] if weekly else []
    if slot is None:
        after = end_day + timedelta(days=1)  # DTEND is exclusive (RFC 5545 §3.6.1)
        return [f"DTSTART;VALUE=DATE:{first:%Y%m%d}", f"DTEND;VALUE=DATE:{after:%Y%m%d}", *rule]
    begin, end = slot[0], slot[1] or slot[0].replace(hour=min(23, slot[0].hour + 2))
    if end_day != first:  # several days with hours: the days are what matters
        return [f"DTSTART;VALUE=DATE:{first:%Y%m%d}",
                f"DTEND;VALUE=DATE:{end_day + timedelta(days=1):%Y%m%d}", *rule]  # fmt: skip
    return [f"DTSTART;TZID=Europe/Paris:{first:%Y%m%d}T{begin:%H%M%S}",
            f"DTEND;TZID=Europe/Paris:{end_day:%Y%m%d}T{end:%H%M%S}", *rule]  # fmt: skip


_TIMEZONE = (
    *("BEGIN:VTIMEZONE", "TZID:Europe/Paris", "BEGIN:DAYLIGHT", "TZOFFSETFROM:+0100"),
    *("TZOFFSETTO:+0200", "TZNAME:CEST", "DTSTART:19700329T020000"),
    *("RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU", "END:DAYLIGHT", "BEGIN:STANDARD"),
    *("TZOFFSETFROM:+0200", "TZOFFSETTO:+0100", "TZNAME:CET", "DTSTART:19701025T030000"),
    *("RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU", "END:STANDARD", "END:VTIMEZONE"),
)


def _ics(text: str) -> str:
    return text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def _fold(line: str) -> str:
    """Lines of at most 75 octets (RFC 5545 §3.1), never cut inside a character."""
    parts, current = [], ""
    for character in line:
        if len((current + character).encode()) > 73:
            parts.append(current)
            current = " "
        current += character
    return "\r\n".join([*parts, current])


# --- action sheets -----------------------------------------------------------------------------


def _sheets(state: str) -> Iterator[Document]:
    yield Document(path="/fiches-cv/contrat-de-ville.docx", content_type=_DOCX,
                   body=_city_contract(of("fiches-cv", state)))  # fmt: skip
    yield Document(path="/fiches-ctg/fiches-action-ctg.docx", content_type=_DOCX,
                   body=_family_agreement(of("fiches-ctg", state)))  # fmt: skip
    yield Document(path="/fiches-txt/fiches.txt", content_type="text/plain; charset=utf-8",
                   body=_plain_sheets(of("fiches-txt", state)).encode())  # fmt: skip


def _city_contract(sheets: Sequence[Announcement]) -> bytes:
    """Contrat de ville: one table per sheet, the label on the left, the answer on the right."""
    import docx

    document = docx.Document()
    for rank, one in enumerate(sheets, 1):
        document.add_paragraph(f"FICHE {rank // 4 + 1}.{rank} (version 2024)")
        document.add_paragraph(one.title.upper())
        rows = (
            ("Pilier", "Cohésion sociale"),
            ("Contexte", _context(one)),
            ("Objectifs et dynamiques", _goals(one)),
            ("Réalisations attendues", one.text),
            ("Echelle Territoriale", f"{one.venue} – {one.town.name if one.town else ''}"),
            ("Animateur", one.organiser),
            ("Partenaires mobilisables (dont habitants)", "Ville, centres sociaux, clubs sportifs"),
            ("Calendrier", when(one)),
            ("Indicateurs", "Nombre de participants ; nombre de séances ; part de femmes"),
        )
        table = document.add_table(rows=0, cols=2)
        for label, answer in rows:
            cells = table.add_row().cells
            cells[0].text, cells[1].text = label, answer
        if rank < len(sheets):
            document.add_page_break()  # type: ignore[no-untyped-call]
    return _saved(document)


def _family_agreement(sheets: Sequence[Announcement]) -> bytes:
    """Convention territoriale globale: labels above, two by two, answers below."""
    import docx

    document = docx.Document()
    for rank, one in enumerate(sheets, 1):
        document.add_paragraph("Axe 3. Dynamiser la vie sociale et renforcer la coopération")
        document.add_paragraph(f"Action {rank} : {one.title}")
        document.add_paragraph(one.text)
        pairs = (
            ("Diagnostic initial", _context(one), "Public cible", "Enfants, jeunes et familles"),
            ("Objectifs opérationnels", _goals(one), "Echéances de réalisation", when(one)),
            ("Services mobilisés et responsables de l'action", one.organiser,
             "Partenaires sollicités", "Caf, communes, associations sportives"),
            ("Territoire", one.town.name if one.town else "", "Indicateurs d'évaluation",
             "Nombre d'enfants ; nombre de familles ; satisfaction"),
        )  # fmt: skip
        table = document.add_table(rows=0, cols=2)
        for left, left_answer, right, right_answer in pairs:
            labels, answers = table.add_row().cells, table.add_row().cells
            labels[0].text, labels[1].text = left, right
            answers[0].text, answers[1].text = left_answer, right_answer
        if rank < len(sheets):
            document.add_page_break()  # type: ignore[no-untyped-call]
    return _saved(document)


def _plain_sheets(sheets: Sequence[Announcement]) -> str:
    """The same thing in plain text, as it comes out of an old word processor."""
    blocks = [
        f"FICHE ACTION N° {rank}\n\n"
        f"Intitulé de l'action : {one.title}\n"
        f"Porteur : {one.organiser}\n"
        f"Territoire : {one.town.name if one.town else ''}\n"
        f"Contexte : {_context(one)}\n"
        f"Description : {one.text}\n"
        f"Public cible : habitants et adhérents\n"
        f"Calendrier : {when(one)}\n"
        f"Partenaires : communes, associations, écoles\n"
        f"Indicateurs : nombre de participants, nombre de rencontres\n"
        for rank, one in enumerate(sheets, 1)
    ]
    return "\n\n".join(blocks)


_CONTEXTS = (
    "Les habitants consultés au printemps demandent des activités proches et régulières.",
    "L'offre existe mais reste mal connue, et les créneaux ne conviennent pas à tous.",
    "Le diagnostic partagé relève peu de coopération entre les clubs, l'école et le quartier.",
)


def _context(one: Announcement) -> str:
    return _CONTEXTS[len(one.slug) % len(_CONTEXTS)]


def _goals(one: Announcement) -> str:
    town = one.town.name if one.town else "le territoire"
    return (
        f"Construire l'action avec les habitants de {town}, lever les freins et évaluer ensemble."
    )


def _saved(document: object) -> bytes:
    out = io.BytesIO()
    properties = document.core_properties  # type: ignore[attr-defined]
    properties.created = properties.modified = datetime(2024, 3, 1, 9)  # noqa: DTZ001
    properties.author = "Démonstration"
    document.save(out)  # type: ignore[attr-defined]
    return rezip(out.getvalue())
