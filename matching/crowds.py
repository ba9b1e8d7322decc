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
TOLD = 3


def crowds(
    rows: Sequence[Mapping[str, Any]], mapping: Mapping[str, str], pairs: tuple[Ints, Ints]
) -> list[str]:
    """What more than CAP rows say alike, when none of them was compared; in French, the largest
    first. `pairs`: the candidates."""
    alone = np.ones(len(rows), dtype=np.bool_)
    for side in pairs:
        alone[side] = False
    which = np.flatnonzero(alone).tolist()
    fields = [name for name in FRENCH if name in mapping]
    if len(which) <= CAP or not fields:
        return []
    values = [as_texts(column(rows, mapping[name])) for name in fields]
    count = Counter(tuple(texts[i] for texts in values) for i in which)
    large = [(size, said) for said, size in count.most_common() if size > CAP and any(said)]
    told = [_told(size, dict(zip(fields, said, strict=True))) for size, said in large[:TOLD]]
    if more := len(large) - TOLD:
        told += [f"et {more} autres groupes de plus de {CAP} lignes"] if more > 0 else []
    return told


def _told(size: int, said: Mapping[str, str]) -> str:
    words = ", ".join(f"{FRENCH[name]} « {text[:60]} »" for name, text in said.items() if text)
    return (
        f"{size} lignes disent toutes {words} : au-delà de {CAP} semblables, rien n'est comparé ni "
        "fusionné entre elles ; donnez à lire ce qui les distingue (--map COLONNE=url, address, "
        "description…), ou --map COLONNE= pour laisser une colonne qui ne dit rien"
    )
