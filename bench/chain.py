"""The whole demonstration (303 announcements): a first run, then one that finds nothing new."""

import tempfile

from bench._measure import cost


def main() -> list[str]:
    command = ["-m", "flows.cli", "-q", "demo", "--no-serve"]
    with tempfile.TemporaryDirectory(prefix="paat-bench-") as home:
        env = {"PAAT_HOME": home}
        return [
            f"first run   {cost(command, env)}",
            f"second run  {cost(command, env)}",
        ]
