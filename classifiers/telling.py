"""A report told in French for a terminal, or as plain values for --json."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from classifiers.evaluate import Predicted, Report, bins, truth
from classifiers.model import HEADS
from classifiers.promote import Difference
from classifiers.reliability import svg
from classifiers.train import Example
from domain.campaigns import THEMES

NAMES = {**THEMES, "games": "Périmètre (les Jeux)"}


def lines(report: Report) -> Iterator[str]:
    """The report as lines of text, one table then the confusions."""
    yield f"Modèle {report.model} sur {report.examples} textes décidés"
    yield (
        f"{'':24}{'préc.':>7}{'rappel':>8}{'F1':>7}{'  intervalle 95 %':<18}{'textes':>7}"
        f"{'ECE':>7}{'couv.':>7}{'choisis':>9}{'justes':>8}"
    )
    for slug in HEADS:
        s = report.scores[slug]
        right = "" if s.chosen_precision is None else f"{s.chosen_precision:.2f}"
        span = f"  [{s.f1_low:.2f} ; {s.f1_high:.2f}]"
        yield (
            f"{NAMES[slug]:24}{s.precision:7.2f}{s.recall:8.2f}{s.f1:7.2f}{span:<18}"
            f"{s.support:7}{s.ece:7.3f}{s.coverage:7.2f}{s.chosen:9}{right:>8}"
        )
    yield (
        f"Macro-F1 des cinq thèmes : {report.macro_f1:.3f}"
        f" [{report.macro_low:.3f} ; {report.macro_high:.3f}]"
    )
    if report.chosen_precision is not None:
        yield f"Choisis sans demander, justes : {report.chosen_precision:.3f}"
    for slug, value in report.ceiling.items():
        yield f"Plafond humain, {NAMES.get(slug, slug)} : {value:.2f}"
    yield "Erreurs les plus franches (probabilité annoncée) :"
    for slug, wrong in report.confusions.items():
        for id_, text, p in wrong:
            yield f"  {NAMES[slug]:24}{p:5.2f}  {id_}  {text}"


def as_json(report: Report) -> dict[str, Any]:
    """The report as values for `--json`."""
    return asdict(report)


def difference_lines(found: Difference) -> Iterator[str]:
    """Two models compared, in words."""
    for slug, gap in found.per_head.items():
        yield f"{NAMES[slug]:24}{gap:+.3f}"
    yield f"{'Macro-F1':24}{found.macro:+.3f} [{found.low:+.3f} ; {found.high:+.3f}]"


def reliability(examples: list[Example], predicted: Predicted) -> str:
    """The reliability plot of every head, as SVG."""
    right, known = truth(examples)
    return svg(
        {
            NAMES[slug]: bins(predicted.chances[known[:, head], head], right[known[:, head], head])
            for head, slug in enumerate(HEADS)
        }
    )
