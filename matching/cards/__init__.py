"""Records as columns: what every comparison needs, prepared once per record.

`of_mentions` reads the house's mentions, `of_rows` any table's rows by field; both go through the
same fields, so that a table and the veille are judged alike. `columns` says what cards are,
`reading` fills them, from `cells` read one by one.
"""

from matching.cards.cells import RECENT, day, hour, number, said_day, text_of
from matching.cards.columns import NONE, Bools, Cards, Floats, Ints, Names, distance_km
from matching.cards.mentions import COARSE, FIELDS
from matching.cards.reading import Read, Reader, of_mentions, of_rows

__all__ = [
    "COARSE", "FIELDS", "NONE", "RECENT", "Bools", "Cards", "Floats", "Ints", "Names", "Read",
    "Reader", "day", "distance_km", "hour", "number", "of_mentions", "of_rows", "said_day",
    "text_of",
]  # fmt: skip
