"""The upkeep flow: events that wait are published, and the house says how it is."""

from prefect import flow, get_run_logger

from flows import doctor, publish
from flows.house import open_house


@flow(name="entretien")
def entretien() -> int:
    """Publish waiting events, check the house. Returns the number of checks that failed."""
    published = publish.publish_pending()
    with open_house() as house:
        failed = [check for check in doctor.checks(house, network=False) if not check.fine]
    for check in failed:
        get_run_logger().warning("%s: %s; %s", check.name, check.found, check.advice)
    get_run_logger().info("%d events published, %d checks failed", published, len(failed))
    return len(failed)
