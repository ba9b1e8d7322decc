"""The flows of the veille: Prefect's decorators around the plain steps, nothing else.

    veille      the clock: splits the sources that are due into shards, one `collecte` run each
    collecte    one shard: visits its sources, stores, tells the house by events
    traitement  woken by `paat.items.collected` (and a safety clock): read, match, describe, suggest
    rapprochement  every night: everything matched anew, so that the order of arrival owes nothing

What crosses a Prefect border is a slug, an id or a date, never a row, a connection or a page.
No sync subflow (1 s each); a task is a shard or ≥ 0.5 s of work (docs/decisions/0002).
"""

import os
from collections.abc import Sequence

from prefect import flow, get_run_logger, task
from prefect.artifacts import create_markdown_artifact, create_table_artifact
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State, TaskRun
from prefect.deployments import run_deployment
from prefect.tasks import Task

from domain.errors import PaatError
from flows import publish, rematch, report, steps, visiting
from flows.house import open_house
from storage import sources


async def _worth_retrying(_task: "Task[..., object]", _run: TaskRun, state: State) -> bool:
    """By error class: a database that is down, yes; a wrong setting, never."""
    outcome = await state.aresult(raise_on_failure=False)
    return not isinstance(outcome, PaatError) or outcome.retry


_step = task(
    retries=2,
    retry_delay_seconds=[5, 30],
    retry_jitter_factor=0.5,
    retry_condition_fn=_worth_retrying,
    cache_policy=NO_CACHE,
    persist_result=False,
)


@flow(name="veille", flow_run_name="veille {slugs}", validate_parameters=True)
def veille(slugs: list[str] | None = None) -> int:
    """Plan a run: every due source (or `slugs`), in shards that any worker may take.

    Returns the number of shards. With no worker around (`paat veille`) the shards run here.
    """
    shards = plan_shards(slugs or [])
    get_run_logger().info("%d sources due, %d shards", sum(map(len, shards)), len(shards))
    if _on_a_worker() and len(shards) > 1:
        for number, shard in enumerate(shards):
            _hand_over(shard, number, planned=not slugs)
    elif shards:
        collect_shard([slug for shard in shards for slug in shard], planned=not slugs)
    process_all()
    publish.publish_pending()
    return len(shards)


@flow(name="collecte")
def collecte(slugs: list[str], planned: bool = False) -> int:
    """Visit one shard of sources; the number of visits (a failing source is a told visit).

    `planned`: only those still due, as the run that planned the shard found them.
    """
    visits = collect_shard(slugs, planned=planned)
    publish.publish_pending()
    return visits


@flow(name="traitement")
def traitement() -> dict[str, int]:
    """Finish everything unfinished, whoever collected it. Returns what was done."""
    done = process_all()
    publish.publish_pending()
    return done


@flow(name="rapprochement")
def rapprochement() -> dict[str, int]:
    """Match the whole store anew (`paat rematch`). Returns what it changed."""
    changed = rematch_all()
    process_all()
    publish.publish_pending()
    return changed


@_step
def plan_shards(slugs: list[str]) -> list[list[str]]:
    """The due sources in shards: ~10 s of polite visits each, so that Prefect's share is small."""
    with open_house() as house:
        known, problems = visiting.load_all(house)
        for problem in problems:
            get_run_logger().error("%s", problem)
        with house.database.begin() as conn:
            due = slugs or sources.due(conn, house.clock(), [one.slug for one in known])
        size = house.settings.shard_sources
    return [list(due[start : start + size]) for start in range(0, len(due), size)]


@_step
def collect_shard(slugs: Sequence[str], *, planned: bool = False) -> int:
    """Visit these sources; the report of the shard is an artifact of the run."""
    with open_house(upgrade=False) as house:
        known, _ = visiting.load_all(house)
        visits = visiting.collect(house, known, slugs, planned=planned)
    create_table_artifact(
        key="paat-collecte",
        table=[report.visit_row(visit) for visit in visits],
        description="Ce que chaque source a donné à ce passage.",
    )
    return len(visits)


@_step
def process_all() -> dict[str, int]:
    """Read, match, describe, suggest until nothing is left."""
    with open_house(upgrade=False) as house:
        done = steps.process(house)
        summary = report.summary(house)
    create_markdown_artifact(key="paat-bilan", markdown=summary)
    return done


@_step
def rematch_all() -> dict[str, int]:
    """Every change is told in an artifact of the run."""
    with open_house(upgrade=False) as house:
        found = rematch.rematch(house)
    told = rematch.lines(found, shown=len(found.moves))
    create_markdown_artifact(key="paat-rapprochement", markdown="\n".join(told))
    return found.counts


def _on_a_worker() -> bool:
    """True inside a run that a worker started: then others can take shards."""
    return bool(os.environ.get("PREFECT__FLOW_RUN_ID"))


def _hand_over(shard: Sequence[str], number: int, *, planned: bool) -> None:
    """A `collecte` run of its own, made once however often this run is repeated."""
    from prefect.runtime import flow_run

    run_deployment(
        "collecte/collecte",
        parameters={"slugs": list(shard), "planned": planned},
        idempotency_key=f"{flow_run.get_id()}-{number}",
        timeout=0,
        as_subflow=False,
    )
