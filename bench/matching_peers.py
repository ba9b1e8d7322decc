"""paat and named peers on the same announcements, in one run: F1 over pairs, processor seconds.

    python -m bench matching_peers

Tables: fictional announcements (matching.prior, worlds no model saw) and the gold of ../shared when
it is there. Peers are not dependencies: they run in throw-away environments (`uv run --with`), at
the sizes they can bear. They are given the best of several thresholds, chosen by looking at the
truth; paat has only its shipped threshold. A peer that learns is given a hundred true labels.
"""

import csv
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench._announcements import rows
from matching.evaluate import pair_score
from matching.tables import match_rows

ROOT = Path(__file__).parents[1]
GOLD = ROOT.parent / "shared" / "gold" / "matching" / "events_10k.csv"
FIELDS = (
    "id", "source", "title", "description", "organiser", "venue", "address", "commune", "postcode",
    "dep", "date_start", "date_end", "url", "ticket", "lat", "lon",
)  # fmt: skip
PATIENCE = 1500  # seconds

Table = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Peer:
    """What to install, and the largest table it is given."""

    name: str
    needs: tuple[str, ...]
    most: int


PEERS = (
    Peer("splink", ("splink", "pandas"), 100_000),
    # dedupe 3.0.3 calls what BTrees 6.5 removed (dedupeio/dedupe#1230); its memory is quadratic.
    Peer("dedupe", ("dedupe", "BTrees<6.5", "setuptools<81"), 2_000),
)


def main() -> Iterator[str]:
    """One line per table and per peer."""
    yield f"load at the start: {os.getloadavg()[0]:.1f}"
    yield "table,records,who,cpu_seconds,peak_gb,f1,precision,recall"
    fiction = list(rows(20_000))
    tables: list[tuple[str, Table]] = [("fiction", fiction[:2_000]), ("fiction", fiction)]
    if GOLD.exists():
        with GOLD.open(encoding="utf-8", newline="") as file:
            gold = list(csv.DictReader(file))
        tables += [("gold", gold[:2_000]), ("gold", gold)]
    for name, table in tables:
        yield f"{name},{len(table)},paat," + _ours(table)
        for peer in PEERS:
            if len(table) <= peer.most:
                yield f"{name},{len(table)},{peer.name}," + _theirs(peer, table)


def _ours(table: Table) -> str:
    bare = [{k: row.get(k) for k in FIELDS} for row in table]
    start = time.process_time()
    found = match_rows(bare, {name: name for name in FIELDS}, with_pairs=False)
    return _line(time.process_time() - start, None, [found.cluster], table)


def _theirs(peer: Peer, table: Table) -> str:
    """Its figures, or why there are none."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "table.csv"
        with file.open("w", encoding="utf-8", newline="") as out:
            writer = csv.DictWriter(out, (*FIELDS, "event"), extrasaction="ignore")
            writer.writeheader()
            writer.writerows(table)
        script = Path(__file__).with_name(f"_peer_{peer.name}.py")
        command = ["uv", "run", "--no-project", "--isolated", "-q"]
        command += [word for need in peer.needs for word in ("--with", need)]
        try:
            done = subprocess.run(
                [*command, script, file], capture_output=True, text=True, check=False,
                timeout=PATIENCE, cwd=folder,
            )  # fmt: skip
        except (OSError, subprocess.TimeoutExpired) as error:
            return f"not measured: {type(error).__name__}"
    if done.returncode:
        return f"not measured: {done.stderr.strip().splitlines()[-1:]}"
    told = json.loads(done.stdout.strip().splitlines()[-1])
    return _line(told["cpu"], told["peak"], told["labels"], table)


def _line(cpu: float, peak: float | None, labels: Sequence[Sequence[int]], table: Table) -> str:
    true = [row["event"] for row in table]
    best = max((pair_score(one, true) for one in labels), key=lambda score: score.f1)
    weight = "" if peak is None else f"{peak:.2f}"
    return f"{cpu:.1f},{weight},{best.f1:.3f},{best.precision:.3f},{best.recall:.3f}"


if __name__ == "__main__":
    sys.exit(__doc__)
