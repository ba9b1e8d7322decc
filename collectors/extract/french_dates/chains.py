"""Items → expressions: what is linked by « au », « et », a comma or a time belongs together."""

import re
from dataclasses import dataclass, field

from collectors.extract.french_dates.calendar import SCHOOL_HOLIDAYS
from collectors.extract.french_dates.items import Clock, Item, Point, Rule
from collectors.extract.french_dates.tokens import Token


@dataclass(slots=True)
class Slot:
    """A point or a range of points, with its times. `end_clock`: time of the last day."""

    start: Point
    end: Point | None = None
    clocks: list[Clock] = field(default_factory=list)
    end_clock: Clock | None = None
    bare: bool = False  # the day has no month of its own yet
    before: int = 0  # end of what was linked before it, in tokens
    sure: bool = True  # a bare day said to be one (« le 5 »), not any number


@dataclass(slots=True)
class Expression:
    """Slots that were written together. `first`/`last` are token numbers, last exclusive."""

    first: int
    last: int
    slots: list[Slot] = field(default_factory=list)
    rule: Rule | None = None
    clocks: list[Clock] = field(default_factory=list)  # times before any slot, or of the rule
    opening: str = ""  # "from" (à partir du) | "until" (jusqu'au)
    since: bool = False  # « depuis »
    between: bool = False


MAX_SLOTS = 100  # nobody lists more days in one breath; the next ones start a new expression

_RANGE = re.compile(r"[gl,t]*(?:ja?|a|-)[lgi]*")
_LIST = re.compile(r"[,egtl]*d?[lgc]*")
_TO_TIME = re.compile(r"[,egdaliptn-]{0,7}")
_SAME_SENTENCE = re.compile(r"[,gdaliptexUo-]{0,12}")  # « 21 mars, départ à 9h30 »
_EARLIEST = 7 * 60  # before seven, what is said after some words is a duration
_COARSE = frozenset({"month", "season", "vacances", "year", "schoolyear", "quarter"})
_TO_RULE = re.compile(r"[,gdlitne-]{0,7}")
_TO_BOUNDS = re.compile(r"[,gdlipjatnc-]{0,7}")
_TO_YEAR = re.compile(r"[,g]*")
_BEFORE = re.compile(r"[gl]*")


