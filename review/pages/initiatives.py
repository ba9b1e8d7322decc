"""The list of initiatives: words, filters, page after page, exported as shown."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from tempfile import SpooledTemporaryFile
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response, StreamingResponse

from census import table as census
from domain import territory
from domain.campaigns import THEMES, campaign, campaigns
from domain.errors import ConfigError, NotFound
from domain.statuses import FRENCH, InitiativeStatus
from domain.times import paris_day
from review import fields
from review.auth import Viewer, may
from review.campaigns import campaign_of
from review.house import Here
from review.menu import Entry
from review.render import query, render
from storage import dossiers, lists, sources

router = APIRouter()
MENU = Entry(title="Initiatives", path="/initiatives", right="initiatives.read", order=30)
SIZE = 50
CHUNK_BYTES = 65_536
IN_MEMORY_BYTES = 4_000_000

STATUSES: Mapping[str, InitiativeStatus] = {
    "a-relire": InitiativeStatus.WAITING,
    "recensees": InitiativeStatus.REGISTERED,
    "hors-champ": InitiativeStatus.REJECTED,
    "a-revoir": InitiativeStatus.REOPENED,
}


WORDS = {
    "q": "mots",
    "campagne": "campagne",
    "theme": "thème",
    "departement": "département",
    "commune": "commune",
    "du": "à partir du",
    "au": "jusqu'au",
    "statut": "statut",
    "source": "source",
    "territoire": "territoire",
}


class Asked:
    """The filters as written in the address; what cannot be understood is said, not guessed."""

    def __init__(
        self,
        q: Annotated[str, Query(max_length=300)] = "",
        campagne: str = "",
        theme: str = "",
        departement: str = "",
        commune: Annotated[str, Query(max_length=100)] = "",
        du: str = "",
        au: str = "",
        statut: str = "",
        source: str = "",
        tri: str = "",
        territoire: str = "",
    ) -> None:
        self.raw = {
            "q": q.strip(),
            "campagne": campagne if campagne in campaigns() else "",
            "theme": theme if theme in THEMES else "",
            "departement": departement.strip(),
            "commune": commune.strip(),
            "du": du,
            "au": au,
            "statut": statut if statut in STATUSES else "",
            "source": source,
            "tri": "date" if tri == "date" else "",
            "territoire": "tout" if territoire == "tout" else "",
        }
        self.wrong: list[str] = []

    def wanted(self, viewer: Viewer) -> lists.Wanted:
        raw = self.raw
        return lists.Wanted(
            words=raw["q"],
            campaign=raw["campagne"],
            theme=raw["theme"],
            department=raw["departement"],
            commune=self._commune(),
            first=self._day("du"),
            last=self._day("au"),
            status=STATUSES.get(raw["statut"]),
            source=raw["source"],
            by_date=bool(raw["tri"]),
            departments=() if raw["territoire"] else viewer.account.departments,
        )

    def french(self, viewer: Viewer, *, campaign: str) -> tuple[str, ...]:
        """The filters, as an export says them of itself."""
        raw = self.raw | {"campagne": campaign, "tri": ""}
        raw["theme"] = THEMES.get(raw["theme"], "")
        if mine := () if raw.pop("territoire") else viewer.account.departments:
            raw["territoire"] = ", ".join(mine)
        return tuple(f"{WORDS[name]} : {value}" for name, value in raw.items() if value)

    def _commune(self) -> str:
        if not self.raw["commune"]:
            return ""
        try:
            return str(fields.commune(self.raw["commune"])["commune_code"])
        except fields.Unfit as error:
            self.wrong.append(error.french)
            return "inconnue"

    def _day(self, name: str) -> date | None:
        if not self.raw[name]:
            return None
        try:
            return date.fromisoformat(self.raw[name])
        except ValueError:
            self.wrong.append(f"« {self.raw[name][:30]} » n'est pas une date : écrivez 2027-06-05.")
            return None


@router.get("/initiatives")
def show(
    request: Request,
    house: Here,
    viewer: Annotated[Viewer, may("initiatives.read")],
    asked: Annotated[Asked, Depends()],
    apres: str = "",
) -> Response:
    wanted = asked.wanted(viewer)
    with house.database.begin() as conn:
        found = lists.page(conn, wanted, after=apres, size=SIZE)
        total = lists.count(conn, wanted)
        titles = {slug: one.title for slug, one in sources.known(conn).items()}
    return render(
        request,
        "initiatives.html",
        found=found,
        total=total,
        most=lists.MOST,
        asked=asked.raw,
        wrong=asked.wrong,
        filtered=any(value for name, value in asked.raw.items() if name != "tri"),
        mine=viewer.account.departments,
        first=not apres,
        titles=dict(sorted(titles.items(), key=lambda one: one[1])),
        codes=list(campaigns()),
        export_campaign=campaign_of(""),
        statuses={name: FRENCH[one] for name, one in STATUSES.items()},
        departments={code: territory.department_name(code) for code in _departments()},
        more=query(**asked.raw, apres=found.after) if found.after else "",
        again=query(**asked.raw),
        formats={name: one.TITLE for name, one in census.formats().items() if viewer.may("export")},
    )


def _departments() -> list[str]:
    return sorted({code for one in campaigns().values() for code in one.departments})


@router.get("/initiatives/export/{form}")
def export(
    house: Here,
    viewer: Annotated[Viewer, may("export")],
    form: str,
    asked: Annotated[Asked, Depends()],
) -> Response:
    """The list as filtered, as the census of its campaign, in any format. Nothing personal."""
    try:
        writer = census.format_named(form)
    except ConfigError as error:
        raise NotFound("no such format", about=form[:40]) from error
    code = campaign_of(asked.raw["campagne"])
    wanted = replace(asked.wanted(viewer), campaign=code)
    today = paris_day(house.clock())
    out = SpooledTemporaryFile(max_size=IN_MEMORY_BYTES)  # noqa: SIM115 — closed once sent
    with house.database.reading() as conn:
        chosen = lists.ids(conn, wanted)
        found = census.table(
            dossiers.dossiers(conn, code, ids=chosen),
            campaign(code),
            today=today,
            commune=territory.commune,
            address=house.settings.public_url,
            told=asked.french(viewer, campaign=code),
        )
        writer.write(found, out)
    out.seek(0)
    name = f"initiatives-{code.lower()}-{today}{writer.SUFFIX}"
    headers = {"content-disposition": f'attachment; filename="{name}"'}

    def pieces() -> Iterator[bytes]:
        with out:
            while piece := out.read(CHUNK_BYTES):
                yield piece

    return StreamingResponse(pieces(), media_type=writer.MEDIA_TYPE, headers=headers)
