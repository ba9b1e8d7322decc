"""When: French dates and ranges → `When`. Pure; the reference day is given, never « today ».

`read_when` reads the words of a date; `find_when` looks for the announced date in a longer text;
`from_timings` reads the structured dates of a source. Guide: docs/dates.md.
"""

import re
from datetime import date

from collectors.extract.french_dates.chains import Expression, build_expressions
from collectors.extract.french_dates.choose import choose, is_weak
from collectors.extract.french_dates.items import find_items
from collectors.extract.french_dates.reading import Reading, read_expression
from collectors.extract.french_dates.tokens import MAX_CHARS, Token, plain, tokenize
from collectors.extract.timings import from_timings, implausible_years
from domain.records import Occurrence, When
from domain.statuses import Precision
from domain.text import one_line

__all__ = ["find_when", "from_timings", "read_when"]

_RANK = {p: i for i, p in enumerate(Precision)}
_MAX_WORDS = 300
_FALLBACK = frozenset({"report", "repli"})  # the day it is put off to if it rains
_PART_OF_DAY = re.compile(r"[il]*t")  # « en soirée » is kept as words


def read_when(text: str, *, reference: date | None) -> When:
    """What the words of a date say. `reference`: publication day, for dates without a year.

    Nothing readable: no date, the words kept, a warning.
    """
    body = plain(text)
    tokens = tokenize(body)
    codes = "".join([t.code for t in tokens])
    expressions = build_expressions(find_items(tokens, codes), tokens, codes)
    kept = _bounds([e for e in expressions if not _excluded(tokens, codes, e)])
    kept = _from_labels(kept, tokens)
    strong = [e for e in kept if not is_weak(e, codes)]
    kept = strong if any(e.slots for e in strong) else kept
    warnings = [_too_long()] if len(text) > MAX_CHARS else []
    if any(code == "K" and not _inside(expressions, i) for i, code in enumerate(codes)):
        warnings.append("exception écrite (« sauf », « hors ») : elle n'est pas calculée")
    readings = [(e, read_expression(e, reference)) for e in kept]
    if not readings:
        words = one_line(body)[:_MAX_WORDS]
        return When(
            words=words or None,
            warnings=(*warnings, *([f"aucune date lue dans « {words[:80]} »"] if words else [])),
        )
    return _merge(_finest(readings), body, tokens, codes, warnings=warnings, reference=reference)


def find_when(text: str, *, reference: date | None) -> When:
    """The announced date in a title or a description; an empty `When` when there is none.

    See `french_dates.choose` for what is ignored and how the date is chosen.
    """
    body = plain(text)
    tokens = tokenize(body)
    codes = "".join([t.code for t in tokens])
    expressions = build_expressions(find_items(tokens, codes), tokens, codes)
    kept = choose(
        [e for e in expressions if not _excluded(tokens, codes, e)],
        tokens,
        codes,
        reference=reference,
    )
    warnings = [_too_long()] if len(text) > MAX_CHARS else []
    if not kept:
        return When(warnings=tuple(warnings))
    distinct = {(r.starts_on, r.ends_on) for _, r in kept}
    if len(distinct) > 1:
        warnings.append(f"{len(distinct)} dates indépendantes dans le texte : toutes sont gardées")
    return _merge(kept, body, tokens, codes, warnings=warnings, reference=reference)


def _too_long() -> str:
    return f"texte trop long : seuls les {MAX_CHARS} premiers caractères ont été lus"


def _inside(expressions: list[Expression], token: int) -> bool:
    return any(e.first <= token < e.last for e in expressions)


def _excluded(tokens: list[Token], codes: str, expression: Expression) -> bool:
    """Whether « sauf », « hors » or « report » stands just before the expression."""
    before = range(max(0, expression.first - 3), expression.first)
    return any(codes[i] == "K" or tokens[i].value in _FALLBACK for i in before)


def _from_labels(expressions: list[Expression], tokens: list[Token]) -> list[Expression]:
    """« Date de début : 01/03 … Date de fin : 05/03 » is one range."""
    if len(expressions) != 2 or any(len(e.slots) != 1 or e.slots[0].end for e in expressions):
        return expressions
    first, last = expressions
    if "debut" not in _label(first, tokens) or "fin" not in _label(last, tokens):
        return expressions
    first.slots[0].end = last.slots[0].start
    first.slots[0].end_clock = next(iter(last.slots[0].clocks), None)
    first.last = last.last
    return [first]


