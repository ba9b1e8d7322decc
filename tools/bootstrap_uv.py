"""Put a private uv in the given folder, from its wheel on PyPI, hash checked by pip.

A fresh Debian has Python without venv nor ensurepip: fall back from venv to `pip --target`.
"""

import os
import subprocess
import sys
import venv
from pathlib import Path

VERSION = "0.13.8"


def main(folder: Path) -> None:
    requirement = f"uv=={VERSION}"
    try:
        venv.create(folder, with_pip=True, clear=True)
        python = folder / "bin" / "python"
        _run(
            [str(python), "-m", "pip", "install", "-q", "--disable-pip-version-check", requirement]
        )
    except (subprocess.CalledProcessError, ImportError, OSError):
        _run(
            [
                sys.executable,
                "-m",
                "pip",
                "install",
                "-q",
                "--target",
                str(folder / "lib"),
                requirement,
            ]
        )
        (folder / "bin").mkdir(parents=True, exist_ok=True)
        target = folder / "bin" / "uv"
        target.unlink(missing_ok=True)
        target.symlink_to(Path("..") / "lib" / "bin" / "uv")
    if not os.access(folder / "bin" / "uv", os.X_OK):
        sys.exit(f"{folder}/bin/uv: not there after pip; install uv by hand (docs.astral.sh/uv)")


def _run(command: list[str]) -> None:
    subprocess.run(command, check=True)  # noqa: S603 — fixed command, no shell


if __name__ == "__main__":
    main(Path(sys.argv[1]))
