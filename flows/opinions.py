"""The second opinion a setting asks for: `embeddings:MODEL` or `endpoint:MODEL`, off by default."""

from classifiers.cold import seeds
from classifiers.engines import Engine
from classifiers.engines.embeddings import encoder, train
from classifiers.engines.endpoint import Endpoint
from domain.errors import ConfigError
from domain.settings import Settings


def engine_of(settings: Settings, name: str | None = None) -> Engine | None:
    """The engine of that name, or of PAAT_ENGINE; None when there is none.

    Raises ConfigError for another name, a library or a model that is not there, no address.
    """
    name = settings.engine if name is None else name
    if not name:
        return None
    kind, _, model = name.partition(":")
    if kind == "embeddings" and model:
        return train(encoder(model), seeds(), name=model)
    if kind != "endpoint" or not model:
        raise ConfigError(
            f"moteur {name!r} où embeddings:MODÈLE ou endpoint:MODÈLE est attendu ; voyez "
            "docs/themes.md",
            about="PAAT_ENGINE",
        )
    if not settings.engine_url:
        raise ConfigError(
            "aucune adresse où celle d'un serveur est attendue ; donnez PAAT_ENGINE_URL",
            about="PAAT_ENGINE_URL",
        )
    key = settings.engine_key
    return Endpoint(
        settings.engine_url,
        model,
        key=key.get_secret_value() if key else "",
        cache=settings.home / "opinions",
        requests_left=settings.engine_budget,
    )
