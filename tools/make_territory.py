"""Write domain/data/territory from the npm package `@etalab/decoupage-administratif`.

    python -m tools.make_territory [--region 93] [--folder FOLDER]

Needs npm and a registry. Version 6.0.0 is the official division of 2026 (INSEE, DGCL, La Poste);
version 0.7.0 is the last one that carries the history of communes since 1943, and 1.1.1 gives
the names of 2021. Data: Licence Ouverte 2.0 (Etalab). Coordinates are not in the package:
`centres.csv` is written by hand and this script leaves it alone.
"""

import argparse
import csv
import gzip
import io
import json
import subprocess
import tarfile
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from domain.text import fold

PACKAGE = "@etalab/decoupage-administratif"
PRESENT, NAMES_OF_2021, HISTORY = "6.0.0", "1.1.1", "0.7.0"
FOLDER = Path(__file__).parent.parent / "domain" / "data" / "territory"

Row = dict[str, Any]


def fetch(version: str, folder: Path) -> Path:
    """The data folder of one version of the package, unpacked below `folder`."""
    subprocess.run(  # noqa: S603
        ["npm", "pack", "--silent", f"{PACKAGE}@{version}"],  # noqa: S607
        cwd=folder,
        check=True,
        stdout=subprocess.DEVNULL,
        timeout=300,
    )
    (archive,) = folder.glob(f"*-{version}.tgz")
    with tarfile.open(archive) as tar:
        tar.extractall(folder / version, filter="data")
    return folder / version / "package" / "data"


def read(folder: Path, name: str) -> list[Row]:
    rows: list[Row] = json.loads((folder / name).read_text("utf-8"))
    return rows


def communes_of_region(
    communes: Iterable[Row], epcis: Iterable[Row], region: str
) -> Iterator[Sequence[object]]:
    """code, name, postcodes, SIREN of the EPCI, population: the present communes."""
    epci_of = {member["code"]: epci["code"] for epci in epcis for member in epci["membres"]}
    for one in communes:
        if one["type"] == "commune-actuelle" and one["region"] == region:
            postcodes = " ".join(one.get("codesPostaux", ()))
            siren = epci_of.get(one["code"], "")
            yield one["code"], one["nom"], postcodes, siren, one.get("population", "")


def epcis_of_region(epcis: Iterable[Row], sirens: set[str]) -> Iterator[Sequence[object]]:
    for epci in epcis:
        if epci["code"] in sirens:
            yield epci["code"], epci["nom"], epci["type"]


def former_names(
    communes: Sequence[Row], past: Iterable[Row], history: Iterable[Row], region: str
) -> list[Sequence[str]]:
    """code, name, present code, kind: every other name a place of the region went by since 1943.

    `arrondissement`, `deleguee` and `associee` still exist inside their commune; `ancien` does not.
    """
    present = {c["code"]: c for c in communes if c["type"] == "commune-actuelle"}
    here = {code for code, c in present.items() if c["region"] == region}
    into = {old: code for code in here for old in present[code].get("anciensCodes", ())}
    into |= {code: code for code in here}
    kinds = {"commune-deleguee": "deleguee", "commune-associee": "associee"}
    found: dict[tuple[str, str], Sequence[str]] = {}

    def add(code: str, name: str, current: str, kind: str) -> None:
        if kind == "arrondissement" or fold(name) != fold(present[current]["nom"]):
            found.setdefault((current, fold(name)), (code, name, current, kind))

    for one in communes:
        if one["type"] == "arrondissement-municipal" and one["commune"] in here:
            add(one["code"], one["nom"], one["commune"], "arrondissement")
        elif one["type"] in kinds and one["chefLieu"] in here:
            into.setdefault(one["code"], one["chefLieu"])
            add(one["code"], one["nom"], one["chefLieu"], kinds[one["type"]])
    for one in (*past, *history):
        if one["code"] in into:
            add(one["code"], one["nom"], into[one["code"]], "ancien")
    return sorted(found.values())


def national(communes: Iterable[Row], region: str) -> Iterator[Sequence[object]]:
    """code, name, postcodes, population of the other regions: enough to know what is elsewhere."""
    for one in communes:
        if one["type"] == "commune-actuelle" and one["region"] != region:
            postcodes = " ".join(one.get("codesPostaux", ()))
            yield one["code"], one["nom"], postcodes, one.get("population", "")


def as_csv(header: str, rows: Iterable[Sequence[object]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header.split())
    writer.writerows(rows)
    return out.getvalue()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--region", default="93", help="INSEE code of the region")
    parser.add_argument("--folder", type=Path, default=FOLDER)
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        now, before, history = (
            fetch(version, Path(name)) for version in (PRESENT, NAMES_OF_2021, HISTORY)
        )
        communes, epcis = read(now, "communes.json"), read(now, "epci.json")
        past = [c for c in read(before, "communes.json") if c["type"] == "commune-actuelle"]
        old = read(history, "historique-communes.json")
        departments = read(now, "departements.json")
    here = list(communes_of_region(communes, epcis, asked.region))
    sirens = {str(row[3]) for row in here}
    files = {
        "departments.csv": as_csv(
            "code name region", ((d["code"], d["nom"], d["region"]) for d in departments)
        ),
        "communes.csv": as_csv("code name postcodes epci population", here),
        "epcis.csv": as_csv("siren name nature", epcis_of_region(epcis, sirens)),
        "former.csv": as_csv(
            "code name current kind", former_names(communes, past, old, asked.region)
        ),
    }
    for file, text in files.items():
        (asked.folder / file).write_text(text, "utf-8")
    everywhere = as_csv("code name postcodes population", national(communes, asked.region))
    # No timestamp in the archive: the same data give the same bytes.
    (asked.folder / "elsewhere.csv.gz").write_bytes(gzip.compress(everywhere.encode(), 9, mtime=0))


if __name__ == "__main__":
    main()
