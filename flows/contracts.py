"""`paat source test --frozen`: every frozen source still reads as it did, without any network."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from collectors import freeze
from domain.errors import ConfigError
from domain.records import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """One example and what differs from its expectation, in French; nothing = it holds."""

    slug: str
    items: int
    differences: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Json]:
        return {"slug": self.slug, "items": self.items, "differences": list(self.differences)}

    def as_text(self) -> str:
        sign = "✗" if self.differences else "✓"
        lines = [f"{sign} {self.slug} : {self.items} annonces"]
        return "\n".join([*lines, *(f"    {one}" for one in self.differences)])


def check(folder: Path, slugs: Sequence[str] = ()) -> list[Contract]:
    """The examples of a folder (all, or these), by name. Raises ConfigError when one is missing."""
    there = {one.parent.name: one.parent for one in sorted(folder.glob("*/pages.json"))}
    for slug in slugs:
        if slug not in there:
            raise ConfigError(
                f"aucun exemple figé là où {folder / slug} est attendu ; "
                f"`paat source freeze {slug}` l'enregistre",
                about=slug,
            )
    return [_checked(there[slug]) for slug in slugs or there]


def _checked(example: Path) -> Contract:
    found = asyncio.run(freeze.replay(example))
    expected = example / freeze.EXPECTED
    count = len(found["items"])
    if not expected.exists():
        expected.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", "utf-8")
        why = f"{expected} manquait et vient d'être écrit : lisez-le, puis recommencez"
        return Contract(slug=example.name, items=count, differences=(why,))
    wanted = json.loads(expected.read_text("utf-8"))
    return Contract(slug=example.name, items=count, differences=tuple(differences(wanted, found)))


def differences(wanted: Mapping[str, Json], found: Mapping[str, Json]) -> list[str]:
    """What is read now beside what was, in French, one line a field. Pure."""
    told = [
        f"{name} : {wanted.get(name)!r} → {found.get(name)!r}"
        for name in ("outcome", "why", "quarantined", "leftovers")
        if wanted.get(name) != found.get(name)
    ]
    before, after = ({one["key"]: one for one in side["items"]} for side in (wanted, found))
    told += [f"n'est plus lue : {key}" for key in before if key not in after]
    told += [f"nouvelle : {key}" for key in after if key not in before]
    for key in before.keys() & after.keys():
        told += [
            f"{key}, {name} : {one!r} → {other!r}"
            for name, one, other in _fields(before[key], after[key])
        ]
    if not told and wanted != found:
        told.append("l'ordre des annonces a changé")
    return told


def _fields(before: Mapping[str, Json], after: Mapping[str, Json]) -> list[tuple[str, Json, Json]]:
    one = {"url": before["url"], "published_at": before["published_at"], **before["fields"]}
    other = {"url": after["url"], "published_at": after["published_at"], **after["fields"]}
    names = sorted(one.keys() | other.keys())
    return [(n, one.get(n), other.get(n)) for n in names if one.get(n) != other.get(n)]
