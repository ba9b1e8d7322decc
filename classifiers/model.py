"""A model: the cold start of the rules, and what was learned on top of it.

One linear head per theme and one for the Games. The log-odds of a head are
`gain · cold + weights · features + bias`, then calibrated; with no weight a model is the rules.
The file is JSON and NumPy arrays behind a checksum: nothing in it can run (no pickle).
"""

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from domain.campaigns import THEMES
from domain.errors import ConfigError

HEADS: tuple[str, ...] = (*THEMES, "games")
FORMAT = 1
_MAGIC = b"paat-model-%d\n"

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Model:
    """What turns a reading into probabilities. Immutable; `version` names it in suggestions."""

    version: str
    vocabulary: tuple[str, ...] = ()
    idf: Floats = field(default_factory=lambda: np.zeros(0))
    weights: Floats = field(default_factory=lambda: np.zeros((0, len(HEADS))))
    gain: Floats = field(default_factory=lambda: np.ones(len(HEADS)))
    bias: Floats = field(default_factory=lambda: np.zeros(len(HEADS)))
    slope: Floats = field(default_factory=lambda: np.ones(len(HEADS)))
    shift: Floats = field(default_factory=lambda: np.zeros(len(HEADS)))
    thresholds: Floats = field(default_factory=lambda: np.full(len(HEADS), 0.6))
    about: Mapping[str, Any] = field(default_factory=dict)  # data fingerprint, metrics, date, base

    @cached_property
    def index(self) -> Mapping[str, int]:
        return {feature: i for i, feature in enumerate(self.vocabulary)}

    def rows(self, features: Sequence[str]) -> list[int]:
        """The rows of the features this model knows."""
        get = self.index.get
        return [row for feature in features if (row := get(feature)) is not None]

    def log_odds(self, cold: Floats, rows: Sequence[Sequence[int]]) -> Floats:
        """Calibrated log-odds, one line per text, one column per head."""
        raw = cold * self.gain + self.bias + self._learned(rows)
        return raw * self.slope + self.shift

    def _learned(self, rows: Sequence[Sequence[int]]) -> Floats:
        total = np.zeros((len(rows), len(HEADS)))
        full = [i for i, one in enumerate(rows) if one]
        if not full or not len(self.vocabulary):
            return total
        flat = np.fromiter((row for i in full for row in rows[i]), dtype=np.int64)
        starts = np.cumsum([0, *(len(rows[i]) for i in full[:-1])])
        norm = np.sqrt(np.add.reduceat(self.idf[flat] ** 2, starts))
        total[full] = np.add.reduceat(self.weights[flat], starts) / norm[:, None]
        return total

    def contributions(self, rows: Sequence[Sequence[int]]) -> tuple[Floats, NDArray[np.int64]]:
        """What each feature adds to the log-odds: one line per feature of every text, in order,
        one column per head; and the text each line belongs to."""
        counts = [len(one) for one in rows]
        owner = np.repeat(np.arange(len(rows)), counts)
        flat = np.fromiter((row for one in rows for row in one), dtype=np.int64, count=len(owner))
        squares = np.bincount(owner, self.idf[flat] ** 2, minlength=len(rows))
        norm = np.sqrt(np.maximum(squares, 1e-18))
        return self.weights[flat] * (self.slope / norm[owner, None]), owner


def save(model: Model, path: Path) -> None:
    """Write the model, atomically. Raises ConfigError when the place cannot be written."""
    meta = {
        "format": FORMAT,
        "heads": HEADS,
        "version": model.version,
        "vocabulary": model.vocabulary,
        "about": model.about,
    }
    body = io.BytesIO()
    text = json.dumps(meta, ensure_ascii=False, sort_keys=True, default=str).encode()
    np.savez_compressed(
        body,
        meta=np.frombuffer(text, dtype=np.uint8),
        **{name: getattr(model, name).astype(np.float64) for name in _ARRAYS},
    )
    data = body.getvalue()
    head = _MAGIC % FORMAT + hashlib.sha256(data).hexdigest().encode() + b"\n"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(path.name + ".part")
        draft.write_bytes(head + data)
        draft.replace(path)
    except OSError as error:
        raise ConfigError(
            f"{path}: le modèle ne peut y être écrit ; choisissez un autre endroit", about=str(path)
        ) from error


_ARRAYS = ("idf", "weights", "gain", "bias", "slope", "shift", "thresholds")


def load(path: Path) -> Model:
    """Read a model. Raises ConfigError: absent, other version, tampered with, not a model."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ConfigError(
            f"{path}: rien de lisible là où un fichier de `paat learn themes` est attendu ;"
            " vérifiez le chemin",
            about=str(path),
        ) from error
    magic, _, rest = data.partition(b"\n")
    if not magic.startswith(b"paat-model-"):
        raise _refused(path, "rien de reconnu", "donnez un fichier écrit par « paat learn themes »")
    if magic + b"\n" != _MAGIC % FORMAT:
        found = magic.removeprefix(b"paat-model-").decode("ascii", "replace")
        raise _refused(path, f"format {found} où {FORMAT} est attendu", "réapprenez-le")
    digest, _, body = rest.partition(b"\n")
    if hashlib.sha256(body).hexdigest().encode() != digest:
        raise _refused(path, "contenu qui n'est pas celui de sa somme de contrôle", "réapprenez-le")
    return _parse(path, body)


def _parse(path: Path, body: bytes) -> Model:
    try:
        with np.load(io.BytesIO(body), allow_pickle=False) as arrays:
            meta = json.loads(arrays["meta"].tobytes())
            if tuple(meta["heads"]) != HEADS:
                raise _refused(
                    path, f"thèmes {meta['heads']} où {HEADS} sont attendus", "réapprenez-le"
                )
            values = {name: np.array(arrays[name], dtype=np.float64) for name in _ARRAYS}
    except (KeyError, ValueError, OSError, zipfile.BadZipFile) as error:
        raise _refused(path, f"contenu illisible ({error})", "réapprenez-le") from error
    return Model(
        version=meta["version"],
        vocabulary=tuple(meta["vocabulary"]),
        about=meta["about"],
        **values,
    )


def _refused(path: Path, found: str, todo: str) -> ConfigError:
    return ConfigError(f"{path} : {found} là où un modèle est attendu ; {todo}", about=str(path))
