"""The second opinion is off unless asked for, and what is missing is told."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from classifiers.engines.endpoint import Endpoint
from domain.errors import ConfigError
from domain.settings import Settings
from flows.opinions import engine_of


def test_there_is_none_by_default() -> None:
    assert engine_of(Settings(engine="")) is None


def test_a_server_is_asked_with_what_the_settings_say(tmp_path: Path) -> None:
    settings = Settings(
        engine="endpoint:albert-small",
        engine_url="https://albert.example/v1",
        engine_key=SecretStr("secret"),
        engine_budget=7,
        home=tmp_path,
    )
    engine = engine_of(settings)
    assert isinstance(engine, Endpoint)
    assert (engine.name, engine.key, engine.requests_left) == ("endpoint:albert-small", "secret", 7)
    assert "secret" not in repr(engine)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("albert", "embeddings:MODÈLE ou endpoint:MODÈLE"),
        ("endpoint:", "embeddings:MODÈLE ou endpoint:MODÈLE"),
        ("endpoint:albert", "donnez PAAT_ENGINE_URL"),
        ("embeddings:nowhere", "ni model2vec ni sentence-transformers"),
    ],
)
def test_what_is_missing_is_told(name: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        engine_of(Settings(engine=name))
