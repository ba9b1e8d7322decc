"""How close the veille came to the known truth, in numbers a person understands. Pure.

What was found is a list of dossiers, one per initiative the product keeps:
`{"initiative": id, "members": [{"source", "key", "url", "title", "commune_code",
"commune_candidates", "starts_on"}], "themes": [slug], "scope": {campaign: "in" | "out" | "ask"}}`.
Dates are ISO strings or dates; `url` and `title` only help to find an announcement whose key is
its address or its reader's own. Questions waiting for a person are pairs of ids of dossiers.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from typing import Any
from urllib.parse import urlsplit

from domain.text import fold

Dossier = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """`right` of `judged`; `asked`: not settled, left to a person, who has what she needs."""

    right: int = 0
    asked: int = 0
    judged: int = 0

    def __str__(self) -> str:
        asked = f", {self.asked} à préciser" if self.asked else ""
        return f"{self.right} sur {self.judged}{asked}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What the demonstration shows at its end."""

    announcements_expected: int
    announcements_collected: int
    unexpected: tuple[str, ...]  # collected, and not in the truth
    missing: tuple[str, ...]  # in a readable source, and not collected
    sources_as_expected: Share
    initiatives_expected: int
    initiatives_kept: int  # dossiers
    initiatives_right: int  # exactly the announcements of one initiative
    pairs_right: int
    pairs_wrong: int  # brought together, and of two initiatives
    pairs_missed: int
    pairs_asked: int  # not together, but a person is asked
    themes_right: int
    themes_wrong: int  # chosen, and not in the truth
    themes_missed: int
    scope: Mapping[str, Share]  # per campaign; « ask » where the truth says ask is right
    communes: Share
    dates: Share
    wrong_pairs: tuple[str, ...]  # a few, for the curious

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def compare(
    truth: Mapping[str, Any],
    dossiers: Sequence[Dossier],
    *,
    asked: Iterable[tuple[str, str]] = (),
    outcomes: Mapping[str, str] | None = None,
) -> Summary:
    """The summary of a run. `asked`: pairs of dossier ids; `outcomes`: source slug → outcome."""
    readable = {s["slug"] for s in truth["sources"] if s["collected"]}
    expected = [a for a in truth["announcements"] if a["source"] in readable]
    find = _Finder(truth["announcements"])
    placed: list[tuple[int, str, Mapping[str, Any]]] = []  # rank in the truth, dossier, member
    unexpected = []
    for dossier in dossiers:
        for member in dossier["members"]:
            rank = find(member)
            if rank is None:
                unexpected.append(f"{member['source']} {member.get('key')}")
            else:
                placed.append((rank, str(dossier["initiative"]), member))
    told = truth["announcements"]
    seen = {rank for rank, _, _ in placed}
    facts = {one["id"]: one for one in truth["initiatives"]}
    festivals = {name: one["part_of"] for name, one in facts.items() if one.get("part_of")}
    pairs = _pairs(told, placed, asked, festivals)
    homes = _homes(told, placed)
    by_id = {str(d["initiative"]): d for d in dossiers}
    themes = _themes(facts, homes, by_id)
    return Summary(
        announcements_expected=len(expected),
        announcements_collected=sum(1 for rank in seen if told[rank]["source"] in readable),
        unexpected=tuple(unexpected),
        missing=tuple(
            f"{a['source']} {a['key'] or a['path'] or a['title']}"
            for rank, a in enumerate(told)
            if a["source"] in readable and rank not in seen
        ),
        sources_as_expected=_sources(truth, outcomes),
        initiatives_expected=len({a["initiative"] for a in expected}),
        initiatives_kept=len(by_id),
        initiatives_right=_exact(told, placed, expected),
        pairs_right=pairs["right"],
        pairs_wrong=pairs["wrong"],
        pairs_missed=pairs["missed"],
        pairs_asked=pairs["asked"],
        themes_right=themes["right"],
        themes_wrong=themes["wrong"],
        themes_missed=themes["missed"],
        scope=_scope(told, homes, by_id),
        communes=_communes(told, placed),
        dates=_dates(told, placed),
        wrong_pairs=_wrong_pairs(told, placed, festivals),
    )


