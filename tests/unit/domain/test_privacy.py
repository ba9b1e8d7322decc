from domain.privacy import emails, is_function_mailbox, mask, phones


def test_emails_and_phones_are_masked_and_the_rest_is_kept() -> None:
    text = "Contact : jeanne.martin@mail.fr ou 04 91 00 00 00, +33 6 12 34 56 78. Le 12/06/2027."
    assert "jeanne" not in mask(text)
    assert "91 00" not in mask(text)
    assert mask(text).endswith("Le 12/06/2027.")


def test_numbers_that_are_not_phones_are_kept() -> None:
    text = "SIRET 402 296 990 00037, 13006 Marseille, 1 200 euros, 0123"
    assert mask(text) == text


def test_found_once_and_normalised() -> None:
    assert phones("06.12.34.56.78 puis 0612345678 et 0033 6 12 34 56 78") == ["0612345678"]
    assert emails("A@b.fr, a@B.fr") == ["a@b.fr"]


def test_a_service_mailbox_is_not_a_person() -> None:
    assert is_function_mailbox("mairie@ville.fr")
    assert not is_function_mailbox("prenom.nom@ville.fr")
