"""prefect.yaml, read without any server."""

from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import yaml
from prefect import Flow
from prefect.client.schemas.schedules import CronSchedule

from flows.publish import EVENTS

ROOT = Path(__file__).parents[2]
ENTRIES: list[dict[str, Any]] = yaml.safe_load((ROOT / "prefect.yaml").read_text("utf-8"))[
    "deployments"
]


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry["name"])
def test_the_entrypoint_is_a_flow_of_that_name(entry: dict[str, Any]) -> None:
    module, _, name = entry["entrypoint"].rpartition(".")
    found = getattr(import_module(module), name)
    assert isinstance(found, Flow)
    assert found.name == entry["name"]


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry["name"])
def test_its_clock_is_of_paris_and_avoids_the_missing_hour(entry: dict[str, Any]) -> None:
    for schedule in entry["schedules"]:
        assert schedule["timezone"] == "Europe/Paris"
        assert schedule["slug"]
        CronSchedule(cron=schedule["cron"], timezone=schedule["timezone"])
        assert schedule["cron"].split()[1] != "2"


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry["name"])
def test_it_is_described_in_french_and_runs_in_our_pool(entry: dict[str, Any]) -> None:
    assert entry["description"].endswith(".")
    assert entry["work_pool"]["name"] == "paat"


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry["name"])
def test_it_is_woken_by_events_the_house_emits_with_parameters_it_takes(
    entry: dict[str, Any],
) -> None:
    module, _, name = entry["entrypoint"].rpartition(".")
    taken = getattr(import_module(module), name).parameters.properties
    for trigger in entry.get("triggers") or []:
        assert set(trigger["expect"]) <= set(EVENTS)
        assert set(trigger.get("parameters") or {}) <= set(taken)


def test_a_hurried_source_wakes_a_visit_of_that_source_alone() -> None:
    (collecte,) = [one for one in ENTRIES if one["name"] == "collecte"]
    (trigger,) = collecte["triggers"]
    assert trigger["expect"] == ["paat.source.hurried"]
    assert "event.resource.name" in trigger["parameters"]["slugs"]["value"]["template"]
