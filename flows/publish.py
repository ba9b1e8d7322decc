"""The outbox: events written with the data, published only once the server says it has them.

Prefect's own `emit_event` gives no acknowledgement (and starts a server when none is set):
a plain POST to {API}/events answers 204 (reference/prefect.md §2). Events only wake someone:
losing one costs a delay until the safety clock, never an item.
"""

import base64
import json
import logging
import os
import urllib.error
import urllib.request
import uuid
from collections.abc import Sequence

from flows.house import House, open_house
from storage import outbox

log = logging.getLogger(__name__)

EVENTS = {
    "paat.items.collected": "des annonces nouvelles ou modifiées ont été collectées",
    "paat.initiatives.changed": "des initiatives ont été créées ou rapprochées",
    "paat.decisions.recorded": "des relecteurs ont décidé",
    "paat.form.submitted": "une déclaration a été déposée",
    "paat.source.silent": "une source s'est tue, s'est appauvrie ou ne se lit plus",
    "paat.source.moved": "une source a déménagé : sa nouvelle adresse est suivie, à corriger",
    "paat.source.gone": "une source a disparu (410 confirmé) : quelqu'un doit s'en occuper",
    "paat.source.hurried": "quelqu'un demande de relire une source tout de suite",
    "paat.network.down": "notre propre réseau est coupé : rien n'est compté contre les sources",
    "paat.source.identity": "les identifiants d'une source ne tiennent pas",
}
"""Every event the house may emit, with its French meaning (a contract test keeps the list)."""

BATCH = 200
_NAMESPACE = uuid.UUID("6f0f6c1e-6f0a-4d57-9a3c-0d8a5a2f93a1")


def publish_pending() -> int:
    """Publish what waits in the outbox. Returns how many; 0 without a Prefect server."""
    if not os.environ.get("PREFECT_API_URL"):
        return 0
    with open_house(upgrade=False) as house:
        return publish_waiting(house)


def publish_waiting(house: House) -> int:
    """The same in a house that is open."""
    url = os.environ.get("PREFECT_API_URL")
    return sum(iter(lambda: _publish_batch(house, url), 0)) if url else 0


def _publish_batch(house: House, url: str) -> int:
    with house.database.begin() as conn:
        waiting = outbox.unpublished(conn, BATCH)
        if not waiting:
            return 0
        if not _post(f"{url.rstrip('/')}/events", [as_event(one) for one in waiting]):
            return 0
        outbox.mark_published(conn, [one.id for one in waiting], house.clock())
        return len(waiting)


def as_event(one: outbox.OutboxEvent) -> dict[str, object]:
    """The event as Prefect's API takes it; the same outbox row always has the same id."""
    return {
        "id": str(uuid.uuid5(_NAMESPACE, str(one.id))),
        "occurred": one.created_at.isoformat(),
        "event": one.event,
        "resource": {
            "prefect.resource.id": f"paat.{one.resource}",
            "prefect.resource.name": one.resource,
        },
        "payload": dict(one.payload),
    }


def _post(url: str, events: Sequence[dict[str, object]]) -> bool:
    headers = {"Content-Type": "application/json"}
    if secret := os.environ.get("PREFECT_API_AUTH_STRING"):
        headers["Authorization"] = "Basic " + base64.b64encode(secret.encode()).decode()
    request = urllib.request.Request(  # noqa: S310 — the operator's own server
        url, data=json.dumps(list(events)).encode(), headers=headers, method="POST"
    )
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
            return bool(answer.status == 204)
    except (urllib.error.URLError, TimeoutError) as error:
        log.warning("events wait in the outbox: %s does not take them (%s)", url, error)
        return False
