"""Splink on DuckDB, tuned as its guides advise; run by bench.matching_peers.

Folded columns and each title's rarest word, seven blocking rules, levels for names, dates and
distances, term frequencies, u by sampling and m by EM in three blocks. Labels for several
thresholds: the caller keeps the best one, which no user could choose without the truth.
"""

import json
import re
import resource
import sys
import time
import unicodedata
from collections import Counter

import pandas as pd
import splink.comparison_library as cl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

THRESHOLDS = (0.5, 0.9, 0.95, 0.99, 0.999)


def folded(text: object) -> str | None:
    plain = unicodedata.normalize("NFKD", str(text)) if isinstance(text, str) else ""
    plain = "".join(c for c in plain if not unicodedata.combining(c)).lower()
    return " ".join(re.findall("[a-z0-9]+", plain)) or None


table = pd.read_csv(sys.argv[1], dtype=str)
start = time.process_time()
table["unique_id"] = range(len(table))
for name in ("title", "organiser", "venue", "commune"):
    table[name] = table[name].map(folded)
words = Counter(w for t in table["title"].dropna() for w in set(t.split()))
table["rare"] = [
    min(t.split(), key=lambda w: (words[w] < 2, words[w], w)) if isinstance(t, str) else None
    for t in table["title"]
]
for name in ("lat", "lon"):
    table[name] = pd.to_numeric(table[name], errors="coerce")
rules = [block_on("commune", "date_start"), block_on("organiser", "date_start"),
         block_on("title"), block_on("venue", "commune"), block_on("rare", "commune"),
         block_on("rare", "date_start"), block_on("rare", "organiser")]  # fmt: skip
days = cl.AbsoluteDateDifferenceAtThresholds(
    "date_start", input_is_string=True, metrics=["day", "day", "day"], thresholds=[1, 7, 40]
)
frequent = {"term_frequency_adjustments": True}
settings = SettingsCreator(
    link_type="dedupe_only",
    blocking_rules_to_generate_predictions=rules,
    comparisons=[
        cl.JaroWinklerAtThresholds("title", [0.95, 0.88, 0.7]).configure(**frequent),
        cl.JaroWinklerAtThresholds("organiser", [0.95, 0.8]).configure(**frequent),
        cl.JaroWinklerAtThresholds("venue", [0.95, 0.8]).configure(**frequent),
        cl.LevenshteinAtThresholds("commune", [1]).configure(**frequent),
        days,
        cl.DistanceInKMAtThresholds("lat", "lon", [1, 10]),
        cl.ExactMatch("ticket"),
    ],
)
linker = Linker(DuckDBAPI().register(table), settings)
training = linker.training
training.estimate_probability_two_random_records_match(
    [block_on("title", "commune", "date_start")], 0.3
)
training.estimate_u_using_random_sampling(max_pairs=5e6)
for block in (block_on("commune", "date_start"), block_on("title"), block_on("rare", "organiser")):
    training.estimate_parameters_using_expectation_maximisation(block)
pairs = linker.inference.predict(threshold_match_probability=THRESHOLDS[0])
spent = time.process_time() - start  # one clustering is its work, the others our curiosity
labels = []
for threshold in THRESHOLDS:
    again = time.process_time()
    found = linker.clustering.cluster_pairwise_predictions_at_threshold(pairs, threshold)
    labels.append(found.as_pandas_dataframe().sort_values("unique_id")["cluster_id"].tolist())
    once = time.process_time() - again
print(json.dumps({
    "cpu": spent + once,
    "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6,
    "labels": labels,
}))  # fmt: skip
