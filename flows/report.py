"""What a run did, in French, for the terminal and for the artifacts of Prefect."""

import re
from collections.abc import Sequence

from domain.records import Visit
from domain.statuses import FRENCH, Outcome
from domain.times import PARIS
from flows.house import House
from flows.steps import Report
from storage import counts

OFFLINE = 5  # that many sources down together are one cause: here


def visit_row(visit: Visit) -> dict[str, str | int | float]:
    """One visit as a row of the run's table."""
    return {
        "source": visit.source,
        "résultat": FRENCH[visit.outcome],
        "annonces": visit.items,
        "nouvelles": visit.new,
        "modifiées": visit.changed,
        "mises de côté": visit.quarantined,
        "secondes": round(visit.seconds, 1),
        "motif": visit.why,
    }


def lines(report: Report) -> list[str]:
    """The report of a veille as lines for a terminal: first what was done, then what failed."""
    done = [visit for visit in report.visits if visit not in report.failed]
    unchanged = sum(visit.outcome is Outcome.UNCHANGED for visit in done)
    out = [
        f"{len(report.visits)} sources visitées : {len(done)} lues "
        f"(dont {unchanged} inchangées), {len(report.failed)} en défaut.",
        f"{report.counts.get('new', 0)} annonces nouvelles, "
        f"{report.counts.get('changed', 0)} modifiées.",
    ]
    if not report.visits and not report.problems:
        out.append("Aucune source n'est due : « paat veille --all » les visite toutes de suite.")
    elif report.nothing_new:
        out.append("Rien de nouveau depuis le dernier passage : rien n'a été changé.")
    if _offline(report):
        out.append(
            "Aucun site ne répond : la connexion de cette machine est sans doute coupée. "
            "Vérifiez-la, puis relancez « paat veille » ; rien n'est perdu."
        )
    out += [
        f"  ! {visit.source} : {FRENCH[visit.outcome]} — {_shortened(visit.why)}"
        for visit in sorted(report.failed, key=lambda one: one.source)
    ]
    aside = [visit for visit in report.visits if visit.quarantined]
    out += [f"  ? {one.source} : {one.quarantined} annonces mises de côté" for one in aside]
    out += [f"  ! {problem}" for problem in report.problems]
    return out


def _offline(report: Report) -> bool:
    """True when several sources were tried and not one could be reached."""
    tried = [visit for visit in report.visits if visit.requests or visit.outcome is not Outcome.OK]
    return len(tried) >= OFFLINE and all(one.outcome is Outcome.UNREACHABLE for one in tried)


def _shortened(why: str) -> str:
    """The reason without the query of its address: long, and the same in `source list`."""
    return re.sub(r"\?[^]\s]{20,}", "?…", why)


def as_json(report: Report) -> dict[str, object]:
    """The same for programs (`--json`)."""
    return {
        "counts": dict(report.counts),
        "problems": list(report.problems),
        "visits": [
            {
                "source": visit.source,
                "outcome": visit.outcome.value,
                "why": visit.why,
                "items": visit.items,
                "new": visit.new,
                "changed": visit.changed,
                "quarantined": visit.quarantined,
                "seconds": visit.seconds,
            }
            for visit in report.visits
        ],
    }


def summary(house: House) -> str:
    """The state of the house in a few lines of Markdown: the « bilan » of a run."""
    with house.database.reading() as conn:
        found = counts.of_everything(conn)
    now = house.clock().astimezone(PARIS)
    rows = "\n".join(f"| {label} | {number} |" for label, number in french_counts(found))
    return f"## Bilan au {now:%d/%m/%Y à %H:%M}\n\n| quoi | nombre |\n|---|---|\n{rows}\n"


def french_counts(found: counts.Counts) -> Sequence[tuple[str, int]]:
    """The counts with their French labels, in the order of the journey."""
    return (
        ("annonces collectées", found.items),
        ("annonces mises de côté", found.quarantined),
        ("initiatives", found.initiatives),
        ("annonces rapprochées d'une autre", found.joined),
        ("doublons à trancher", found.questions),
        ("initiatives à relire", found.waiting),
    )
