"""`paat demo`: one veille on the fictitious web of demo/, compared with its known truth.

It lives in PAAT_HOME/demo with a private database of its own: it never touches anything real.
"""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib import resources
from itertools import chain
from pathlib import Path
from typing import Any

from demo import check, web
from demo.sources import sources as demo_sources
from domain.campaigns import campaigns
from domain.errors import ConfigError
from domain.records import Dossier, Visit
from domain.settings import Settings, load_settings
from domain.statuses import Outcome, SuggestionKind
from flows import exporting, report, steps
from flows.house import House, open_house
from storage import dossiers, initiatives, matches

CAMPAIGN = "PAAT-2024"
FORMATS = ("csv", "xlsx", "json", "geojson")


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What the demonstration did."""

    report: steps.Report
    summary: check.Summary
    exports: tuple[Path, ...]
    seconds: float

    def as_json(self) -> dict[str, Any]:
        return {
            "seconds": round(self.seconds, 1),
            "veille": report.as_json(self.report),
            "truth": self.summary.as_json(),
            "exports": [str(path) for path in self.exports],
        }

    def lines(self) -> list[str]:
        written = "  ".join(f"{path.suffix[1:]}" for path in self.exports)
        return [
            *report.lines(self.report),
            "",
            check.render(self.summary),
            "",
            f"Recensement {CAMPAIGN} exporté ({written}) dans {self.exports[0].parent}/",
            f"  {self.exports[0]}",
            f"Fait en {self.seconds:.1f} s.",
        ]


def settings_of(base: Settings) -> Settings:
    """The demonstration's settings: its own folder and database, loopback allowed, no waiting."""
    return base.model_copy(
        update={
            "home": base.home / "demo",
            "database_url": None,
            "allow_loopback": True,
            "per_host_seconds": 0.0,
            "public_campaign": CAMPAIGN,
            "public_proposed": True,
        }
    )


def run() -> Done:
    """The whole demonstration. Raises ConfigError when its port is taken."""
    started = time.monotonic()
    settings = settings_of(load_settings())
    try:
        with web.background(port=web.PORT) as site, open_house(settings) as house:
            known = demo_sources(site.url)
            done = steps.veille(
                house, [one.slug for one in known], known=known, trigger="demonstration"
            )
            exports = tuple(_exports(house))
            summary = judge(house, done.visits)
    except OSError:
        raise ConfigError(
            f"le port {web.PORT} est pris là où un port libre est attendu ; arrêtez ce qui "
            "l'occupe (une autre démonstration ?) : ses adresses servent de clés",
            about="paat demo",
        ) from None
    return Done(report=done, summary=summary, exports=exports, seconds=time.monotonic() - started)


def serve(port: int | None, *, say: Callable[[str], None]) -> None:
    """The review application on the demonstration's data, its web still there behind the links."""
    from flows import serving

    settings = settings_of(load_settings())
    with web.background(port=web.PORT), open_house(settings) as house:
        chosen = settings.port if port is None else port
        path = f"/file?campagne={CAMPAIGN}"
        serving.serve(house, host=settings.host, port=chosen, path=path, say=say)


def _exports(house: House) -> Iterator[Path]:
    folder = house.settings.home / "exports"
    folder.mkdir(parents=True, exist_ok=True)
    for name in FORMATS:
        path = folder / f"recensement-{CAMPAIGN.lower()}.{name}"
        exporting.export(house, CAMPAIGN, name, path)
        yield path.resolve()


def judge(house: House, visits: Sequence[Visit] = ()) -> check.Summary:
    """What is stored, against the truth committed with the demonstration."""
    truth = json.loads((resources.files("demo") / "truth.json").read_text("utf-8"))
    with house.database.reading() as conn:
        found = _found(conn)
        asked = matches.questions(conn, 10_000)
        near = initiatives.by_mentions(conn, {m for one in asked for m in (one.a, one.b)})
    home = {mention: one.id for one in near for mention in one.mentions}
    pairs = [(home[one.a], home[one.b]) for one in asked if {one.a, one.b} <= home.keys()]
    # An unchanged source was read right before: it counts as read.
    outcomes = {
        visit.source: (Outcome.OK if visit.outcome is Outcome.UNCHANGED else visit.outcome).value
        for visit in visits
    }
    return check.compare(truth, found, asked=pairs, outcomes=outcomes or None)


def _found(conn: Any) -> list[dict[str, Any]]:
    """One dict an initiative, with what each campaign says of it."""
    kept: dict[str, dict[str, Any]] = {}
    live = [code for code, one in campaigns().items() if not one.archived]
    for dossier in chain.from_iterable(dossiers.dossiers(conn, code) for code in live):
        one = kept.setdefault(dossier.initiative.id, _as_dict(dossier))
        for suggestion in dossier.suggestions:
            if suggestion.kind is SuggestionKind.SCOPE:
                one["scope"][dossier.campaign] = suggestion.value
    return list(kept.values())


def _as_dict(dossier: Dossier) -> dict[str, Any]:
    return {
        "initiative": dossier.initiative.id,
        "members": [
            {
                "source": one.source,
                "key": one.key,
                "url": one.url,
                "title": one.title,
                "commune_code": one.where.commune_code,
                "commune_candidates": one.where.candidates,
                "starts_on": one.when.starts_on,
                "ends_on": one.when.ends_on,
            }
            for one in dossier.mentions
        ],
        "themes": [
            one.value
            for one in dossier.suggestions
            if one.kind is SuggestionKind.THEME and one.chosen
        ],
        "scope": {},
    }