class _Builder:
    """Walks the items once; `done` are the finished expressions."""

    def __init__(self, tokens: list[Token], codes: str) -> None:
        self.tokens, self.codes = tokens, codes
        self.done: list[Expression] = []
        self.now: Expression | None = None
        self.last = ""  # code of the last item linked

    def start(self, item: Item) -> Expression:
        self.close()
        before = self.codes[max(0, item.first - 4) : item.first].rstrip("lg")
        first = item.first
        opening = ""
        if before.endswith(("pd", "pa", "p")):
            opening = "from"
        elif before.endswith(("ja", "j")):
            opening = "until"
        since = before.endswith(("k", "kd"))
        opening = "from" if since else opening
        between = before.endswith("B")
        first = self._leading(item.first)
        self.now = Expression(first, item.last, opening=opening, since=since, between=between)
        return self.now

    def _leading(self, first: int) -> int:
        """The first token of the little words that introduce an item, to quote them too."""
        least = max(0, first - 3)
        while first > least and self.codes[first - 1] in "dlacijpkB":
            first -= 1
        return first

    def close(self) -> None:
        if self.now is not None and (self.now.slots or self.now.rule):
            self.done.append(self.now)
        self.now = None
        self.last = ""

    def add(self, item: Item) -> None:
        gap = "" if self.now is None else self.codes[self.now.last : item.first]
        if isinstance(item.what, Clock):
            self.add_clock(item, item.what, gap)
        elif isinstance(item.what, Rule):
            self.add_rule(item, item.what, gap)
        else:
            self.add_point(item, item.what, gap)

    def _extend(self, item: Item) -> None:
        if self.now is not None:
            self.now.last = item.last
        self.last = item.code

    def add_clock(self, item: Item, clock: Clock, gap: str) -> None:
        now = self.now
        if now is None or not (_TO_TIME.fullmatch(gap) or self._after_words(now, clock, gap)):
            now = self.start(item)
            now.clocks.append(clock)
        elif not now.slots or (now.rule is not None and self.last == "E"):
            now.clocks.append(clock)
        else:
            slot = now.slots[-1]
            if (
                slot.end is not None
                and slot.clocks
                and gap.strip("lg,") in ("a", "")
                and (slot.end_clock is None and self.last == "P" and slot.clocks[0].end is None)
            ):
                slot.end_clock = clock  # « du 3 à 14h au 5 à 18h »
            else:
                slot.clocks.append(clock)
        self._extend(item)

    def _after_words(self, now: Expression, clock: Clock, gap: str) -> bool:
        """A time some words after its day, in the same sentence."""
        if not now.slots or now.slots[-1].clocks or not _SAME_SENTENCE.fullmatch(gap):
            return False
        return gap.count("x") <= 4 and _EARLIEST <= clock.start < 24 * 60

    def add_rule(self, item: Item, rule: Rule, gap: str) -> None:
        now = self.now
        if now is not None and now.rule is not None and "K" in gap:
            self._except(now, rule)  # « tous les jours sauf le lundi »
            self._extend(item)
            return
        alone = now is None or now.rule is not None or not _TO_RULE.fullmatch(gap)
        if now is None or alone or (now.slots and not rule.habitual and not self._long(now)):
            now = self.start(item)
        now.rule = rule
        self._extend(item)

    @staticmethod
    def _except(now: Expression, rule: Rule) -> None:
        if now.rule is not None and rule.weekdays and now.rule.sure and not now.rule.nth:
            left = [d for d in now.rule.weekdays or range(7) if d not in rule.weekdays]
            now.rule = now.rule._replace(weekdays=tuple(left)) if left else now.rule

    @staticmethod
    def _long(now: Expression) -> bool:
        """Whether the period is longer than a list of days: a bare weekday then repeats."""
        return any(s.end is not None or s.start.kind != "day" for s in now.slots)

    def add_point(self, item: Item, point: Point, gap: str) -> None:
        now = self.now
        if now is not None and now.slots and now.slots[-1].start.kind == "vacances":
            _same_holidays(point)
        slot = Slot(point, bare=point.kind == "day" and point.month is None)
        if (
            now is not None
            and item.code == "Y"
            and _TO_YEAR.fullmatch(gap)
            and self._late_year(point)
        ):
            self._extend(item)
            return
        if now is not None and self._range(now, slot, gap, item):
            self._extend(item)
            return
        if now is not None and self._dashes(now, slot, gap):
            now.slots.append(slot)
            self._extend(item)
            return
        if now is not None and self._list(now, slot, gap, item):
            slot.before = now.last
            now.slots.append(slot)
            self._extend(item)
            return
        self._begin(item, slot)

    def _begin(self, item: Item, slot: Slot) -> None:
        now = self.now
        early_times = now.clocks if now is not None and not now.slots and not now.rule else []
        gap = "" if now is None else self.codes[now.last : item.first]
        first = now.first if now is not None else 0
        now = self.start(item)
        if slot.bare and slot.start.weekday is None:
            slot.sure = self.codes.endswith(("l", "d", "lg"), 0, item.first) or item.first == 0
        if early_times and _TO_TIME.fullmatch(gap):  # « à 14h, le samedi 12 »
            slot.clocks, now.first = list(early_times), first
        now.slots.append(slot)
        self._extend(item)

    def _says(self, word: str, first: int, last: int) -> bool:
        return any(t.value == word for t in self.tokens[first:last])

    def _late_year(self, point: Point) -> bool:
        """« du 3 au 5 juin (2027) »: the year belongs to the days before it."""
        if self.now is None or not self.now.slots or self.last not in "PT":
            return False
        slot = self.now.slots[-1]
        target = slot.end or slot.start
        if target.year is not None or target.kind == "year" or slot.bare:
            return False
        target.year = point.year
        return True

    def _range(self, now: Expression, slot: Slot, gap: str, item: Item) -> bool:
        if not now.slots or now.slots[-1].end is not None:
            return False
        linked = _RANGE.fullmatch(gap) or (now.between and gap.strip("lg") == "e")
        if item.words == "iso" and gap == ",":  # ISO interval: 2024-09-01/2025-06-30
            linked = linked or self.tokens[now.last].value == "/"
        if not linked or (self.last == "T" and "-" in gap):
            return False
        previous = now.slots[-1]
        if slot.bare and (previous.start.kind != "day" or (not previous.bare and "a" not in gap)):
            return False  # « 3 juin - 5 rue Pasteur »
        if slot.bare and not previous.bare and not self._says("au", now.last, item.first):
            return False  # « le 3 juin à 5 km »
        if slot.start.kind in {"year", "schoolyear"} and previous.start.kind != slot.start.kind:
            return False
        previous.end = slot.start
        previous.bare = previous.bare and slot.bare
        return True

    def _dashes(self, now: Expression, slot: Slot, gap: str) -> bool:
        """« 3-4-5 mars »: three days, not a range; the range read so far becomes two days."""
        if gap != "-" or not now.slots or self.last not in "Pn":
            return False
        previous = now.slots[-1]
        if previous.end is None or slot.start.kind != "day" or slot.bare > previous.bare:
            return False
        now.slots.append(Slot(previous.end, bare=previous.end.month is None))
        previous.end = None
        return True

    def _list(self, now: Expression, slot: Slot, gap: str, item: Item) -> bool:
        if not now.slots:  # a rule, then its bounds: « tous les mardis du 5 septembre au 30 juin »
            if now.rule is None or not _TO_BOUNDS.fullmatch(gap) or slot.bare:
                return False
            now.opening = "until" if "j" in gap else "from" if "p" in gap else now.opening
            return True
        if not _LIST.fullmatch(gap) or item.code == "Y":
            return False
        previous = now.slots[-1]
        if len(now.slots) >= MAX_SLOTS:
            return False
        if (previous.start.kind in _COARSE) != (slot.start.kind in _COARSE):
            return False
        if slot.start.kind == "holiday" and "g" in gap:
            return False  # « lundi 29 mars (lundi de Pâques) »
        if previous.bare and gap.strip("gl") == "" and not slot.start.weekday:
            return False
        if slot.bare:
            slot.sure = "l" in gap or slot.start.weekday is not None or "d" in gap
            if previous.bare:
                slot.sure = previous.sure or gap.strip("gl") == "e"
        elif previous.bare and previous.start.weekday is None and not previous.sure:
            return gap.strip("gl") == "e" or len(now.slots) > 1
        return (
            "e" in gap or "," in gap or "l" in gap or "g" in gap or slot.start.weekday is not None
        )


