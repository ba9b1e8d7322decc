"""Opendatasoft: servers that give fewer rows than asked, and the Journal officiel on top."""

from typing import Any

from collectors.kinds import journal_officiel
from domain.records import Source
from tests.visits import as_json, one_visit, query, visits
from tests.web import Asked, Web, answer

RECORDS = "/api/explore/v2.1/catalog/datasets/jeu/records"


def api(web: Web, rows: list[dict[str, Any]], most: int, path: str = RECORDS) -> None:
    """At most `most` rows a page, whatever is asked, with ETags."""

    async def handler(asked: Asked) -> bytes:
        start, limit = int(query(asked)["offset"]), int(query(asked)["limit"])
        etag = f'"{start}"'
        if asked.headers.get("if-none-match") == etag:
            return answer(status="304 Not Modified", headers={"ETag": etag})
        piece = rows[start : start + min(limit, most)]
        return as_json({"total_count": len(rows), "results": piece}, ETag=etag)

    web.on(path, handler)


def test_a_server_that_gives_fewer_rows_than_asked_loses_none() -> None:
    rows = [{"uid": n, "title": f"Fête {n}"} for n in range(130)]
    harvests, web = visits(lambda web, _: api(web, rows, 50), "opendatasoft", RECORDS, times=2)
    assert len({one.key for one in harvests[0].items}) == 130
    assert harvests[1].items == ()
    assert harvests[1].visit.outcome == "unchanged"
    assert [query(one)["offset"] for one in web.asked(RECORDS)] == ["0", "50", "100"] * 2


def test_the_journal_officiel_keeps_each_notice_and_only_real_rna_numbers() -> None:
    notices = [
        {
            "id": f"2026{n}",
            "titre": "CLUB DE GAP",
            "objet": "pratique du sport",
            "numero_rna": rna,
            "typeavis": kind,
            "dateparution": "2026-11-03",
            "departement_code": "05",
            "commune_actuelle": "Gap",
        }
        for n, (rna, kind) in enumerate(
            [("W051000001", "Création"), ("W051000001", "Dissolution"), ("1234", "Modification")]
        )
    ]
    harvest, web = one_visit(
        lambda web: api(web, notices, 100),
        "journal_officiel",
        RECORDS,
        departments=["05"],
        words=['sport "doux"'],
    )
    assert [one.key for one in harvest.items] == ["20260", "20261", "20262"]
    assert [one.fields.get("rna") for one in harvest.items] == ["W051000001", "W051000001", None]
    where = query(web.asked(RECORDS)[0])["where"]
    assert "dateparution >= date'2026-07-24'" in where
    assert 'departement_code in ("05")' in where
    assert r'search(*, "sport \"doux\"")' in where


def test_without_department_the_whole_region_is_asked() -> None:
    source = Source(slug="jo", title="JO", kind="journal_officiel", url="https://x.example/")
    where = journal_officiel.as_opendatasoft(source).options["where"]
    assert '"04", "05", "06", "13", "83", "84"' in where
