"""The model of the first day: the rules, and a linear model trained on the texts of seeds/.

Trained at first use in about a second, then kept in a file named after what it was made of.
"""

import csv
import hashlib
import logging
import os
from functools import lru_cache
from importlib import resources
from pathlib import Path

import numpy as np

from classifiers.definitions import themes
from classifiers.model import HEADS, Model, load, save
from classifiers.scope import IN_FROM
from classifiers.train import Example, learn
from domain.errors import ConfigError

log = logging.getLogger(__name__)

LETTERS = {
    "E": "engagement",
    "P": "education-populaire",
    "S": "solidarite",
    "H": "heritage",
    "D": "developpement-durable",
}
SEEDS_PULL = 1.0
SEEDS_SHARE = 0.5
"""How much the seeds are held back: they were written by one hand, reality is wider."""


def seeds() -> list[Example]:
    """The written examples of seeds/*.tsv: letters of the themes, scope, text."""
    found = []
    folder = resources.files("classifiers") / "seeds"
    for file in sorted(folder.iterdir(), key=lambda f: f.name):
        if file.name.endswith(".tsv"):
            lines = file.read_text("utf-8").splitlines()
            rows = csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
            for number, row in enumerate(rows, 1):
                if row and not row[0].startswith("#"):
                    found.append(_seed(row, about=f"{file.name}:{number}"))
    return found


def _seed(row: list[str], *, about: str) -> Example:
    """Letters (`-` = none), scope, then the text."""
    try:
        letters, scope, text = row
        slugs = frozenset(LETTERS[letter] for letter in letters if letter != "-")
    except (ValueError, KeyError) as error:
        raise ConfigError(
            f"{about} : {row} où « lettres, champ, texte » est attendu ; corrigez la ligne",
            about=about,
        ) from error
    return Example(
        id=about, title="", text=text, themes=slugs, scope=scope or None, group=text[:40]
    )


@lru_cache(maxsize=1)
def fingerprint() -> str:
    """What the cold model is made of: themes, words, scope, seeds."""
    digest = hashlib.sha256()
    root = resources.files("classifiers")
    names = [root / "scope.toml", root / "words.toml"]
    for folder in ("themes", "seeds"):
        names += sorted((root / folder).iterdir(), key=lambda f: f.name)
    for file in names:
        if file.name.endswith((".toml", ".tsv")):
            digest.update(file.name.encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()


def rules_model() -> Model:
    """The rules alone, nothing learned."""
    limits = [theme.chosen_from for theme in themes().values()]
    return Model(version=f"rules-{fingerprint()[:12]}", thresholds=np.array([*limits, IN_FROM]))


@lru_cache(maxsize=2)
def cold_model(folder: Path | None = None) -> Model:
    """The model shipped: rules and seeds. Kept in `folder` (default: PAAT_HOME/models)."""
    version = f"cold-{fingerprint()[:12]}"
    path = (folder or Path(os.environ.get("PAAT_HOME", ".paat")) / "models") / f"{version}.model"
    if path.exists():
        try:
            return load(path)
        except ConfigError as error:
            log.warning("%s; training it again", error)
    model = train_cold(version)
    try:
        save(model, path)
    except ConfigError as error:
        log.warning("%s; the model is kept in memory only", error)
    return model


def train_cold(version: str) -> Model:
    """The rules, and the words of the seeds learned apart from them, at half their weight.

    Learned together, the seeds would only repeat the rules: one hand wrote both.
    """
    base = rules_model()
    examples = seeds()
    learned = learn(examples, base=base, pull=SEEDS_PULL, words_only=True)
    return Model(
        version=version,
        vocabulary=learned.vocabulary,
        idf=learned.idf,
        weights=learned.weights * SEEDS_SHARE,
        gain=np.ones(len(HEADS)),
        bias=np.zeros(len(HEADS)),
        thresholds=base.thresholds,
        about={"base": base.version, "examples": len(examples)},
    )
