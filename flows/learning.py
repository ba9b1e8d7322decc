"""The learning flow: woken by batches of decisions, and once a night."""

from prefect import flow, get_run_logger, task
from prefect.cache_policies import NO_CACHE

from domain.errors import QualityError
from flows import lessons
from flows.house import open_house


@flow(name="apprentissage")
def apprentissage() -> str:
    """Learn from the decisions; the version of the model in use afterwards."""
    return learn()


@task(cache_policy=NO_CACHE, persist_result=False)
def learn() -> str:
    """Both lessons. A model that would be worse is refused, told, and changes nothing."""
    with open_house() as house:
        for lesson in (lessons.learn_matching, lessons.learn_themes):
            try:
                done = lesson(house)
            except QualityError as error:
                get_run_logger().warning("the current model is kept: %s", error)
            else:
                get_run_logger().info("%d answers, model %s", done.examples, done.version)
        return lessons.active_model(house).version
