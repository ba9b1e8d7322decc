"""What the matcher remembers of words may be emptied at any time: it is only a memory."""

from classifiers.rules import matcher


def test_the_words_of_a_hit_are_found_again_once_the_memory_was_emptied() -> None:
    lists = matcher()
    reading = lists.read("Fête du sport", "Appel à bénévoles pour un tournoi de boxe.")
    lists._memory.clear()
    found = {lists.surface(reading, hit.start, hit.end) for hit in reading.hits}
    assert {"Appel à bénévoles", "boxe"} <= found
