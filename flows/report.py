"""What a run did, in French, for the terminal and for the artifacts of Prefect."""

import re
from collections.abc import Sequence

from domain.records import Visit
from domain.statuses import FRENCH, Outcome
from domain.times import PARIS
from flows.house import House
from flows.steps import Report
from storage import counts


def visit_row(visit: Visit) -> dict[str, str | int | float]:
    """One visit as a row of the run's table."""
    return {
        "source": visit.source,
        "résultat": FRENCH[visit.outcome] if visit.counted else "non comptée",
        "annonces": visit.items,
        "nouvelles": visit.new,
        "modifiées": visit.changed,
        "mises de côté": visit.quarantined,
        "secondes": round(visit.seconds, 1),
        "motif": visit.why,
    }


def lines(report: Report) -> list[str]:
    """The report of a veille as lines for a terminal: first what was done, then what failed."""
    done = [one for one in report.visits if one not in report.failed and one.counted]
    unchanged = sum(visit.outcome is Outcome.UNCHANGED for visit in done)
    out = [
        f"{len(report.visits) - len(report.uncounted)} sources visitées : {len(done)} lues "
        f"(dont {unchanged} inchangées), {len(report.failed)} en défaut.",
        f"{report.counts.get('new', 0)} annonces nouvelles, "
        f"{report.counts.get('changed', 0)} modifiées.",
    ]
    if not report.visits and not report.problems:
        out.append("Aucune source n'est due : « paat veille --all » les visite toutes de suite.")
    elif report.nothing_new:
        out.append("Rien de nouveau depuis le dernier passage : rien n'a été changé.")
    if report.uncounted:
        out.append(
            f"La connexion de cette machine semble coupée : {len(report.uncounted)} sources ont "
            "été essayées sans que leur site réponde. Rien n'est compté contre elles ; elles "
            "seront revues au prochain passage. Vérifiez la connexion (« paat doctor »)."
        )
    out += [
        f"  ! {visit.source} : {FRENCH[visit.outcome]} — {_shortened(visit.why)}"
        for visit in sorted(report.failed, key=lambda one: one.source)
    ]
    aside = [visit for visit in report.visits if visit.quarantined]
    out += [f"  ? {one.source} : {one.quarantined} annonces mises de côté" for one in aside]
    out += [f"  → à faire, {task}" for task in report.tasks]
    out += [f"  ! {problem}" for problem in report.problems]
    return out


def _shortened(why: str) -> str:
    """The reason without the query of its address: long, and the same in `source list`."""
    return re.sub(r"\?[^]\s]{20,}", "?…", why)


def as_json(report: Report) -> dict[str, object]:
    """The same for programs (`--json`)."""
    return {
        "counts": dict(report.counts),
        "problems": list(report.problems),
        "tasks": list(report.tasks),
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
                "counted": visit.counted,
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
