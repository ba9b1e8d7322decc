"""What decisions teach: a new themes model, kept only when it is not worse. Plain, no Prefect."""

import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from census.rows import Entry
from classifiers.cold import cold_model
from classifiers.model import Model, load, save
from classifiers.promote import relearn
from classifiers.train import Example
from domain.campaigns import campaigns
from domain.errors import Conflict
from domain.records import Dossier
from domain.statuses import DecisionKind
from domain.text import fingerprint
from domain.times import paris_day
from flows.house import House
from matching import learn as matching_learn
from matching import score
from storage import dossiers, matches, mentions, models

NAME = "themes"
MATCHING = "matching"
ENOUGH = 25  # decided texts under which nothing is learned
STEP = 25  # new ones that are worth learning again
MANY = 200  # from there on, some are set apart to judge every model alike


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """What came of learning: the version in use, and whether it is new."""

    version: str
    examples: int
    learned: bool


def active_model(house: House) -> Model:
    """The themes model in use: the last one kept, else the one shipped."""
    with house.database.reading() as conn:
        kept = models.active(conn, NAME)
    if kept is None:
        return cold_model(house.settings.home / "models")
    with tempfile.NamedTemporaryFile(suffix=".model") as file:
        Path(file.name).write_bytes(kept.payload)
        return load(Path(file.name))


def learn_themes(house: House, *, force: bool = False) -> Lesson:
    """Learn from every standing decision. Raises QualityError when a theme would lose by it:
    the current model then stays in use."""
    current = active_model(house)
    found = list(examples(house))
    known = _learned_from(house)
    if len(found) < ENOUGH or (not force and len(found) < known + STEP):
        return Lesson(version=current.version, examples=len(found), learned=False)
    base = cold_model(house.settings.home / "models")
    control = [one for one in found if is_control(one)] if len(found) >= MANY else []
    new = relearn(found, base=base, current=current, control=control, now=house.clock())
    keep(house, new)
    return Lesson(version=new.version, examples=len(found), learned=True)


def is_control(example: Example) -> bool:
    """One decided text in ten, by its id: never learned from, so that it judges for ever."""
    return int(fingerprint(example.id)[:8], 16) % 10 == 0


def _learned_from(house: House) -> int:
    """How many decisions the stored model in use learned from; 0 with the one shipped."""
    with house.database.reading() as conn:
        kept = models.active(conn, NAME)
    return 0 if kept is None else int(str(kept.metrics.get("examples", 0)))


def keep(house: House, model: Model) -> None:
    """Store a version and use it from now on; what it proposes replaces what is proposed."""
    with tempfile.TemporaryDirectory(prefix="paat-model-") as folder:
        file = Path(folder) / "themes.model"
        save(model, file)
        payload = file.read_bytes()
    _keep(house, NAME, model.version, payload=payload, about=model.about)


def _keep(
    house: House, name: str, version: str, *, payload: bytes, about: Mapping[str, object]
) -> None:
    row = models.Model(
        name=name,
        version=version,
        data_sha256=str(about.get("fingerprint", "")),
        metrics={key: str(value) for key, value in about.items()},
        payload=payload,
        created_at=house.clock(),
        active=True,
    )
    with house.database.begin() as conn:
        known = {one.version for one in models.history(conn, name)}
        if version in known:  # the same decisions give the same version
            models.activate(conn, name, version)
        else:
            models.save(conn, row)


# --- matching --------------------------------------------------------------------------------


def active_matching(house: House) -> score.Model:
    """The matching model in use: the last one kept if this release can use it, else the shipped."""
    with house.database.reading() as conn:
        kept = models.active(conn, MATCHING)
    return score.in_use(kept and kept.payload)


def learn_matching(house: House, *, force: bool = False) -> Lesson:
    """Learn from people's verdicts on duplicates; what is already placed is not moved by it.

    Raises QualityError when it would judge worse than the shipped or the current: that one stays.
    """
    current = active_matching(house)
    with house.database.reading() as conn:
        verdicts = matches.by_people(conn)
        named = {side for one in verdicts for side in (one.a, one.b)}
        known = {one.id: one for one in mentions.by_ids(conn, named)}
        kept = models.active(conn, MATCHING)
    told = [(known[v.a], known[v.b], v.relation) for v in verdicts if {v.a, v.b} <= known.keys()]
    current_is_kept = kept is not None and kept.version == current.version
    learned = int(str(kept.metrics.get("verdicts", 0))) if kept and current_is_kept else 0
    if len(told) < ENOUGH or (not force and len(told) < learned + STEP):
        return Lesson(version=current.version, examples=len(told), learned=False)
    base = score.load_prior()  # every verdict again from the prior: none is counted twice
    new = matching_learn.learn(base, matching_learn.examples(told, base), in_place=current)
    about = {**new.learnt_from, "verdicts": len(told)}
    _keep(house, MATCHING, new.version, payload=score.dump(new).encode(), about=about)
    return Lesson(version=new.version, examples=len(told), learned=True)


# --- versions --------------------------------------------------------------------------------


def roll_back(house: House, version: str | None = None, *, name: str = NAME) -> str:
    """Use an earlier version again (the one before by default); the version now in use.

    Raises Conflict when there is no such version.
    """
    with house.database.begin() as conn:
        history = models.history(conn, name)
        if version is None:
            older = [one.version for one in history if not one.active]
            if not older:
                raise Conflict("ce modèle n'a pas de version antérieure", about=name)
            version = older[0]
        models.activate(conn, name, version)
    return version


def examples(house: House) -> Iterator[Example]:
    """Every initiative a reviewer decided, as a text with its answer, campaign after campaign."""
    today = paris_day(house.clock())
    for campaign in campaigns().values():
        with house.database.reading() as conn:
            for dossier in dossiers.dossiers(conn, campaign.code):
                entry = Entry(dossier=dossier, campaign=campaign, today=today)
                example = as_example(dossier, entry)
                if example is not None:
                    yield example


def as_example(dossier: Dossier, entry: Entry) -> Example | None:
    """The decision as an example; None when nobody decided. A rejection tells nothing of themes."""
    verdict = entry.verdict
    if verdict is None:
        return None
    approved = verdict.kind is DecisionKind.APPROVE
    one = dossier.initiative
    return Example(
        id=one.id,
        title=one.value("title") or "",
        text=one.value("description") or "",
        themes=frozenset(map(str, verdict.value.get("themes", ()))) if approved else None,
        scope="yes" if approved else "no",
        group=one.value("organiser") or "",
        by=verdict.by,
    )
