"""Which date of a longer text is the announced one.

Ignored: years that are names or history (« Paris 2024 », « loi 1901 », « né en 1975 », « depuis
1998 »), publication lines (« publié le »), bare weekdays, months or holidays without a preposition
or a year. Deadlines (« inscriptions avant le ») and dates long past count much less.
Chosen: the highest score; every other day written as precisely (within 10 points, at most 40,
within 400 days of it) is kept too, as one more occurrence, and the reader is told.
"""

from datetime import date

from collectors.extract.french_dates.chains import Expression
from collectors.extract.french_dates.items import Point
from collectors.extract.french_dates.reading import Reading, read_expression
from collectors.extract.french_dates.tokens import Token
from collectors.extract.french_dates.vocabulary import words_of
from domain.statuses import Precision

Found = tuple[Expression, Reading]

_HISTORY = words_of(
    "ne nee nes nees fonde fondee fondes fondees cree creee crees creees existe existant creation "
    "fondation naissance mort morte decede decedee deces loi lois decret arrete article ordonnance "
    "publie publiee publication modifie modifiee maj ligne jour actualise actualisee construit "
    "construite batie bati inaugure inauguree siecle norme iso version restauree restaure "
    "vers anciennement rue place avenue boulevard square quai impasse allee stade salle residence"
)
_GAMES = words_of(
    "paris jo jop jeux olympique olympiques paralympique paralympiques olympiade olympiades tokyo "
    "rio londres pekin athenes milan cortina alpes generation horizon terre objectif label coupe "
    "mondial euro copyright agenda impact"
)
_DEADLINE = words_of(
    "inscription inscriptions inscrire inscrivez candidature candidatures limite cloture depot "
    "dossier dossiers reservation reservations reserver reponse reponses date_limite delai "
    "envoyer billetterie preinscription"
)
_MOVED = words_of("reporte reportee reportes decale decalee deplace deplacee avance avancee")
_CANCELLED = words_of("annule annulee annules annulees initialement")
_BASE = {
    Precision.TIME: 100,
    Precision.DAY: 90,
    Precision.WEEK: 70,
    Precision.MONTH: 40,
    Precision.SEASON: 38,
    Precision.YEAR: 20,
    Precision.UNKNOWN: 0,
}
_MOST, _APART_DAYS, _MARGIN = 40, 400, 10


def choose(
    expressions: list[Expression], tokens: list[Token], codes: str, *, reference: date | None
) -> list[Found]:
    """The announced dates, in the order of the text; empty when the text announces none."""
    scored = []
    for expression in expressions:
        if _ignored(expression, tokens, codes, reference):
            continue
        reading = read_expression(expression, reference)
        score = _score(expression, reading, tokens, codes, reference)
        if score > 0:
            scored.append((score, expression, reading))
    if not scored:
        return []
    best = max(scored, key=lambda s: s[0])
    return [(e, r) for s, e, r in scored if e is best[1] or _as_good((s, r), (best[0], best[2]))][
        :_MOST
    ]


def _as_good(other: tuple[int, Reading], best: tuple[int, Reading]) -> bool:
    if other[0] < best[0] - _MARGIN or _BASE[other[1].precision] < _BASE[Precision.DAY]:
        return False
    if other[1].starts_on is None or best[1].starts_on is None:
        return False
    return abs((other[1].starts_on - best[1].starts_on).days) <= _APART_DAYS


def _before(expression: Expression, tokens: list[Token], count: int) -> list[str]:
    """The last words before an expression, stopping at the end of the sentence."""
    found: list[str] = []
    for token in reversed(tokens[max(0, expression.first - count) : expression.first]):
        if token.code == "n":
            break
        found.append(str(token.value))
    return found


def _points(expression: Expression) -> list[Point]:
    return [p for s in expression.slots for p in (s.start, s.end) if p is not None]


def _ignored(
    expression: Expression, tokens: list[Token], codes: str, reference: date | None
) -> bool:
    if not expression.slots:
        written = codes[expression.first : expression.last]
        told = bool(expression.clocks) or "E" in written
        return expression.rule is None or not expression.rule.habitual or not told
    words = _before(expression, tokens, 3)
    if expression.since or _HISTORY.intersection(words[:3]):
        return True
    points = _points(expression)
    if any(p.year is not None and p.year < 1990 for p in points):
        return True
    if points[0].kind in {"year", "schoolyear", "season"} and _GAMES.intersection(words):
        return "semaine" not in _before(expression, tokens, 5)  # « Semaine olympique 2027 »
    if points[0].kind in {"year", "schoolyear"}:
        return not _near(points[0].year or 0, reference)
    if points[0].kind == "relative" and len(points) == 1 and points[0].name in {"day", "weekday"}:
        figurative = codes[expression.first] == "d"  # « le monde d'aujourd'hui »
        today = points[0].name == "day" and points[0].number == 0
        return figurative or today or not (expression.slots[0].clocks or points[0].number)
    return is_weak(expression, codes)


def _near(year: int, reference: date | None) -> bool:
    """Whether a lone year can be the year announced: from last year to two years ahead."""
    if reference is None:
        return 1990 <= year < 2045
    return reference.year - 1 <= year <= reference.year + 2


def is_weak(expression: Expression, codes: str) -> bool:
    """A lone word that is more often a name or a verb than a date (Noël, mars, été)."""
    points = _points(expression)
    if len(points) != 1:
        return False
    point = points[0]
    if point.year is not None or point.kind in {"relative", "vacances"} or expression.rule:
        return False
    if point.kind == "month":
        return not point.name and not set(codes[expression.first : expression.last]) & set("ciz")
    if point.kind == "quarter":
        return True
    if point.kind in {"season", "holiday"}:
        return point.around == "" and point.weekday is None
    return False


def _score(
    expression: Expression,
    reading: Reading,
    tokens: list[Token],
    codes: str,
    reference: date | None,
) -> int:
    if not reading.dated and not reading.recurrence:
        return 0
    score = _BASE[reading.precision]
    if not reading.dated:
        score = 35  # a rule without period: « tous les mardis »
    points = _points(expression)
    if any(p.kind == "relative" for p in points):
        score -= 50
    if len(points) == 1 and points[0].name == "" and _is_fraction(expression, codes):
        score -= 70
    if expression.opening or _DEADLINE.intersection(_before(expression, tokens, 8)):
        score -= 45
    words = _before(expression, tokens, 3)
    score += 30 * bool(_MOVED.intersection(words)) - 45 * bool(_CANCELLED.intersection(words))
    if reference and reading.ends_on and (reference - reading.ends_on).days > 366:
        score -= 60
    return score


def _is_fraction(expression: Expression, codes: str) -> bool:
    """« 1/2 », « 12/10 » with no « le », weekday or year: rarely a date."""
    return codes[expression.first : expression.last] == "D" and not (
        expression.slots[0].start.weekday is not None
    )
