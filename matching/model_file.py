"""A model as JSON text, whatever it judges: two forests, what they read, and where they come from.

Safe to keep anywhere and readable by eye; never a pickle.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, TypeVar

from domain.errors import QualityError
from matching import forest
from matching.context import CONTEXT
from matching.forest import Forest

T = TypeVar("T")


class Forests(Protocol):
    """What every model has."""

    @property
    def version(self) -> str: ...
    @property
    def first(self) -> Forest: ...
    @property
    def second(self) -> Forest: ...
    @property
    def learnt_from(self) -> Mapping[str, Any]: ...


def written(model: Forests, features: Sequence[str], **more: Any) -> str:
    """The JSON text of a model that reads these features, readable by `read`. `more`: what it has
    besides."""
    data = {
        "version": model.version,
        "features": [*features],
        "context": [*CONTEXT],
        "learnt_from": dict(model.learnt_from),
        "first": forest.dump(model.first),
        "second": forest.dump(model.second),
        **more,
    }
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


def read(
    text: str, features: Sequence[str], build: Callable[[Mapping[str, Any], Mapping[str, Any]], T]
) -> T:
    """What `build` makes of what every model has (by name) and of the whole data. Raises
    QualityError when the text is damaged or of other features."""
    try:
        data = json.loads(text)
        if (data["features"], data["context"]) != ([*features], [*CONTEXT]):
            raise QualityError(
                "a model of other features where this release's were expected; learn it again",
                about="matching",
            )
        forests = {name: forest.load(data[name]) for name in ("first", "second")}
        about = {"version": str(data["version"]), "learnt_from": dict(data["learnt_from"])}
        return build({**about, **forests}, data)
    except (KeyError, TypeError, ValueError) as error:
        raise QualityError(
            f"a model file where JSON written by `dump` was expected ({error}); learn it again",
            about="matching",
        ) from None