def _same_holidays(point: Point) -> None:
    """« vacances de la Toussaint et de Noël »: the second name is one of school holidays too."""
    name = {"paques": "printemps"}.get(point.name, point.name)
    if point.kind in {"holiday", "season"} and name in SCHOOL_HOLIDAYS and not point.around:
        point.kind, point.name = "vacances", name


def build_expressions(items: list[Item], tokens: list[Token], codes: str) -> list[Expression]:
    """The expressions of a text, in order; numbers that turned out to be no day are dropped."""
    builder = _Builder(tokens, codes)
    for item in items:
        builder.add(item)
    builder.close()
    return [e for e in builder.done if _settle(e)]


def _settle(expression: Expression) -> bool:
    """Drops bare days that no month follows nor precedes; False when nothing is left."""
    slots = expression.slots
    full = [i for i, s in enumerate(slots) if not s.bare]
    if not full and any(s.start.weekday is not None for s in slots):
        return True  # « samedi 20 »: the reference will give the month
    if not full:
        expression.slots = []
        return expression.rule is not None
    keep = slots[: full[-1] + 1] + [s for s in slots[full[-1] + 1 :] if s.sure]
    dropped = next((s for s in slots[full[-1] + 1 :] if not s.sure), None)
    if dropped is not None and keep[-1] is slots[full[-1]]:
        expression.last = dropped.before or expression.last
    expression.slots = keep
    return True
