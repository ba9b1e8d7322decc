"""Any JSON API by dotted paths: the four ways of paging, errors with HTTP 200, drift."""

from typing import Any

import pytest

from collectors.kinds import json_api
from domain.statuses import Outcome
from tests.visits import as_json, one_visit, query
from tests.web import Asked, Web

MAPPING = {"title": "nom", "start": "dates.0.debut", "commune": ["lieu.ville", "ville"]}
ROWS: list[dict[str, Any]] = [
    {"id": n, "nom": f"Fête {n}", "dates": [{"debut": "2027-06-03"}], "lieu": {"ville": "Gap"}}
    for n in range(1, 8)
]


def server(web: Web, style: str) -> None:
    """Three rows a page, by page, offset, cursor or next link."""

    async def handler(asked: Asked) -> bytes:
        given = query(asked)
        start = {
            "page": (int(given.get("page", 1)) - 1) * 3,
            "offset": int(given.get("offset", 0)),
        }.get(style, int(given.get("cursor", 0)))
        piece = ROWS[start : start + 3]
        data: dict[str, Any] = {"data": {"items": piece}}
        if start + 3 < len(ROWS):
            data["meta"] = {"cursor": start + 3, "next": f"/api?cursor={start + 3}"}
        return as_json(data)

    web.on("/api", handler)


@pytest.mark.parametrize(
    ("style", "more"),
    [
        ("page", {}),
        ("offset", {}),
        ("cursor", {"next": "meta.cursor"}),
        ("next", {"next": "meta.next"}),
    ],
)
def test_every_way_of_paging_reads_every_row(style: str, more: dict[str, str]) -> None:
    harvest, _ = one_visit(
        lambda web: server(web, style),
        "json_api",
        "/api",
        items="data.items",
        mapping=MAPPING,
        paging=style,
        **more,
    )
    assert harvest.visit.outcome is Outcome.OK, harvest.visit.why
    assert [one.key for one in harvest.items] == [str(n) for n in range(1, 8)]
    assert harvest.items[0].fields == {"title": "Fête 1", "start": "2027-06-03", "commune": "Gap"}


def one_page(data: Any, **options: Any) -> Any:
    def setup(web: Web) -> None:
        async def handler(_: Asked) -> bytes:
            return as_json(data)

        web.on("/api", handler)

    return one_visit(setup, "json_api", "/api", mapping=MAPPING, **options)[0]


def test_an_error_with_http_200_is_told() -> None:
    harvest = one_page({"error": {"text": "quota dépassé"}}, items="data", error="error.text")
    assert harvest.visit.outcome is Outcome.UNREADABLE
    assert "quota dépassé" in harvest.visit.why


def test_a_changed_shape_is_told_and_an_odd_row_is_put_aside() -> None:
    drifted = one_page({"resultats": []}, items="data.items")
    assert drifted.visit.outcome is Outcome.UNREADABLE
    harvest = one_page([ROWS[0], "texte", {"id": 9, "prix": 3}])
    assert [one.key for one in harvest.items] == ["1"]
    assert len(harvest.quarantined) == 2


def test_seconds_since_1970_and_words_are_dates_too() -> None:
    rows = [{"id": 1, "nom": "A", "dates": [{"debut": 1811980800}]}]
    rows.append({"id": 2, "nom": "B", "dates": [{"debut": "mi-juin"}]})
    first, second = one_page(rows).items
    assert first.fields["start"] == "2027-06-03T02:00"
    assert second.fields["when"] == "mi-juin"


def test_impossible_options_are_told() -> None:
    told = json_api.check({"mapping": {"titre": "nom"}, "paging": "cursor", "size": "dix"})
    assert len(told) == 3
