"""What is generated is up to date; what exists is documented."""

from pathlib import Path

import pytest

from census.columns import COLUMNS
from census.table import formats
from domain.settings import Settings
from flows.publish import EVENTS
from tools.write_docs import GENERATED, content

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("path", GENERATED)
def test_generated_file_is_up_to_date(path: str) -> None:
    assert (ROOT / path).read_bytes() == content(path), f"run `make docs`: {path} is behind"


def test_every_setting_says_why_it_exists() -> None:
    for name, info in Settings.model_fields.items():
        assert info.description, name


def test_columns_are_unique_and_told_apart() -> None:
    assert len({one.name for one in COLUMNS}) == len(COLUMNS)
    assert len({one.title for one in COLUMNS}) == len(COLUMNS)


def test_every_format_keeps_its_contract() -> None:
    for name, module in formats().items():
        assert module.SUFFIX.startswith("."), name
        assert "/" in module.MEDIA_TYPE, name
        assert module.TITLE, name
        assert callable(module.write), name


def test_every_event_of_prefect_yaml_is_one_of_ours() -> None:
    import yaml

    entries = yaml.safe_load((ROOT / "prefect.yaml").read_text("utf-8"))["deployments"]
    triggers = [trigger for entry in entries for trigger in entry.get("triggers", [])]
    assert triggers
    for trigger in triggers:
        assert set(trigger["expect"]) <= set(EVENTS)
