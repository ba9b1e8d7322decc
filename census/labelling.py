"""Labels an initiative might ask for in its campaign: proposed by the campaign's rules, never
granted by them. Pure; a label already held, closed by then, or without any criterion met is not.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from domain.campaigns import LabelRule
from domain.labels import labels


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What an initiative shows of itself, as a rule reads it."""

    starts_on: date | None = None
    type: str = ""
    organiser: str = ""  # kind
    themes: Collection[str] = ()
    audiences: Collection[str] = ()
    highlight: str = ""
    cited: Collection[str] = ()  # labels its announcement names
    held: Collection[str] = ()


def proposals(rules: Collection[LabelRule], shown: Shown) -> list[str]:
    """The codes of the labels it might ask for, in the order of the rules."""
    return [
        rule.code
        for rule in rules
        if rule.code not in shown.held and _open(rule.code, shown.starts_on) and _met(rule, shown)
    ]


def name_of(rule: LabelRule) -> str:
    return rule.name or (labels()[rule.code].name if rule.code in labels() else rule.code)


def issuer_of(rule: LabelRule) -> str:
    return rule.issuer or (labels()[rule.code].issuer if rule.code in labels() else "")


def _met(rule: LabelRule, shown: Shown) -> bool:
    """Every list the rule gives, by one of its values; a rule asking nothing proposes nothing."""
    asked = (
        (rule.types, [shown.type]),
        (rule.organisers, [shown.organiser]),
        (rule.themes, shown.themes),
        (rule.audiences, shown.audiences),
        (rule.highlights, [shown.highlight]),
        ((rule.code,) if rule.cited else (), shown.cited),
    )
    wanted = [(set(some), set(given)) for some, given in asked if some]
    return bool(wanted) and all(some & given for some, given in wanted)


def _open(code: str, day: date | None) -> bool:
    """Whether the label was still awarded that day; one of the campaign's own always is."""
    known = labels().get(code)
    if known is None:
        return True
    if day is None:
        return known.closes_on is None
    opened = known.opens_on is None or day >= known.opens_on
    return opened and (known.closes_on is None or day <= known.closes_on)
