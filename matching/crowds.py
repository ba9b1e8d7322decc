"""Rows that too many others resemble to be compared with any: said, never silently left apart."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from matching.block import CAP
from matching.cards import Ints
from matching.rows import column
from matching.surfaces import as_texts

FRENCH = {
    "title": "titre", "organiser": "porteur", "venue": "lieu", "commune": "commune",
    "date_start": "jour",
}  # fmt: skip
"""What the commonest keys of `block` are made of."""
ASIDE = ("", "organiser", "venue")
"""What may differ in a crowd: nothing, who or where (« Journée olympique », each club its own)."""
TOLD = 3


def crowds(
    rows: Sequence[Mapping[str, Any]], mapping: Mapping[str, str], pairs: tuple[Ints, Ints]
) -> list[str]:
    """What more than CAP rows say alike, organiser or venue aside, when none of them was compared;
    in French, the largest first. `pairs`: the candidates."""
    alone = np.ones(len(rows), dtype=np.bool_)
    for side in pairs:
        alone[side] = False
    which = np.flatnonzero(alone).tolist()
    fields = [name for name in FRENCH if name in mapping]
    if len(which) <= CAP or not fields:
        return []
    values = {name: as_texts(column(rows, mapping[name])) for name in fields}
    if "date_start" in values:
        values["date_start"] = [text[:10] for text in values["date_start"]]  # whatever the hour
    large = next(filter(None, (_large(values, which, aside) for aside in ASIDE)), [])
    told = [_told(size, said) for size, said in large[:TOLD]]
    if more := len(large) - TOLD:
        told += [f"et {more} autres groupes de plus de {CAP} lignes"] if more > 0 else []
    return told


def _large(
    values: Mapping[str, Sequence[str]], which: Sequence[int], aside: str
) -> list[tuple[int, dict[str, str]]]:
    """How many of these rows say the same, and what, a field aside; the largest first."""
    fields = [name for name in values if name != aside]
    count = Counter(tuple(values[name][i] for name in fields) for i in which)
    return [
        (size, dict(zip(fields, said, strict=True)))
        for said, size in count.most_common() if size > CAP and any(said)
    ]  # fmt: skip


def _told(size: int, said: Mapping[str, str]) -> str:
    words = ", ".join(f"{FRENCH[name]} « {text[:60]} »" for name, text in said.items() if text)
    return (
        f"{size} lignes disent toutes {words} : au-delà de {CAP} semblables, rien n'est comparé ni "
        "fusionné entre elles ; donnez à lire ce qui les distingue (--map COLONNE=url, address, "
        "description…), ou --map COLONNE= pour laisser une colonne qui ne dit rien"
    )
