"""An evaluation as a person reads it, in French."""

from collections.abc import Iterator

from matching.evaluate import Evaluation, Labelled
from matching.grouping import ASK, LEFT
from matching.measures import PairScore
from matching.score import RELATIONS


def french(found: Evaluation) -> str:
    """The evaluation, a line a measure."""
    return "\n".join(one.replace(".", ",") for one in _lines(found))


def _lines(found: Evaluation) -> Iterator[str]:
    low, high = found.interval
    yield f"{found.records} lignes, moteur « {found.engine} »"
    yield f"{_line('éditions (cluster_id)', found.pairs)}, intervalle à 95 % {low:.3f}–{high:.3f}"
    yield _line("éditions, par ligne (B³)", found.b_cubed)
    if found.series:
        yield _line("initiatives (series_id)", found.series)
    yield _line("fusions sans question", found.automatic)
    yield (
        f"candidats : {found.candidates_per_record:.1f} par ligne, "
        f"rappel {found.blocking_recall:.3f}"
    )
    yield f"groupes : {found.clusters} trouvés, {found.true_clusters} vrais"
    if found.folded:
        yield _line(f"éditions, appris par {found.folds} parts", found.folded)
    if found.folded_series:
        yield _line(f"initiatives, appris par {found.folds} parts", found.folded_series)
    if found.questions:
        curve = " · ".join(f"{k} → {f1:.3f}" for k, f1 in found.questions)
        yield f"questions pour 1 000 lignes → F1 : {curve}"
    yield "seuil sur le score des paires → précision, rappel, F1 :"
    for at, one in found.thresholds:
        yield f"  {at:.3f} → {one.precision:.3f}, {one.recall:.3f}, {one.f1:.3f}"
    for said in (*(r.value for r in RELATIONS), ASK, LEFT):
        if said in found.confusion:
            told = " · ".join(f"{k} {v}" for k, v in sorted(found.confusion[said].items()))
            yield f"décision {said} : {told}"


def french_labelled(found: Labelled) -> str:
    """How the groups answer pairs that people judged."""
    low, high = found.interval
    lines = [
        f"{found.pairs} paires jugées, dont {found.right} retrouvées",
        f"{_line('« même édition »', found.same)}, intervalle à 95 % {low:.3f}–{high:.3f}",
        *(
            f"trouvée {said} : " + " · ".join(f"jugée {k} {v}" for k, v in sorted(told.items()))
            for said, told in sorted(found.confusion.items())
        ),
    ]
    return "\n".join(one.replace(".", ",") for one in lines)


def _line(name: str, one: PairScore) -> str:
    return f"{name} : F1 {one.f1:.3f} (précision {one.precision:.3f}, rappel {one.recall:.3f})"
