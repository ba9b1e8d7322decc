"""Series and festivals as the report shows them: an initiative, its editions, their parts."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from domain.series import shape
from domain.times import french_date
from matching.cards import text_of
from matching.grouping import ASK
from matching.rows import Rows

if TYPE_CHECKING:
    from matching.tables import Matches

MOST = 100  # initiatives shown, those of most editions first
NAMED = 12  # rows named under an edition
UNDATED = "sans date"  # of the initiative, of no edition in particular


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """One group of rows, and the groups that are parts of it."""

    title: str
    when: str
    rows: tuple[str, ...]
    more: int  # rows beyond the first NAMED
    open: bool  # a question about its rows waits for an answer
    parts: tuple["Edition", ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Initiative:
    title: str
    kind: str
    editions: tuple[Edition, ...]


def initiatives(
    found: "Matches", rows: Rows, fields: Mapping[str, str], names: Sequence[str]
) -> tuple[list[Initiative], int]:
    """Initiatives of several editions, dates or parts, most editions first, and how many there
    are. `fields`: field → column of the table as it was read."""
    clusters: dict[int, list[int]] = defaultdict(list)
    for i, cluster in enumerate(found.cluster):
        clusters[cluster].append(i)
    series: dict[int, list[int]] = defaultdict(list)
    for cluster, members in clusters.items():
        series[found.series[members[0]]].append(cluster)
    told = [
        some for some in series.values() if len(some) > 1 or _dates(rows, fields, clusters[some[0]])
    ]
    told.sort(key=lambda some: (-len(some), some[0]))
    shown = []
    for some in told[:MOST]:
        whole = {c: found.part_of[clusters[c][0]] for c in some}
        days = {c: _days(rows, fields, clusters[c]) for c in some}
        order = sorted(some, key=lambda c: (days[c] or [date.max], c))
        asked = {c: any(found.decisions[i] == ASK for i in clusters[c]) for c in some}
        edition = {
            c: _edition(rows, fields, clusters[c], days[c], names, asked=asked[c]) for c in some
        }
        tops = tuple(
            replace(edition[c], parts=tuple(edition[k] for k in order if whole[k] == c))
            for c in order if whole[c] is None
        )  # fmt: skip
        main = max(tops, key=lambda one: (len(one.parts), len(one.rows), -len(one.title)))
        kind = shape(
            sum(one.when != UNDATED for one in tops),
            days=len({one.when for one in tops} - {UNDATED}),
            dates=len(days[order[0]]),
            parts=sum(len(one.parts) for one in tops),
        )
        shown.append(Initiative(title=main.title, kind=kind or "une édition", editions=tops))
    return shown, len(told)


def _edition(
    rows: Rows, fields: Mapping[str, str], members: Sequence[int], days: Sequence[date],
    names: Sequence[str], *, asked: bool,
) -> Edition:  # fmt: skip
    title = next((t for i in members for t in [_cell(rows, fields, "title", i)] if t), "sans titre")
    return Edition(
        title=title[:200],
        when=_when(days),
        rows=tuple(names[i] for i in members[:NAMED]),
        more=max(0, len(members) - NAMED),
        open=asked,
    )


def _when(days: Sequence[date]) -> str:
    if not days:
        return UNDATED
    if len(days) == 1:
        return french_date(days[0])
    many = f"{len(days)} dates, " if len(days) > 2 else ""
    return f"{many}{french_date(days[0])} – {french_date(days[-1])}"


def _days(rows: Rows, fields: Mapping[str, str], members: Sequence[int]) -> list[date]:
    """The days that rows say, in order: starts, ends and separate dates."""
    said = {
        date.fromisoformat(text[:10])
        for i in members for name in ("date_start", "date_end")
        if (text := _cell(rows, fields, name, i))
    }  # fmt: skip
    return sorted(said | {date.fromordinal(n) for n in _dates(rows, fields, members)})


def _dates(rows: Rows, fields: Mapping[str, str], members: Sequence[int]) -> set[int]:
    column = rows.columns.get(fields.get("occurrences", ""))
    return {n for i in members for n in column[i] or ()} if column is not None else set()


def _cell(rows: Rows, fields: Mapping[str, str], name: str, i: int) -> str:
    column = fields.get(name)
    return text_of({"": rows.columns[column][i]}, "").strip() if column else ""
