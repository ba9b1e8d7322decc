"""The known truth of the demonstration: `python -m demo.build` writes demo/truth.json.

For each announcement, how its source names it (`key`, or `path` when the key is its address) and
what a careful person would say of it; for each initiative, its themes, scope and editions.
"""

import json
import sys
from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from typing import Any

from demo import feeds, files, opendata
from demo.documents import link, of
from demo.sources import SITES, Site
from demo.story import Announcement, Initiative, initiatives, story
from demo.words import title
from domain.campaigns import Campaign, campaigns
from domain.statuses import Outcome

FILE = Path(__file__).with_name("truth.json")
_BY_ADDRESS = ("page",)  # kinds whose key is the address of the announcement
_NO_GUID = ("centres-sociaux-13",)


def truth(state: str = "before") -> dict[str, Any]:
    """Everything known, as plain JSON."""
    told = story(state)
    return {
        "state": state,
        "sources": [_source(site, told) for site in SITES],
        "initiatives": [_initiative(one, told) for one in initiatives()],
        "announcements": [_announcement(one, state) for one in told],
    }


def load() -> dict[str, Any]:
    """The committed truth of the state « before »."""
    text = (resources.files("demo") / "truth.json").read_text("utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


def text() -> str:
    """The committed file as it should be."""
    return json.dumps(truth(), ensure_ascii=False, indent=1) + "\n"


def path_of(one: Announcement, state: str = "before") -> str | None:
    """Where a reader finds that announcement, without host; None in a table or a sheet."""
    site = next(site for site in SITES if site.slug == one.source)
    if site.kind in ("table", "action_sheet"):
        return None
    if one.source == "mairie-apt":
        rank = of(one.source, state).index(one)
        return f"/mairie-apt/spip.php?page=article&id_article={412 + rank}"
    return link(one) + ("/" if one.source == "maisons-verdon" else "")


def key_of(one: Announcement, state: str = "before") -> str | None:
    """The key its source gives it; None when the key is its address or the reader's own choice."""
    site = next(site for site in SITES if site.slug == one.source)
    rank = of(one.source, state).index(one) + 1
    if site.kind == "table":
        return files.row_id(one, rank)
    if site.kind == "calendar":
        return files.uid(one)
    if site.kind == "opendatasoft":
        return opendata.uid(rank)
    if site.kind != "feed" or one.source in _NO_GUID or one.source == "gazette-var":
        return None
    return feeds.key(one)


def scope_of(one: Announcement, campaign: Campaign) -> str:
    """in, out or ask: the subject is the initiative's, the dates are the edition's."""
    about = one.initiative
    town = about.town
    if town is not None and town.department not in campaign.departments:
        return "out"
    overlaps = (
        one.starts_on is None
        or one.ends_on is None
        or (one.starts_on <= campaign.ends_on and one.ends_on >= campaign.starts_on)
    )
    if campaign.code in about.campaigns:
        return "in" if overlaps else "out"
    return "ask" if about.unclear and overlaps else "out"


def _source(site: Site, told: Sequence[Announcement]) -> dict[str, Any]:
    return {
        "slug": site.slug,
        "title": site.title,
        "kind": site.kind,
        "path": site.path,
        "outcome": site.outcome.value,
        "announcements": sum(1 for one in told if one.source == site.slug),
        # A thinned source still gives what it has; a dead or closed one gives nothing.
        "collected": site.outcome in (Outcome.OK, Outcome.IMPLAUSIBLE),
    }


def _initiative(one: Initiative, told: Sequence[Announcement]) -> dict[str, Any]:
    mine = [a for a in told if a.initiative.id == one.id]
    return {
        "id": one.id,
        "title": one.title,
        "organiser": one.organiser,
        "commune": one.town.code if one.town else None,
        "themes": list(one.themes),
        "campaigns": list(one.campaigns),
        "unclear": one.unclear,
        "part_of": one.part_of,
        "editions": sorted({edition_of(a) for a in mine if a.starts_on}),
    }


def edition_of(one: Announcement) -> str:
    """The year that names the edition (a school year or a season: its first year)."""
    return str(one.year)


def _announcement(one: Announcement, state: str) -> dict[str, Any]:
    about = one.initiative
    dated = one.dated and one.starts_on is not None
    return {
        "source": one.source,
        "key": key_of(one, state),
        "path": path_of(one, state),
        "title": title(one),
        "initiative": about.id,
        "edition": edition_of(one) if one.starts_on else None,
        "part_of": about.part_of,
        "themes": list(about.themes),
        "scope": {code: scope_of(one, campaign) for code, campaign in campaigns().items()},
        "commune": about.town.code if about.town else None,
        "starts_on": one.starts_on.isoformat() if dated and one.starts_on else None,
        "ends_on": one.ends_on.isoformat() if dated and one.ends_on else None,
        "precise": dated and not one.coarse,
        "status": one.status,
    }


def main() -> int:
    FILE.write_text(text(), "utf-8")
    sys.stdout.write(f"{FILE}: {len(story())} annonces, {len(initiatives())} initiatives\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
