"""Writes the shipped models of matching anew: after a change of seeds, priors or features.

python -m tools.write_models            less than a minute of processor
"""

import sys
from pathlib import Path

from matching import learn, score
from matching.names import learn as learn_names
from matching.names import score as names_score

FOLDER = Path(score.__file__).parent / "seeds"


def main() -> None:
    (FOLDER / "prior.json").write_text(score.dump(learn.train()) + "\n", "utf-8")
    trained = names_score.dump(learn_names.train())
    (FOLDER / "prior_names.json").write_text(trained + "\n", "utf-8")
    sys.stderr.write(f"{FOLDER}: models written\n")


if __name__ == "__main__":
    main()