def _label(expression: Expression, tokens: list[Token]) -> set[object]:
    return {t.value for t in tokens[max(0, expression.first - 4) : expression.first]}


def _bounds(expressions: list[Expression]) -> list[Expression]:
    """A rule said apart (« Du 5 septembre au 30 juin. … Tous les mardis ») joins its period."""
    rules = [e for e in expressions if e.rule is not None and not e.slots and e.rule.habitual]
    periods = [e for e in expressions if e.slots and e.rule is None]
    if len(rules) != 1 or len(periods) != 1:
        return expressions
    rule, period = rules[0], periods[0]
    if period.slots[0].end is None and not period.opening and period.slots[0].start.kind == "day":
        return expressions
    period.rule, period.clocks = rule.rule, rule.clocks
    return [e for e in expressions if e is not rule]


def _finest(readings: list[tuple[Expression, Reading]]) -> list[tuple[Expression, Reading]]:
    """Days win over the months, seasons and years written next to them; dates over weekdays."""
    dated = [p for p in readings if p[1].dated]
    days = [p for p in dated if p[0].slots and _RANK[p[1].precision] <= _RANK[Precision.WEEK]]
    if days:
        return [p for p in readings if p in days or (not p[1].dated and p[0].slots)]
    if dated:
        best = min(_RANK[r.precision] for _, r in dated)
        return [p for p in dated if _RANK[p[1].precision] == best]
    return readings


def _merge(
    readings: list[tuple[Expression, Reading]],
    body: str,
    tokens: list[Token],
    codes: str,
    *,
    warnings: list[str],
    reference: date | None,
) -> When:
    found = [r for _, r in readings]
    dated = [r for r in found if r.dated]
    starts = [r.starts_on for r in dated if r.starts_on is not None]
    ends = [r.ends_on for r in dated if r.ends_on is not None]
    open_end = any(r.starts_on is not None and r.ends_on is None for r in dated)
    rules = list(dict.fromkeys(r.recurrence for r in found if r.recurrence))
    said = [*warnings, *(w for r in found for w in r.warnings)]
    if len(rules) > 1:
        said.append("plusieurs récurrences : la première est retenue")
    precisions = [r.precision for r in (dated or found)]
    occurrences = _unique([o for r in found for o in r.occurrences])
    precision = max(precisions, key=_RANK.__getitem__, default=Precision.UNKNOWN)
    if occurrences and precision is Precision.DAY and all(o.starts_at for o in occurrences):
        precision = Precision.TIME
    said += implausible_years([*starts, *ends], reference)
    return When(
        starts_on=min(starts, default=None),
        ends_on=None if open_end and not ends else max(ends, default=None),
        occurrences=occurrences,
        words=_quote([e for e, _ in readings], body, tokens, codes),
        precision=precision,
        recurrence=rules[0] if rules else None,
        warnings=tuple(dict.fromkeys(said)),
    )


def _unique(occurrences: list[Occurrence]) -> tuple[Occurrence, ...]:
    """In order, once each; a day said again without its time adds nothing."""
    if len(occurrences) < 2:
        return tuple(occurrences)
    timed = {(o.starts_on, o.ends_on) for o in occurrences if o.starts_at}
    return tuple(
        sorted(
            {o for o in occurrences if o.starts_at or (o.starts_on, o.ends_on) not in timed},
            key=lambda o: (o.starts_on, str(o.starts_at or ""), o.ends_on, str(o.ends_at or "")),
        )
    )


def _quote(expressions: list[Expression], body: str, tokens: list[Token], codes: str) -> str | None:
    """The words read, with the part of the day that follows them."""
    quotes = []
    for e in expressions:
        more = _PART_OF_DAY.match(codes, e.last)
        last = more.end() if more else e.last
        quotes.append(" ".join(body[tokens[e.first].start : tokens[last - 1].end].split()))
    return " ; ".join(dict.fromkeys(quotes))[:_MAX_WORDS] or None
