"""The keys of the queue: what they do, and a person's own choice (WCAG 2.1.4, RGAA 12.10)."""

from collections.abc import Mapping

from domain.records import Json

ACTIONS: Mapping[str, tuple[str, str]] = {
    "approve": ("v", "Valider avec les thèmes affichés"),
    "theme1": ("1", "Basculer le premier thème"),
    "theme2": ("2", "Basculer le deuxième thème"),
    "theme3": ("3", "Basculer le troisième thème"),
    "theme4": ("4", "Basculer le quatrième thème"),
    "theme5": ("5", "Basculer le cinquième thème"),
    "reject": ("r", "Écarter : hors champ"),
    "skip": ("p", "Je ne sais pas, passer"),
    "duplicate": ("d", "Doublon : comparer avec une autre"),
    "note": ("n", "Écrire une note"),
    "undo": ("u", "Annuler ma dernière décision"),
    "next": ("j", "Fiche suivante sans décider"),
    "previous": ("k", "Fiche précédente"),
    "open": ("o", "Ouvrir la source"),
    "help": ("?", "Aide"),
}
"""Action → its key and what it does, in the order of the help."""

MODES: Mapping[str, str] = {
    "letters": "Une touche seule",
    "alt": "Avec la touche Alt",
    "off": "Aucune touche",
}


def keys_of(preferences: Mapping[str, Json]) -> dict[str, str]:
    """Action → key for this person."""
    chosen = preferences.get("keys") or {}
    return {name: str(chosen.get(name, key)) for name, (key, _) in ACTIONS.items()}


def remapped(chosen: Mapping[str, str]) -> tuple[dict[str, str], str]:
    """The keys wanted (an empty one = the usual), and what is wrong with them in French."""
    keys = {name: (chosen.get(name, "").strip().lower() or ACTIONS[name][0]) for name in ACTIONS}
    if any(len(key) != 1 or key.isspace() for key in keys.values()):
        return keys, "Une touche est un seul caractère (lettre, chiffre ou signe)."
    twice = sorted({key for key in keys.values() if list(keys.values()).count(key) > 1})
    if twice:
        return keys, f"La même touche sert deux fois : {', '.join(twice)}."
    return keys, ""
