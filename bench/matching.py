"""Timings of matching: growth from 10,000 to 1,000,000 announcements, and a named peer in one run.

    python bench/matching.py growth [SIZE…]      CPU seconds, candidates, peak memory, F1
    python bench/matching.py peers FILE.csv      Splink on the same table, when installed

Announcements are fictional (matching.prior); each size runs in its own process so that its peak
memory is its own. Splink is not a dependency: install it in a throw-away venv and set
PAAT_BENCH_PYTHON to its interpreter.
"""

import csv
import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

sys.path[0] = str(Path(__file__).parents[1])  # this file is called like the package it measures

SIZES = (10_000, 20_000, 100_000)
TRUTH = ("event", "series", "parent")
LINES = "size,cpu_seconds,records_per_cpu_second,candidates_per_record,peak_gb,f1,series_f1"


def one_size(size: int) -> dict[str, float]:
    """One full run on `size` announcements, in this process."""
    from matching import prior
    from matching.evaluate import pair_score
    from matching.tables import match_rows

    rows: list[dict[str, object]] = []
    world = 0
    while len(rows) < size:
        for row in prior.generate(50_000 + world, events=6_000):
            told = {
                k: f"{world}.{v}" if k in TRUTH and v is not None else v for k, v in row.items()
            }
            rows.append({**told, "id": str(len(rows))})
        world += 1
    rows = rows[:size]
    mapping = {name: name for name in rows[0] if name not in TRUTH}
    start = time.process_time()
    found = match_rows(rows, mapping, with_pairs=False)
    spent = time.process_time() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    return {
        "size": size,
        "cpu_seconds": round(spent, 2),
        "records_per_cpu_second": round(size / spent),
        "candidates_per_record": round(found.candidates / size, 2),
        "peak_gb": round(peak, 2),
        "f1": round(pair_score(found.cluster, [r["event"] for r in rows]).f1, 4),
        "series_f1": round(pair_score(found.series, [r["series"] for r in rows]).f1, 4),
    }


def growth(sizes: list[int]) -> None:
    """Prints one CSV line a size, each from a process of its own."""
    print(LINES)
    for size in sizes:
        done = subprocess.run(
            [sys.executable, __file__, "one", str(size)], capture_output=True, text=True,
            check=False, timeout=1800,
        )  # fmt: skip
        if done.returncode:
            print(f"{size},failed: {done.stderr.strip().splitlines()[-1:]}")
            continue
        print(",".join(str(v) for v in json.loads(done.stdout).values()), flush=True)


SPLINK = """
import json, sys, time
import pandas as pd
import splink.comparison_library as cl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on
df = pd.read_csv(sys.argv[1], dtype=str)
df["unique_id"] = range(len(df))
t = time.process_time()
rules = [block_on("commune", "date_start"), block_on("organiser", "date_start"),
         block_on("title"), block_on("venue", "commune")]
settings = SettingsCreator(link_type="dedupe_only", blocking_rules_to_generate_predictions=rules,
    comparisons=[cl.JaroWinklerAtThresholds("title", [0.95, 0.85, 0.7]),
                 cl.JaroWinklerAtThresholds("organiser", [0.95, 0.8]),
                 cl.JaroWinklerAtThresholds("venue", [0.95, 0.8]),
                 cl.ExactMatch("commune"), cl.ExactMatch("date_start")])
api = DuckDBAPI()
linker = Linker(api.register(df), settings)
linker.training.estimate_probability_two_random_records_match([block_on("title", "commune")], 0.7)
linker.training.estimate_u_using_random_sampling(max_pairs=1e6)
linker.training.estimate_parameters_using_expectation_maximisation(block_on("commune"))
linker.training.estimate_parameters_using_expectation_maximisation(block_on("date_start"))
p = linker.inference.predict(threshold_match_probability=0.5)
c = linker.clustering.cluster_pairwise_predictions_at_threshold(p, 0.95).as_pandas_dataframe()
spent = time.process_time() - t
labels = c.sort_values("unique_id")["cluster_id"].tolist()
print(json.dumps({"seconds": spent, "labels": labels}))
"""


def peers(path: str, truth: str = "event") -> None:
    """paat and Splink on one table: F1 over pairs and CPU seconds."""
    from matching.evaluate import pair_score
    from matching.tables import match_rows

    with Path(path).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    true = [row[truth] for row in rows]
    hidden = {"event", "series", "parent", "kind"}
    start = time.process_time()
    found = match_rows(rows, {c: c for c in rows[0] if c not in hidden}, with_pairs=False)
    mine = time.process_time() - start
    print(f"paat: F1 {pair_score(found.cluster, true).f1:.3f}, {mine:.1f} CPU s")
    python = os.environ.get("PAAT_BENCH_PYTHON")
    if not python:
        print("splink: not measured (set PAAT_BENCH_PYTHON to a venv where it is installed)")
        return
    done = subprocess.run(
        [python, "-c", SPLINK, path], capture_output=True, text=True, check=False, timeout=900
    )
    if done.returncode:
        print(f"splink: failed, {done.stderr.strip().splitlines()[-1]}")
        return
    told = json.loads(done.stdout.strip().splitlines()[-1])
    score = pair_score(told["labels"], true).f1
    print(f"splink: F1 {score:.3f}, {told['seconds']:.1f} CPU s")


def main() -> None:
    match sys.argv[1:]:
        case ["one", size]:
            print(json.dumps(one_size(int(size))))
        case ["growth", *sizes]:
            growth([int(s) for s in sizes] or list(SIZES))
        case ["peers", path]:
            peers(path)
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main()
