"""Rows of a document → action sheets: which label is which field, where a sheet starts. Pure.

Two layouts exist, and both may be mixed in one document (docs/import.md):
- in line: a label, then its content, in the next cell or below (contrats de ville);
- in columns: a line of labels, the content of each below it in its column (CTG, CAF).
"""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import resources

from rapidfuzz import fuzz, process

from collectors.documents.office import Rows, strip_tags
from domain.text import clean, fold, one_line

ALIKE = 85  # rapidfuzz ratio from which a label is recognised
MIN_FIELDS = 3  # labels, title and axis apart, without which a document is no action sheet
INDICATORS = ("indicateurs_realisation", "indicateurs_effets", "indicateurs")
_MAX_LABEL = 90  # characters
_BULLET = re.compile(r"^\s*[-–•·▪◦●*]\s+|^\s*[•·▪◦●]")
_INLINE_BULLET = re.compile(r"\s[•·▪●]\s+|(?<=\w)\s-\s(?=[A-ZÀ-Ý])")
_START = re.compile(
    r"^(?:fiche[\s-]*(?:action|projet)?|action)\s*(?:n\s*[°o.]?\s*)?(?P<number>\d[\d.\-]*[a-z]?)\b"
    r"\s*(?:\([^)]*\))?\s*[.:\-–—]*\s*(?P<title>.*)$",
    re.IGNORECASE | re.DOTALL,
)
_AXIS = re.compile(r"^(?:axe|pilier|volet|orientation|priorité)\s*(?:n\s*°\s*)?[\dIVX]+\b", re.I)
_MAX_TITLE = 150  # characters; beyond, the description was run on after the title
_RUN_ON = re.compile(r"(?<=[a-zà-ÿ]) (?=[A-ZÀ-Ý][a-zà-ÿ]+ [a-zà-ÿ])")
_LOOK = 10  # rows below a heading among which a label must be for it to start a sheet


@dataclass(slots=True)
class Sheet:
    """A sheet being read. `fields`: a label without content is "", an absent one is not there."""

    number: str = ""
    title: str = ""
    axis: str = ""
    fields: dict[str, list[str]] = field(default_factory=dict)

    def values(self) -> dict[str, str | list[str]]:
        """The canonical fields as text, and the list of the indicators."""
        result: dict[str, str | list[str]] = {"intitule": self.title}
        if self.number:
            result["numero"] = self.number
        for name, parts in self.fields.items():
            result[name] = tidy("\n".join(parts))
        axis = "\n".join(filter(None, [self.axis, result.get("axe")]))  # type: ignore[list-item]
        if axis:
            result["axe"] = axis
        indicators = [i for name in INDICATORS for i in bullets(str(result.get(name, "")))]
        if indicators:
            result["liste_indicateurs"] = indicators
        return result


@lru_cache(maxsize=1)
def labels() -> Mapping[str, str]:
    """Folded label → canonical field, from data/action_sheet.toml."""
    text = (resources.files("collectors") / "data" / "action_sheet.toml").read_text("utf-8")
    blocks = tomllib.loads(text).items()
    return {_folded(one): name for name, b in blocks for one in [*b["labels"], b["title"]]}


def _folded(label: str) -> str:
    bare = re.sub(r"\([^)]*\)|«[^»]*»|\"[^\"]*\"", " ", label)
    return " ".join(re.sub(r"[^a-z0-9'/ ]", " ", fold(bare)).split())


@lru_cache(maxsize=4096)
def label_of(cell: str) -> str | None:
    """The field whose label a cell is, or None. A bullet, a long or a numbered text is none."""
    lines = [line for line in cell.split("\n") if line.strip()]
    if not lines or len(cell) > 2 * _MAX_LABEL or _BULLET.match(cell):
        return None
    found = [_line_label(line) for line in lines]
    remarks = [line.strip().startswith("(") for line in lines]
    named = all(one or remark for one, remark in zip(found, remarks, strict=True))
    return found[0] if named else None


def _line_label(line: str) -> str | None:
    if _AXIS.match(line.strip()) or _START.match(line.strip()):
        return None  # « Axe 1 », « Action 2 »: a heading, not a label
    folded = re.sub(r"^(?:(?:les|le|la|des) |l' ?)", "", _folded(line))
    if not 3 <= len(folded) <= _MAX_LABEL or re.match(r"\d", folded):
        return None
    known = labels()
    if folded in known:
        return known[folded]
    best = process.extractOne(folded, known.keys(), scorer=fuzz.ratio, score_cutoff=ALIKE)
    return known[best[0]] if best and len(folded) >= 6 else None


def _inline(text: str) -> tuple[str, str] | None:
    """(field, content) of « Enjeu : favoriser… », or None."""
    head, colon, tail = text.partition(":")
    if not colon or len(head) > _MAX_LABEL or "\n" in head or not tail.strip():
        return None
    name = None if _BULLET.match(head) else _line_label(head)
    return (name, tail.strip()) if name else None


def tidy(text: str) -> str:
    """Content without tags; bullets, even run together on one line, become lines « - … »."""
    lines = []
    for line in strip_tags(text).split("\n"):
        parts = _INLINE_BULLET.split(f" {line}") if _BULLET.match(line) or "•" in line else [line]
        bulleted = bool(_BULLET.match(line)) or len(parts) > 1
        for part in parts:
            bare = _BULLET.sub("", part).strip()
            if bare:
                lines.append(f"- {bare}" if bulleted else bare)
    return clean("\n".join(lines))


def bullets(text: str) -> list[str]:
    """The items of a list: its bulleted lines, or every line, without final punctuation."""
    return [b for b in (_BULLET.sub("", line).strip(" ,;.") for line in text.split("\n")) if b]


