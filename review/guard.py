"""Which initiatives a person may decide upon: their territory, never their own organisation."""

from domain.errors import NotAllowed
from domain.records import Initiative
from review.auth import Viewer
from storage.cards import same_organisation


def may_decide(viewer: Viewer, one: Initiative) -> bool:
    """Whether this person may decide upon this initiative."""
    department = one.value("department")
    organiser = str(one.value("organiser") or "")
    ours = same_organisation(organiser, viewer.account.organisation)
    return viewer.covers(department) and not ours


def check(viewer: Viewer, *concerned: Initiative) -> None:
    """Raises NotAllowed for another territory or one's own organisation."""
    for one in concerned:
        if not may_decide(viewer, one):
            raise NotAllowed("another territory, or the person's own organisation", about=one.id)
