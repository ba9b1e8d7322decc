"""What never leaves the house in a text sent to an engine: addresses, telephones, links, names.

A name is known by what stands before it (a title, a role, « contact : »), by its capitals
(« Zoé MARTIN ») or by a first name. Better a school called Jean-Moulin blanked than a person sent.
"""

import re

from domain.privacy import mask

BLANK = "[…]"

_FIRST_NAMES = (
    "Adam Adrien Agathe Alain Albert Alexandra Alexandre Alexis Alice Aline Amélie Amina "
    "Anaïs André Andrée Anne Annie Antoine Arnaud Arthur Aurélie Aurélien Baptiste Bastien "
    "Béatrice Benjamin Benoît Bernard Bertrand Brigitte Bruno Camille Carine Carole Caroline "
    "Catherine Cécile Céline Chantal Charles Charlotte Chloé Christelle Christian Christiane "
    "Christine Christophe Claire Claude Claudine Clément Colette Corinne Damien Daniel "
    "Danièle David Delphine Denis Denise Didier Dominique Édith Élisabeth Élise Élodie Émilie "
    "Emma Emmanuel Éric Estelle Étienne Eva Fabien Fabrice Farid Fatima Fatou Florence "
    "Florent Florian France Francis François Françoise Franck Frédéric Frédérique Gabriel "
    "Gaëlle Georges Gérard Ghislaine Gilbert Gilles Ginette Grégory Guillaume Guy Hamid "
    "Hélène Henri Hervé Hugo Huguette Inès Isabelle Jacqueline Jacques Jade Jean Jeanne "
    "Jeannine Jérémy Jérôme Joël Joëlle Josette Jules Julie Julien Juliette Karim Karine "
    "Khadija Kévin Laetitia Laura Laure Laurence Laurent Léa Léo Lionel Louis Louise Luc "
    "Lucas Lucie Lucien Ludovic Lydie Madeleine Magali Manon Marc Marcel Marguerite Maria "
    "Marie Marine Marion Martine Mathieu Mathilde Maurice Maxime Mehdi Mélanie Michel Michèle "
    "Mireille Mohamed Monique Morgane Muriel Mustapha Myriam Nadia Nadine Nathalie Nicolas "
    "Nicole Noémie Odette Odile Olivia Olivier Pascal Pascale Patrice Patricia Patrick Paul "
    "Paulette Pauline Philippe Pierre Rachid Raphaël Raymond Rémi Renée René Richard Robert "
    "Roger Roland Romain Sabrina Salim Samir Samuel Sandra Sandrine Sarah Sébastien Serge "
    "Séverine Simon Simone Solange Sonia Sophie Stéphane Stéphanie Suzanne Sylvain Sylvie "
    "Théo Thérèse Thierry Thomas Valentin Valérie Vanessa Véronique Victor Vincent Virginie "
    "Viviane Xavier Yann Yannick Yasmine Yves Yvette Yvonne Zoé "
)
_UPPER = "A-ZÀÂÄÇÉÈÊËÎÏÔÖÙÛÜŸ"
_NAME = rf"(?:(?:d[eu]|des|la|le|van|von|ben)\s+|d['’])?[{_UPPER}][\w'’-]+"
_LINK = re.compile(r"(?:https?://|www\.)\S+|(?<!\w)@\w{3,}")
_TITLED = re.compile(
    rf"\b(?:M\.|MM\.|Mr\.?|Mme|Mlle|Mmes|Me|Dr\.?|Monsieur|Madame|Mademoiselle|Docteur|Maître)"
    rf"\s+{_NAME}(?:\s+{_NAME}){{0,2}}"
)
_ROLE = re.compile(
    rf"(?i:\b(?:contact|président|présidente|trésorier|trésorière|secrétaire|responsable|référent|"
    rf"référente|directeur|directrice|animateur|animatrice|entraîneur|entraîneuse|intervenant|"
    rf"intervenante|auprès de|animé par|animée par|s'adresser à|maire|adjoint|adjointe))"
    rf"\s*[:,]?\s+({_NAME}\s+{_NAME})"
)
_CAPITALS = re.compile(rf"\b[{_UPPER}][a-zà-ÿ]+(?:-[{_UPPER}][a-zà-ÿ]+)?\s+[{_UPPER}-]{{3,}}\b")
_FIRST = re.compile(
    rf"\b(?:{'|'.join(_FIRST_NAMES.split())})(?:-[{_UPPER}][a-zà-ÿ]+)?(?:\s+{_NAME})+"
)


def redact(text: str) -> str:
    """The text without e-mail, telephone, link nor name of a person."""
    text = _TITLED.sub(BLANK, _LINK.sub(BLANK, mask(text)))
    text = _ROLE.sub(lambda found: found[0].replace(found[1], BLANK), text)
    for pattern in (_FIRST, _CAPITALS):
        text = pattern.sub(BLANK, text)
    return text
