"""dedupe with a hundred labels that the truth gives; run by bench.matching_peers.

Fields as its guide has them; the pairs are those it asks (active learning), so that it gets the
hundred answers it finds most useful.
"""

import csv
import json
import resource
import sys
import time
from pathlib import Path

import dedupe
from dedupe import variables

ASKED = 100
FIELDS = ("title", "organiser", "venue", "commune", "date_start")
THRESHOLDS = (0.3, 0.5, 0.7)

with Path(sys.argv[1]).open(encoding="utf-8", newline="") as file:
    rows = list(csv.DictReader(file))
records = {i: {k: row[k].lower().strip() or None for k in FIELDS} for i, row in enumerate(rows)}
for i in records:
    records[i]["number"] = i  # not compared: finds the truth of a pair it asks
start = time.process_time()
fields = [variables.String(name, has_missing=True) for name in FIELDS[:3]]
fields += [variables.ShortString(name, has_missing=True) for name in FIELDS[3:]]
learner = dedupe.Dedupe(fields, num_cores=1)
learner.prepare_training(records)
told: dict[str, list[object]] = {"match": [], "distinct": []}
for _ in range(ASKED):
    (pair,) = learner.uncertain_pairs()
    same = rows[pair[0]["number"]]["event"] == rows[pair[1]["number"]]["event"]
    told["match" if same else "distinct"].append(pair)
    learner.mark_pairs({"match": [pair] if same else [], "distinct": [] if same else [pair]})
learner.train()
labels = []
for threshold in THRESHOLDS:
    again = time.process_time()
    label = list(range(len(rows)))
    for members, _ in learner.partition(records, threshold=threshold):
        for member in members:
            label[member] = int(members[0])
    labels.append(label)
    if threshold != THRESHOLDS[-1]:
        start += time.process_time() - again  # one partition is its work
print(json.dumps({
    "cpu": time.process_time() - start,
    "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6,
    "labels": labels,
}))  # fmt: skip
