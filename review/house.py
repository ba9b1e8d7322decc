"""What the application is given: settings, database, clock, identifiers; flows.house is one."""

from typing import Annotated, Protocol

from fastapi import Depends, Request

from domain.identifiers import NewId
from domain.settings import Settings
from domain.times import Clock
from storage.db import Database


class House(Protocol):
    """The open house."""

    @property
    def settings(self) -> Settings: ...
    @property
    def database(self) -> Database: ...
    @property
    def clock(self) -> Clock: ...
    @property
    def new_id(self) -> NewId: ...


async def the_house(request: Request) -> House:  # async: no thread for so little
    house: House = request.app.state.house
    return house


Here = Annotated[House, Depends(the_house)]
"""The house, as a parameter of a page."""
