"""Themes: texts a second and seconds to learn, against a plain scikit-learn pipeline.

On 10,000 grant titles made of the seeds, the same for every engine; processor time, best of three.
"""

import random
import resource
import time
import warnings
from collections.abc import Callable, Iterator, Sequence

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import make_pipeline

from classifiers.cold import rules_model, seeds, train_cold
from classifiers.evaluate import predict
from classifiers.model import Model
from classifiers.suggest import Text, suggest
from classifiers.train import Example, learn
from domain.campaigns import THEMES

COUNT = 10_000


def main() -> Iterator[str]:
    examples = texts(COUNT)
    mean = sum(len(e.title) for e in examples) / len(examples)
    yield f"{COUNT} texts of {mean:.0f} characters"
    started = time.process_time()
    cold = train_cold("cold-bench")
    yield _line("cold", "training on the seeds", time.process_time() - started, "s")
    yield from _rates("rules", rules_model(), examples)
    yield from _rates("cold", cold, examples)
    started = time.process_time()
    learned = learn(examples, base=cold)
    yield _line("learned", "learning, calibrating", time.process_time() - started, "s")
    yield from _rates("learned", learned, examples)
    yield from _peer(examples)
    yield f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} Mo"


def texts(count: int) -> list[Example]:
    """Titles as long as real grants' (about 90 characters), made of seeds."""
    rng = random.Random(2024)  # noqa: S311  a bench, not a secret
    known = seeds()
    places = ["Gap", "Nice", "Apt", "Digne", "Toulon", "Arles", "Vence", "Orange"]
    found = []
    for i in range(count):
        one = rng.choice(known)
        title = f"{2016 + i % 10} - {rng.choice(places)} - {one.text} - dossier {i}"
        found.append(
            Example(id=str(i), title=title, themes=one.themes, scope=one.scope, group=f"g{i % 97}")
        )
    return found


def _rates(name: str, model: Model, examples: Sequence[Example]) -> Iterator[str]:
    given = [Text(id=e.id, title=e.title) for e in examples]
    for what, action in (
        ("probabilities", lambda: predict(model, examples)),
        ("themes, scope, reasons", lambda: suggest(given, model=model, only_themes=True)),
        ("everything", lambda: suggest(given, model=model)),
    ):
        yield _line(name, what, len(examples) / _seconds(action), "texts/s")


def _peer(examples: Sequence[Example]) -> Iterator[str]:
    """TF-IDF of words and pairs, one logistic regression per theme: no rules, no reasons."""
    answers = [[int(slug in (e.themes or ())) for slug in THEMES] for e in examples]
    pipeline = make_pipeline(
        TfidfVectorizer(strip_accents="unicode", ngram_range=(1, 2), sublinear_tf=True),
        OneVsRestClassifier(LogisticRegression(max_iter=200)),
    )
    titles = [e.title for e in examples]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        started = time.process_time()
        pipeline.fit(titles, answers)
        yield _line("sklearn", "learning", time.process_time() - started, "s")
        seconds = _seconds(lambda: pipeline.predict_proba(titles))
    yield _line("sklearn", "probabilities", len(titles) / seconds, "texts/s")


def _seconds(action: Callable[[], object]) -> float:
    spent = []
    for _ in range(3):
        started = time.process_time()
        action()
        spent.append(time.process_time() - started)
    return min(spent)


def _line(name: str, what: str, value: float, unit: str) -> str:
    shown = f"{value:9.0f}" if value >= 100 else f"{value:9.2f}"
    return f"{name:10} {what:24} {shown} {unit}"
