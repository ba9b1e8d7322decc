"""Themes: texts a second, seconds to learn, memory and quality, against two plain pipelines.

scikit-learn: TF-IDF of words and pairs, one logistic regression per theme. fastText: one-vs-all,
words and pairs, one thread (`uv run --with fasttext-numpy2-wheel python -m bench themes`). Neither
has rules, reasons or scope. On 10,000 titles made of the seeds, the same for every engine;
processor time, best of three; `x` is the speed against scikit-learn in the same run.
Quality: trained on the seeds, judged on ../shared/gold when it is there.
"""

import json
import random
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import make_pipeline

from classifiers.cold import rules_model, seeds, train_cold
from classifiers.evaluate import Predicted, predict, report
from classifiers.model import HEADS, Floats, Model
from classifiers.suggest import Text, suggest
from classifiers.train import Example, learn
from domain.campaigns import THEMES

COUNT = 10_000
GOLD = Path(__file__).parents[2] / "shared" / "gold" / "themes.dev.jsonl"
Chances = Callable[[Sequence[str]], Floats]
T = TypeVar("T")


def main() -> Iterator[str]:
    examples = texts(COUNT)
    mean = sum(len(e.title) for e in examples) / len(examples)
    yield f"{COUNT} texts of {mean:.0f} characters"
    plain, seconds = _timed(lambda: sklearn(examples))
    titles = [e.title for e in examples]
    pace = COUNT / _seconds(lambda: plain(titles))
    yield _line("sklearn", "learning", seconds, "s")
    yield _line("sklearn", "probabilities", pace, "texts/s")
    yield from _fasttext_speed(examples, pace)
    cold, seconds = _timed(lambda: train_cold("cold-bench"))
    yield _line("cold", "training on the seeds", seconds, "s")
    yield from _rates("rules", rules_model(), examples, pace)
    yield from _rates("cold", cold, examples, pace)
    learned, seconds = _timed(lambda: learn(examples, base=cold))
    yield _line("learned", "learning, calibrating", seconds, "s")
    yield from _rates("learned", learned, examples, pace)
    for engine in ("nothing", "cold", "sklearn", *(("fasttext",) if fasttext() else ())):
        yield _line(engine, "peak memory", _peak(engine), "Mo")
    yield from _quality(cold)


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


def alone(engine: str) -> None:
    """One engine from nothing to probabilities: what a child process is measured on."""
    examples = texts(COUNT)
    titles = [e.title for e in examples]
    if engine == "cold":
        suggest([Text(id=e.id, title=e.title) for e in examples], model=train_cold("cold-bench"))
    elif engine == "sklearn":
        sklearn(examples)(titles)
    elif engine == "fasttext":
        fast(examples)(titles)


def _peak(engine: str) -> float:
    """Megabytes of a process that does only that, as it tells itself."""
    told = (
        f"from pathlib import Path; from bench.themes import alone; alone({engine!r});"
        "print(Path('/proc/self/status').read_text().split('VmHWM:')[1].split()[0])"
    )
    return int(subprocess.check_output([sys.executable, "-c", told], text=True)) / 1024


def _rates(name: str, model: Model, examples: Sequence[Example], pace: float) -> Iterator[str]:
    given = [Text(id=e.id, title=e.title) for e in examples]
    for what, action in (
        ("probabilities", lambda: predict(model, examples)),
        ("themes, scope, reasons", lambda: suggest(given, model=model, only_themes=True)),
        ("everything", lambda: suggest(given, model=model)),
    ):
        found = len(examples) / _seconds(action)
        yield _line(name, what, found, f"texts/s  x {found / pace:.2f}")


def sklearn(examples: Sequence[Example]) -> Chances:
    """The probabilities of a plain pipeline, trained."""
    pipeline = make_pipeline(
        TfidfVectorizer(strip_accents="unicode", ngram_range=(1, 2), sublinear_tf=True),
        OneVsRestClassifier(LogisticRegression(max_iter=200)),
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pipeline.fit([_text(e) for e in examples], _answers(examples))
    return lambda given: np.asarray(pipeline.predict_proba(given))


def fasttext() -> Any:
    """The library when the machine has it, else None."""
    try:
        import fasttext as library  # type: ignore[import-not-found, unused-ignore]
    except ImportError:
        return None
    return library


def fast(examples: Sequence[Example]) -> Chances:
    """The probabilities of fastText, trained."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as file:
        for one in examples:
            marks = [f"__label__{slug}" for slug in sorted(one.themes or ())] or ["__label__none"]
            file.write(f"{' '.join(marks)} {_flat(_text(one))}\n")
        file.flush()
        model = fasttext().train_supervised(
            file.name, loss="ova", wordNgrams=2, epoch=25, lr=0.5, thread=1, verbose=0
        )

    def chances(given: Sequence[str]) -> Floats:
        found = np.zeros((len(given), len(THEMES)))
        place = {f"__label__{slug}": i for i, slug in enumerate(THEMES)}
        for line, text in enumerate(given):
            for p, label in model.f.predict(_flat(text) + "\n", -1, 0.0, "strict"):
                if label in place:
                    found[line, place[label]] = min(p, 1.0)
        return found

    return chances


def _fasttext_speed(examples: Sequence[Example], pace: float) -> Iterator[str]:
    if fasttext() is None:
        yield "fastText   not here: uv run --with fasttext-numpy2-wheel python -m bench themes"
        return
    trained, seconds = _timed(lambda: fast(examples))
    found = len(examples) / _seconds(lambda: trained([e.title for e in examples]))
    yield _line("fastText", "learning", seconds, "s")
    yield _line("fastText", "probabilities", found, f"texts/s  x {found / pace:.2f}")


def _quality(cold: Model) -> Iterator[str]:
    """Macro-F1 on the gold texts of what is trained on the seeds alone."""
    if not GOLD.exists():
        return
    texts_told = gold()
    yield _line(
        "cold", "macro-F1 on gold", report("", texts_told, predict(cold, texts_told)).macro_f1, ""
    )
    written = [_text(e) for e in texts_told]
    for name, train in (("sklearn", sklearn), *((("fastText", fast),) if fasttext() else ())):
        chances = np.zeros((len(texts_told), len(HEADS)))
        chances[:, : len(THEMES)] = train(seeds())(written)
        found = report(name, texts_told, Predicted(chances, chances >= 0.5))
        yield _line(name, "macro-F1 on gold", found.macro_f1, "")


def gold() -> list[Example]:
    """The gold texts with their answers."""
    rows = [json.loads(line) for line in GOLD.read_text("utf-8").splitlines()]
    return [
        Example(
            id=row["id"], title=row["title"], text=row["text"], group=row["group"],
            themes=frozenset(row["themes"]), scope=row["scope"],
        )
        for row in rows
    ]  # fmt: skip


def _text(one: Example) -> str:
    return f"{one.title} {one.text}".strip()


def _flat(text: str) -> str:
    return " ".join(text.casefold().split())


def _answers(examples: Sequence[Example]) -> list[list[int]]:
    return [[int(slug in (e.themes or ())) for slug in THEMES] for e in examples]


def _timed(action: Callable[[], T]) -> tuple[T, float]:
    started = time.process_time()
    return action(), time.process_time() - started


def _seconds(action: Callable[[], object]) -> float:
    return min(_timed(action)[1] for _ in range(3))


def _line(name: str, what: str, value: float, unit: str) -> str:
    shown = f"{value:9.0f}" if value >= 100 else f"{value:9.2f}"
    return f"{name:10} {what:24} {shown} {unit}"
