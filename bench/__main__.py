"""Run every bench, or those named."""

import pkgutil
import sys
from importlib import import_module

import bench


def main() -> None:
    names = sorted(one.name for one in pkgutil.iter_modules(bench.__path__))
    chosen = sys.argv[1:] or [name for name in names if not name.startswith("_")]
    unknown = set(chosen) - set(names)
    if unknown:
        sys.exit(f"{', '.join(sorted(unknown))}: no such bench; there are {', '.join(names)}")
    for name in chosen:
        module = import_module(f"bench.{name}")
        print(f"\n## {name}\n\n{(module.__doc__ or '').strip()}\n")
        for line in module.main():
            print(line)


if __name__ == "__main__":
    main()
