"""Splink on DuckDB, with the settings its guides advise for such a table; run by bench.matching."""

import json
import resource
import sys
import time

import pandas as pd
import splink.comparison_library as cl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

table = pd.read_csv(sys.argv[1], dtype=str)
table["unique_id"] = range(len(table))
start = time.process_time()
rules = [block_on("commune", "date_start"), block_on("organiser", "date_start"),
         block_on("title"), block_on("venue", "commune")]  # fmt: skip
settings = SettingsCreator(
    link_type="dedupe_only",
    blocking_rules_to_generate_predictions=rules,
    comparisons=[
        cl.JaroWinklerAtThresholds("title", [0.95, 0.85, 0.7]),
        cl.JaroWinklerAtThresholds("organiser", [0.95, 0.8]),
        cl.JaroWinklerAtThresholds("venue", [0.95, 0.8]),
        cl.ExactMatch("commune"),
        cl.ExactMatch("date_start"),
    ],
)
api = DuckDBAPI()
linker = Linker(api.register(table), settings)
training = linker.training
training.estimate_probability_two_random_records_match([block_on("title", "commune")], 0.7)
training.estimate_u_using_random_sampling(max_pairs=1e6)
training.estimate_parameters_using_expectation_maximisation(block_on("commune"))
training.estimate_parameters_using_expectation_maximisation(block_on("date_start"))
pairs = linker.inference.predict(threshold_match_probability=0.5)
found = linker.clustering.cluster_pairwise_predictions_at_threshold(pairs, 0.95)
labels = found.as_pandas_dataframe().sort_values("unique_id")["cluster_id"].tolist()
print(json.dumps({
    "cpu": time.process_time() - start,
    "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6,
    "labels": labels,
}))  # fmt: skip