# --- where sheets start ----------------------------------------------------------------------


def read_sheets(rows: Rows) -> list[Sheet]:
    """The action sheets of a document, in order; those with too few labels are left out."""
    found = []
    axis = ""
    for part in _split(rows):
        sheet = _read(part, axis)
        axis = sheet.axis or axis
        if sheet.title and len(sheet.fields.keys() - {"axe", "intitule"}) >= MIN_FIELDS:
            found.append(sheet)
    return found


def labels_in(rows: Rows) -> list[str]:
    """The fields whose labels a document bears: why it is, or is not, an action sheet."""
    return list(dict.fromkeys(n for row in rows for cell in row if (n := label_of(cell))))


def _split(rows: Rows) -> Iterator[Rows]:
    """The rows of each sheet. Axis headings just above a start belong to what they announce."""
    part: Rows = []
    for index, row in enumerate(rows):
        if part and _starts(rows, index, part):
            carried: Rows = []
            while part and _AXIS.match(_only(part[-1])):
                carried.insert(0, part.pop())
            if part:
                yield part
            part = carried
        part.append(row)
    if part:
        yield part


def _only(row: Sequence[str]) -> str:
    """The text of a row that has one, else ""."""
    filled = [cell for cell in row if cell]
    return filled[0] if len(filled) == 1 else ""


def _starts(rows: Rows, index: int, part: Rows) -> bool:
    """True when a sheet starts at this row: « Fiche 3 », « Action 2 : … » with labels below it,
    or a second label of title."""
    text = _only(rows[index])
    if text and _START.match(strip_tags(text)):
        for following in rows[index + 1 : index + 1 + _LOOK]:
            if _START.match(strip_tags(_only(following))):
                return False
            if any(_is_label(cell) for cell in following):
                return True
        return False
    first = next((cell for cell in rows[index] if cell), "")
    titled = label_of(first) == "intitule" or (_inline(first) or ("",))[0] == "intitule"
    return titled and len(labels_in(part)) >= MIN_FIELDS


def _is_label(cell: str) -> bool:
    return label_of(cell) is not None or _inline(cell) is not None


# --- one sheet -------------------------------------------------------------------------------


def _read(rows: Rows, axis: str) -> Sheet:
    sheet = Sheet(axis="")
    columns = any(_all_labels(row) for row in rows)
    body = _heading(rows, sheet)
    if not sheet.axis:
        sheet.axis = axis
    if columns:
        _in_columns(body, sheet)
    else:
        _in_line(body, sheet)
    title = sheet.fields.pop("intitule", [])
    if not sheet.title and title:
        sheet.title = one_line(strip_tags(" ".join(title)))
    return sheet


def _all_labels(row: Sequence[str]) -> bool:
    filled = [cell for cell in row if cell]
    return len(filled) >= 2 and all(label_of(cell) for cell in filled)


def _heading(rows: Rows, sheet: Sheet) -> Rows:
    """Take number, title and axis from the rows above the first label; give back the others."""
    rest: Rows = []
    started = False
    for index, row in enumerate(rows):
        text = _only(row)
        if not text or _is_label(text):
            if any(_is_label(cell) for cell in row):
                return rest + rows[index:]
            rest.append(row)
            continue
        start = _START.match(strip_tags(text))
        if _AXIS.match(text):
            sheet.axis = "\n".join(filter(None, [sheet.axis, clean(text)]))
        elif start and not started:
            started, sheet.number = True, start["number"].rstrip(".-")
            title, after = _cut(text, start["title"])
            sheet.title = title
            if after:
                sheet.fields["description"] = [after]
        elif not sheet.title:
            sheet.title = one_line(strip_tags(text))
        else:
            sheet.fields.setdefault("description", []).append(text)
    return rest


def _cut(text: str, title: str) -> tuple[str, str]:
    """The title, and the tagged text that follows it on the same line when there is one."""
    tag = re.search(r"<(?:p|i|em|ul|div)\b", text)
    if tag is None:
        first, _, after = title.partition("\n")
        if len(first) > _MAX_TITLE and (run := _RUN_ON.search(first, 40)):
            first, after = first[: run.start()], f"{first[run.end() :]}\n{after}"
        return one_line(first), after.strip()
    head = _START.match(text[: tag.start()])
    return one_line(head["title"] if head else ""), text[tag.start() :]


def _in_line(rows: Rows, sheet: Sheet) -> None:
    current = ""
    for cell in (cell for row in rows for cell in row):
        if not cell:
            continue
        inline = _inline(cell)
        name = label_of(cell)
        if name is None and inline and inline[0] not in sheet.fields:
            current, content = inline
            sheet.fields.setdefault(current, []).append(content)
        elif name is not None:
            current = name
            sheet.fields.setdefault(current, [])
        elif _AXIS.match(cell) and not sheet.fields:
            sheet.axis = "\n".join(filter(None, [sheet.axis, clean(cell)]))
        elif cell.startswith("(") and cell.endswith("?)"):
            continue  # the form's own question below its label
        elif current:
            sheet.fields[current].append(cell)
        else:
            sheet.fields.setdefault("description", []).append(cell)


def _in_columns(rows: Rows, sheet: Sheet) -> None:
    under: dict[int, str] = {}
    last = ""
    for row in rows:
        alone = len(row) == 1
        for column, cell in enumerate(row):
            if not cell:
                continue
            name, inline = label_of(cell), _inline(cell)
            if name is not None:
                under[column] = last = name
                sheet.fields.setdefault(name, [])
            elif inline and inline[0] not in sheet.fields:
                sheet.fields[inline[0]] = [inline[1]]
            else:
                into = (last if alone else under.get(column)) or "description"
                sheet.fields.setdefault(into, []).append(cell)
