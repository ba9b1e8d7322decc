"""An engine of sentence vectors: `model2vec` or `sentence-transformers`, if the machine has them.

The model is the operator's: a folder or a name their own library can open. The heads are trained
here on the seeds and the decisions, so any encoder of French will do.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from classifiers.descent import lowest
from classifiers.model import HEADS, Floats
from classifiers.train import Example, checked, targets
from domain.errors import ConfigError

Encode = Callable[[list[str]], Floats]
PULL = 1.0  # strength of the prior on each weight
LONGEST = 2_000  # characters given to the encoder


@dataclass(frozen=True, slots=True)
class Embeddings:
    """A trained engine."""

    name: str
    encode: Encode
    weights: Floats  # one column per head, the last line is the bias

    def chances(self, texts: Sequence[tuple[str, str]]) -> Floats:
        odds = _vectors(self.encode, texts) @ self.weights
        return np.asarray(1 / (1 + np.exp(-np.clip(odds, -30, 30))))


def train(encode: Encode, examples: Sequence[Example], *, name: str) -> Embeddings:
    """Heads learned on the vectors of the examples. Raises QualityError as learning does."""
    kept = checked(examples)
    vectors = _vectors(encode, [(e.title, e.text) for e in kept])
    heads = [_fit(vectors, *targets(kept, head)) for head in range(len(HEADS))]
    return Embeddings(f"embeddings:{name}", encode, np.stack(heads, axis=1))


def encoder(name: str) -> Encode:
    """The encoder of that name. Raises ConfigError saying what to install."""
    try:
        from model2vec import StaticModel
    except ImportError:
        return _sentence_transformer(name)
    return _opened(lambda: StaticModel.from_pretrained(name).encode, name)


def _sentence_transformer(name: str) -> Encode:
    try:
        from sentence_transformers import SentenceTransformer
    except ImportError:
        raise ConfigError(
            f"moteur {name!r} : ni model2vec ni sentence-transformers n'est installé ; "
            "« uv pip install model2vec », ou éteignez le moteur (PAAT_ENGINE)",
            about=name,
        ) from None
    return _opened(lambda: SentenceTransformer(name).encode, name)


def _opened(open_it: Callable[[], Encode], name: str) -> Encode:
    try:
        return open_it()
    except (OSError, ValueError, RuntimeError) as error:
        raise ConfigError(
            f"moteur {name!r} : aucun modèle sous ce nom ; donnez un dossier, ou un nom connu",
            about=name,
        ) from error


def _vectors(encode: Encode, texts: Sequence[tuple[str, str]]) -> Floats:
    """Unit vectors with a constant, one line per text."""
    raw = np.asarray(encode([f"{title}. {text}"[:LONGEST] for title, text in texts]), dtype=float)
    norm = np.linalg.norm(raw, axis=1, keepdims=True)
    return np.hstack([raw / np.maximum(norm, 1e-9) * 4.0, np.ones((len(raw), 1))])


def _fit(vectors: Floats, wanted: Floats, sure: Floats) -> Floats:
    pulls = np.full(vectors.shape[1], PULL)
    pulls[-1] = 1e-3

    def loss(w: Floats) -> tuple[float, Floats]:
        odds = vectors @ w
        value = float((sure * (np.logaddexp(0, odds) - wanted * odds)).sum())
        error = sure * (1 / (1 + np.exp(-odds)) - wanted)
        return value + float((pulls * w * w).sum() / 2), vectors.T @ error + pulls * w

    return lowest(loss, np.zeros(vectors.shape[1]))