class _Finder:
    """Finds an announcement of the truth by its key, else its address, else its title."""

    def __init__(self, told: Sequence[Mapping[str, Any]]) -> None:
        self._by: dict[tuple[str, str, str], list[int]] = defaultdict(list)
        for rank, one in enumerate(told):
            for name in ("key", "path", "title"):
                if one[name]:
                    self._by[one["source"], name, _plain(name, one[name])].append(rank)

    def __call__(self, member: Mapping[str, Any]) -> int | None:
        source = str(member["source"])
        key, url, title = (str(member.get(name) or "") for name in ("key", "url", "title"))
        tries = (("key", key), ("path", _path(key)), ("path", _path(url)), ("title", title))
        for name, value in tries:
            found = self._by.get((source, name, _plain(name, value)), []) if value else []
            if len(found) == 1:
                return found[0]
        return None


def _plain(name: str, value: str) -> str:
    return fold(value).strip(" /.") if name == "title" else value.rstrip("/")


def _path(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


_Placed = Sequence[tuple[int, str, Mapping[str, Any]]]


def _pairs(
    told: Sequence[Mapping[str, Any]],
    placed: _Placed,
    asked: Iterable[tuple[str, str]],
    festivals: Mapping[str, str],
) -> Counter[str]:
    """Every pair of collected announcements that is, or should be, in one dossier.

    A sub-event in the dossier of its festival is an edition tied to it (docs/rapprochement.md):
    neither right nor wrong.
    """
    questions = {frozenset(map(str, pair)) for pair in asked}
    counts: Counter[str] = Counter()
    for (left, home, _), (right, other, _) in combinations(placed, 2):
        one, two = told[left]["initiative"], told[right]["initiative"]
        same = one == two
        tied = festivals.get(one, one) == festivals.get(two, two)
        if home == other:
            counts["right" if same else "tied" if tied else "wrong"] += 1
        elif same:
            counts["asked" if frozenset((home, other)) in questions else "missed"] += 1
    return counts


def _homes(told: Sequence[Mapping[str, Any]], placed: _Placed) -> dict[str, str]:
    """initiative of the truth → the dossier that holds most of its announcements; of two, the one
    of its first announcement (an id is drawn anew in each run)."""
    votes: dict[str, Counter[str]] = defaultdict(Counter)
    first: dict[str, int] = {}
    for rank, dossier, _ in placed:
        votes[told[rank]["initiative"]][dossier] += 1
        first[dossier] = min(rank, first.get(dossier, rank))
    return {
        one: min(count, key=lambda d: (-count[d], first[d])) for one, count in sorted(votes.items())
    }


def _exact(
    told: Sequence[Mapping[str, Any]], placed: _Placed, expected: Sequence[Mapping[str, Any]]
) -> int:
    """Initiatives whose announcements are all together, and with no other."""
    spread: dict[str, set[str]] = defaultdict(set)
    held: dict[str, set[str]] = defaultdict(set)
    for rank, dossier, _ in placed:
        spread[told[rank]["initiative"]].add(dossier)
        held[dossier].add(told[rank]["initiative"])
    wanted = {a["initiative"] for a in expected}
    return sum(
        1 for one in wanted if len(spread[one]) == 1 and all(held[d] == {one} for d in spread[one])
    )


def _themes(
    facts: Mapping[str, Any], homes: Mapping[str, str], by_id: Mapping[str, Dossier]
) -> Counter[str]:
    counts: Counter[str] = Counter()
    for one, dossier in homes.items():
        chosen, true = set(by_id[dossier].get("themes") or ()), set(facts[one]["themes"])
        counts["right"] += len(chosen & true)
        counts["wrong"] += len(chosen - true)
        counts["missed"] += len(true - chosen)
    return counts


def _scope(
    told: Sequence[Mapping[str, Any]], homes: Mapping[str, str], by_id: Mapping[str, Dossier]
) -> dict[str, Share]:
    """An initiative is in a campaign when one of its announcements is."""
    truths: dict[tuple[str, str], set[str]] = defaultdict(set)
    for announcement in told:
        for campaign, answer in announcement["scope"].items():
            truths[announcement["initiative"], campaign].add(answer)
    right: Counter[str] = Counter()
    asked: Counter[str] = Counter()
    judged: Counter[str] = Counter()
    for (one, campaign), answers in truths.items():
        said = (by_id[homes[one]].get("scope") or {}).get(campaign) if one in homes else None
        if said is None:
            continue
        judged[campaign] += 1
        true = next(a for a in ("in", "ask", "out") if a in answers)
        right[campaign] += str(said) == true
        asked[campaign] += str(said) == "ask" != true
    return {c: Share(right=right[c], asked=asked[c], judged=judged[c]) for c in sorted(judged)}


def _communes(told: Sequence[Mapping[str, Any]], placed: _Placed) -> Share:
    judged = [(told[rank]["commune"], member) for rank, _, member in placed]
    judged = [(true, member) for true, member in judged if true]
    return Share(
        right=sum(1 for true, member in judged if member.get("commune_code") == true),
        asked=sum(
            1
            for true, member in judged
            if not member.get("commune_code") and true in (member.get("commune_candidates") or ())
        ),
        judged=len(judged),
    )


def _dates(told: Sequence[Mapping[str, Any]], placed: _Placed) -> Share:
    """The first day, where the source says it to the day."""
    judged = [(told[rank], member) for rank, _, member in placed if told[rank]["precise"]]
    right = sum(1 for one, member in judged if str(member.get("starts_on")) == one["starts_on"])
    return Share(right=right, judged=len(judged))


def _sources(truth: Mapping[str, Any], outcomes: Mapping[str, str] | None) -> Share:
    if outcomes is None:
        return Share()
    right = sum(1 for s in truth["sources"] if outcomes.get(s["slug"]) == s["outcome"])
    return Share(right=right, judged=len(truth["sources"]))


def _wrong_pairs(
    told: Sequence[Mapping[str, Any]], placed: _Placed, festivals: Mapping[str, str]
) -> tuple[str, ...]:
    held: dict[str, dict[str, str]] = defaultdict(dict)
    for rank, dossier, _ in placed:
        one = told[rank]["initiative"]
        held[dossier].setdefault(festivals.get(one, one), told[rank]["title"])
    return tuple(" + ".join(titles.values()) for titles in held.values() if len(titles) > 1)[:10]


def render(summary: Summary) -> str:
    """The summary for the terminal, in French, without colour."""
    s = summary
    lines = [
        "La démonstration comparée à sa vérité connue",
        f"  Annonces      {s.announcements_collected} collectées sur {s.announcements_expected} "
        f"attendues{_among(s.missing, 'manque')}",
    ]
    if s.sources_as_expected.judged:
        lines.append(f"  Sources       {s.sources_as_expected} dans l'état attendu")
    lines += [
        f"  Initiatives   {s.initiatives_kept} dossiers pour {s.initiatives_expected} "
        f"initiatives ; {s.initiatives_right} exactement reconstituées",
        f"  Rapprochés    {s.pairs_right} paires à raison, {s.pairs_wrong} à tort ; "
        f"{s.pairs_missed} manquées, {s.pairs_asked} soumises à un relecteur",
        f"  Thèmes        {s.themes_right} justes, {s.themes_wrong} en trop, "
        f"{s.themes_missed} manqués",
        *(f"  Périmètre     {campaign} juste : {share}" for campaign, share in s.scope.items()),
        f"  Communes      justes : {s.communes}",
        f"  Dates         justes : {s.dates} (premier jour, quand la source le dit)",
    ]
    lines += [f"  À tort        {pair}" for pair in s.wrong_pairs[:3]]
    if s.unexpected:
        lines.append(f"  Inattendues   {', '.join(s.unexpected[:3])}{_more(s.unexpected)}")
    return "\n".join(lines)


def _among(names: Sequence[str], word: str) -> str:
    return f" ({word} : {', '.join(names[:3])}{_more(names)})" if names else ""


def _more(names: Sequence[str]) -> str:
    return f", et {len(names) - 3} autres" if len(names) > 3 else ""
