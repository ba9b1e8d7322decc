from datetime import UTC, datetime

from flows.publish import as_event
from storage.outbox import OutboxEvent


def an_event(identity: int) -> OutboxEvent:
    return OutboxEvent(
        id=identity,
        event="paat.items.collected",
        resource="gap",
        payload={"new": 3},
        created_at=datetime(2026, 11, 21, 8, tzinfo=UTC),
    )


def test_the_same_row_is_always_the_same_event() -> None:
    assert as_event(an_event(1))["id"] == as_event(an_event(1))["id"]
    assert as_event(an_event(1))["id"] != as_event(an_event(2))["id"]


def test_an_event_names_its_resource_under_ours() -> None:
    assert as_event(an_event(1))["resource"] == {
        "prefect.resource.id": "paat.gap",
        "prefect.resource.name": "gap",
    }
