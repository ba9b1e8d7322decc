"""Run every bench, or those named; ends with 1 when a floor does not hold."""

import pkgutil
import sys
from importlib import import_module

import bench
from bench._measure import OVER


def main() -> None:
    names = sorted(one.name for one in pkgutil.iter_modules(bench.__path__))
    chosen = sys.argv[1:] or [name for name in names if not name.startswith("_")]
    unknown = set(chosen) - set(names)
    if unknown:
        sys.exit(f"{', '.join(sorted(unknown))}: no such bench; there are {', '.join(names)}")
    over = False
    for name in chosen:
        module = import_module(f"bench.{name}")
        print(f"\n## {name}\n\n{(module.__doc__ or '').strip()}\n")
        for line in module.main():
            print(line)
            over = over or OVER in line
    sys.exit(1 if over else 0)


if __name__ == "__main__":
    main()
