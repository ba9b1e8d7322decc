"""Deploy prefect.yaml, then remove what is no longer in it.

Prefect never deletes a schedule dropped from the file, and orphans the automations of a deleted
deployment (reference/prefect.md §2): old crons would keep firing. Everything of ours is found by
its flow names and by the prefix `paat-`.
"""

import asyncio
import logging
import subprocess
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from importlib import resources
from pathlib import Path
from typing import Any

import httpx
import yaml
from prefect.automations import Automation
from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import StateType
from prefect.events.actions import ChangeFlowRunState
from prefect.events.schemas.automations import EventTrigger, Posture
from prefect.events.schemas.events import ResourceSpecification
from prefect.exceptions import ObjectAlreadyExists

from domain.errors import Unreachable

log = logging.getLogger(__name__)

POOL = "paat"
HEARTBEAT_SECONDS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Pruned:
    """What a deployment removed, by name."""

    deployments: tuple[str, ...] = ()
    schedules: tuple[str, ...] = ()
    automations: tuple[str, ...] = ()


def prefect_file() -> Path:
    """The prefect.yaml of the project: the current folder's, else the one beside the packages."""
    here = Path("prefect.yaml")
    return here if here.exists() else Path(str(resources.files("flows"))).parent / "prefect.yaml"


def deploy() -> Pruned:
    """Make the work pool, deploy every entry, prune the rest. Safe to repeat."""
    asyncio.run(_ensure_pool())
    command = [sys.executable, "-m", "prefect", "--no-prompt", "deploy", "--all"]
    file = prefect_file()
    subprocess.run(  # noqa: S603 — fixed command, no shell
        [*command, "--prefect-file", str(file)],
        check=True,
        stdin=subprocess.DEVNULL,
        stdout=sys.stderr,
        cwd=file.parent,
    )
    pruned = asyncio.run(prune(yaml.safe_load(file.read_text("utf-8"))))
    asyncio.run(_ensure_zombie_watch())
    return pruned


async def _ensure_pool() -> None:
    async with get_client() as client:
        try:
            await client.create_work_pool(WorkPoolCreate(name=POOL, type="process"))
        except ObjectAlreadyExists:
            log.debug("work pool %s is already there", POOL)


async def prune(wanted: dict[str, Any]) -> Pruned:
    """Delete our deployments, schedules and automations that the file does not name."""
    entries = {entry["name"]: entry for entry in wanted["deployments"]}
    async with get_client() as client:
        deployments, schedules = await _prune_deployments(client, entries)
        automations = await _prune_automations(client, entries)
    return Pruned(deployments=deployments, schedules=schedules, automations=automations)


async def _prune_deployments(
    client: PrefectClient, entries: dict[str, Any]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    gone, dropped = [], []
    for found in await client.read_deployments():
        if found.work_pool_name != POOL:
            continue
        if found.name not in entries:
            await client.delete_deployment(found.id)
            gone.append(found.name)
            continue
        slugs = {one.get("slug") for one in entries[found.name].get("schedules") or []}
        for schedule in found.schedules:
            if schedule.slug not in slugs:
                await client.delete_deployment_schedule(found.id, schedule.id)
                dropped.append(f"{found.name}/{schedule.slug or schedule.id}")
    return tuple(gone), tuple(dropped)


async def _prune_automations(client: PrefectClient, entries: dict[str, Any]) -> tuple[str, ...]:
    wanted = {
        trigger["name"] for entry in entries.values() for trigger in entry.get("triggers") or []
    }
    gone = []
    for found in await client.read_automations():
        if found.name.startswith("paat-") and found.name not in wanted | {ZOMBIES}:
            await client.delete_automation(found.id)
            gone.append(found.name)
    return tuple(gone)


ZOMBIES = "paat-passages-muets"


async def _ensure_zombie_watch() -> None:
    """A run whose machine died stays « Running » for ever without this (prefect #16746)."""
    watch = Automation(
        name=ZOMBIES,
        description="Déclare interrompu un passage qui ne donne plus signe de vie.",
        trigger=EventTrigger(
            after={"prefect.flow-run.heartbeat"},
            expect={"prefect.flow-run.*"},
            match=ResourceSpecification({"prefect.resource.id": ["prefect.flow-run.*"]}),
            for_each={"prefect.resource.id"},
            posture=Posture.Proactive,
            threshold=1,
            within=timedelta(seconds=3 * HEARTBEAT_SECONDS),
        ),
        actions=[ChangeFlowRunState(state=StateType.CRASHED, message="plus de signe de vie")],
    )
    try:
        found = await Automation.aread(name=ZOMBIES)
    except ValueError:
        await watch.acreate()
    else:
        watch.id = found.id
        await watch.aupdate()


def server_answers() -> str:
    """The version of the Prefect server. Raises Unreachable when it does not answer."""

    async def ask() -> str:
        async with get_client() as client:
            return str(await client.api_version())

    return _asked(ask)


def scheduled_runs() -> str:
    """How many runs are scheduled. Raises Unreachable when there is none: with wrong versions
    Prefect starts, shows its schedules, and never creates a run."""

    async def ask() -> str:
        wanted = FlowRunFilter(
            state=FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.SCHEDULED]))
        )
        async with get_client() as client:
            found = await client.read_flow_runs(flow_run_filter=wanted, limit=50)
        if not found:
            raise Unreachable("no scheduled run exists", about="Prefect")
        return f"{len(found)} passages à venir"

    return _asked(ask)


def _asked(ask: Callable[[], Awaitable[str]]) -> str:
    async def run() -> str:
        return await ask()

    try:
        return asyncio.run(run())
    except httpx.HTTPError as error:
        raise Unreachable(f"the server does not answer ({error})", about="Prefect") from error


if __name__ == "__main__":
    deploy()
