"""Campaign files: what they may say, and what is refused by name."""

import pytest

from domain.campaigns import campaigns, parse_campaign, subsidies_of
from domain.errors import ConfigError
from domain.labels import labels

HEAD = """
code = "X"
title = "Essai"
starts_on = 2027-01-01
ends_on = 2027-12-31
departments = ["05"]
"""


def test_every_label_a_campaign_proposes_is_known_or_named() -> None:
    for one in campaigns().values():
        for rule in one.labels:
            assert rule.code in labels() or (rule.name and rule.issuer), rule.code
            assert rule.why
            assert rule.themes or rule.types or rule.organisers or rule.highlights


def test_a_regional_label_bears_no_olympic_word() -> None:
    # Code du sport, L. 141-5: the properties are the organisers'.
    for one in campaigns().values():
        for rule in one.labels:
            if rule.code not in labels():
                assert not {"olymp", "jeux", "2024", "2030"} & set(rule.name.lower().split())


def test_rules_and_subsidies_are_read() -> None:
    text = f'{HEAD}\n[[label]]\ncode = "SOP"\nwhy = "…"\nhighlights = ["SOP"]\n'
    text += '[subsidies]\nattributor = "DRAJES"\nagreed_on = 2027-02-01\n'
    made = parse_campaign(text, about="x.toml")
    assert made.labels[0].highlights == ("SOP",)
    assert str(made.subsidies.agreed_on) == "2027-02-01"


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ('[[label]]\ncode = "A"\nwhy = "b"\nthemes = ["joie"]', "joie"),
        ('[[label]]\ncode = "A"\nwhy = "b"\ncolour = "red"', "colour"),
        ('[subsidies]\nattributor_id = "123"', "SIRET"),
        ('[subsidies]\nwho = "me"', "who"),
    ],
)
def test_a_mistake_in_a_campaign_is_named(more: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        parse_campaign(HEAD + more, about="x.toml")


def test_a_source_says_what_its_subsidies_are() -> None:
    found = subsidies_of(
        {"subsidies": {"attributor": "Ville", "agreed_on": "2027-02-01"}}, about="x"
    )
    assert found is not None
    assert (found.attributor, str(found.agreed_on)) == ("Ville", "2027-02-01")
    assert subsidies_of({}, about="x") is None
    with pytest.raises(ConfigError, match="agreed_by"):
        subsidies_of({"subsidies": {"agreed_by": "moi"}}, about="x")
