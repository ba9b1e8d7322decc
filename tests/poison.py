"""Parsers gone wrong, for tests/faults/test_parse_pool: a worker process imports them."""

import os


def loops(body: bytes) -> None:
    while body:
        pass


def eats(body: bytes) -> int:
    return len(body * 2_000_000_000)


def dies(body: bytes) -> None:
    os._exit(9)


def talks(body: bytes) -> int:
    print("bonjour")
    return len(body)


def fails(body: bytes) -> None:
    raise ValueError("raté")
