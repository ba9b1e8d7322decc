"""The census flow: every live campaign, exported in the night."""

from pathlib import Path

from prefect import flow, task
from prefect.cache_policies import NO_CACHE

from domain.campaigns import campaigns
from flows import exporting
from flows.house import open_house

NIGHTLY = ("csv", "xlsx", "json", "geojson")


@flow(name="recensement")
def recensement(folder: str | None = None) -> list[str]:
    """Write the live campaigns in `folder` (default: exports/ of the house); the paths."""
    live = [one.code for one in campaigns().values() if not one.archived]
    return [path for code in live for path in export_campaign(code, folder)]


@task(cache_policy=NO_CACHE, persist_result=False)
def export_campaign(code: str, folder: str | None) -> list[str]:
    """One campaign in every nightly format. Returns the paths written."""
    with open_house() as house:
        target = Path(folder) if folder else house.settings.home / "exports"
        target.mkdir(parents=True, exist_ok=True)
        paths = []
        for name in NIGHTLY:
            path = target / f"recensement-{code.lower()}.{name}"
            exporting.export(house, code, name, path)
            paths.append(str(path))
    return paths
