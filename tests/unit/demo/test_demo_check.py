"""The comparison with the truth says what it should, on perfect and on spoilt results."""

from collections import defaultdict
from typing import Any

from demo import build
from demo.check import compare, render
from demo.sources import SITES

TRUTH = build.truth()
COLLECTED = {s["slug"] for s in TRUTH["sources"] if s["collected"]}


def _perfect() -> list[dict[str, Any]]:
    members: dict[str, list[dict[str, Any]]] = defaultdict(list)
    scopes: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for one in TRUTH["announcements"]:
        for campaign, answer in one["scope"].items():
            scopes[one["initiative"]][campaign].add(answer)
        if one["source"] in COLLECTED:
            members[one["initiative"]].append(
                {
                    "source": one["source"],
                    "key": one["key"] or f"http://127.0.0.1:9{one['path']}",
                    "title": one["title"],
                    "commune_code": one["commune"],
                    "starts_on": one["starts_on"],
                }
            )
    themes = {i["id"]: i["themes"] for i in TRUTH["initiatives"]}
    return [
        {
            "initiative": f"PAAT-93-{name}",
            "members": held,
            "themes": themes[name],
            "scope": {
                c: next(a for a in ("in", "ask", "out") if a in answers)
                for c, answers in scopes[name].items()
            },
        }
        for name, held in members.items()
    ]


def test_a_perfect_run_is_perfect() -> None:
    found = compare(TRUTH, _perfect(), outcomes={s.slug: s.outcome.value for s in SITES})
    assert found.announcements_collected == found.announcements_expected
    assert found.initiatives_right == found.initiatives_expected == found.initiatives_kept
    assert (found.pairs_wrong, found.pairs_missed, found.pairs_asked) == (0, 0, 0)
    assert (found.themes_wrong, found.themes_missed) == (0, 0)
    assert found.communes.right == found.communes.judged
    assert found.dates.right == found.dates.judged
    assert found.sources_as_expected.right == len(SITES)
    assert all(share.right == share.judged for share in found.scope.values())
    assert found.unexpected == found.missing == ()


def test_two_initiatives_in_one_dossier_are_wrong_pairs_and_named() -> None:
    first, second, *rest = _perfect()
    both = {**first, "members": first["members"] + second["members"]}
    found = compare(TRUTH, [both, *rest])
    assert found.pairs_wrong == len(first["members"]) * len(second["members"])
    assert found.initiatives_right == found.initiatives_expected - 2
    assert len(found.wrong_pairs) == 1


def test_one_initiative_in_two_dossiers_is_missed_unless_asked() -> None:
    dossiers = _perfect()
    split = next(d for d in dossiers if len(d["members"]) == 3)
    left, right = {**split, "members": split["members"][:1]}, {**split, "initiative": "other"}
    right["members"] = split["members"][1:]
    rest = [d for d in dossiers if d is not split]
    missed = compare(TRUTH, [left, right, *rest])
    asked = compare(TRUTH, [left, right, *rest], asked=[("other", split["initiative"])])
    assert (missed.pairs_missed, missed.pairs_asked) == (2, 0)
    assert (asked.pairs_missed, asked.pairs_asked) == (0, 2)


def test_what_is_missing_or_unexpected_is_named() -> None:
    first, *rest = _perfect()
    strange = {"initiative": "x", "members": [{"source": "ville-digne", "key": "nowhere"}]}
    found = compare(TRUTH, [strange, *rest])
    assert found.unexpected == ("ville-digne nowhere",)
    assert len(found.missing) == len(first["members"])
    assert "collectées sur" in render(found)
    assert "Inattendues" in render(found)


def test_the_names_of_dossiers_do_not_change_the_summary() -> None:
    """Ids are drawn anew in each run; an initiative split in two halves is judged the same."""

    def split(names: tuple[str, str]) -> Any:
        one = next(d for d in _perfect() if len(d["members"]) == 2 and d["themes"])
        halves = [
            {**one, "initiative": name, "members": [member], "themes": one["themes"] * n}
            for n, (name, member) in enumerate(zip(names, one["members"], strict=True))
        ]
        return compare(TRUTH, halves)

    assert split(("a", "b")) == split(("b", "a"))
