from domain.statuses import FRENCH, Outcome, SourceHealth


def test_words_of_two_lists_with_one_value_keep_their_own_label() -> None:
    assert FRENCH[Outcome.OK] == "lue"
    assert FRENCH[SourceHealth.OK] == "en bonne santé"


def test_every_label_is_of_one_word_and_all_outcomes_and_healths_have_one() -> None:
    assert len(FRENCH) == len(list(FRENCH))
    for words in (Outcome, SourceHealth):
        assert all(FRENCH.get(word) for word in words)
