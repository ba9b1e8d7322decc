"""The words that announce a place in a French text, and those that only look like it.

Read by extract/places.py and extract/where.py; the lists come from titles of real announcements.
"""

import re

STREETS = (
    "rue|avenue|av|ave|bd|bld|boulevard|chemin|che|chem|ch|impasse|imp|allée|allées|allee|allees|"
    "place|pl|quai|cours|route|rte|traverse|montée|square|esplanade|promenade|passage|ruelle|"
    "lotissement|lot|quartier|lieu-dit|zone|za|zac|zi|rond-point|voie|sentier|résidence"
)
VENUES = (
    "stade|gymnase|salle|espace|centre|maison|théâtre|médiathèque|bibliothèque|mairie|musée|parc|"
    "hôtel de ville|école|collège|lycée|jardin|piscine|complexe|palais|base|plage|port|halle|foyer|"
    "vélodrome|dojo|église|chapelle|château|cinéma|auditorium|hippodrome|université|campus|creps|"
    "patinoire|citadelle|fort|arènes|amphithéâtre|ferme|tiers-lieu|ludothèque|boulodrome|mjc"
)
_ORDINARY = (
    "salon,aix,fos,digne,apt,bras,cannes,caille,contes,die,drap,eze,gap,gars,grans,grasse,mison,mons,nice,nans,orange,"
    "riez,sault,signes,vars,vence,vins,le val,le thor,le luc,le muy,le rove,la garde,la fare,"
    "la motte,la roque,la tour,la cluse,la croix,la roche,la penne,les arcs,le bar,le broc,le mas,"
    "la ferriere,la colle,la trinite,la celle,le puy,le plan,le pontet,le poet,le revest,tavernes,"
    "la baume,la palud,la bastide,les baux,peille,lagnes,coudoux,la robine,le cannet,mane,reillanne"
)
ORDINARY = frozenset(_ORDINARY.split(","))
"""Names that are ordinary words or parts of others: never believed when they only stand apart,
nor in a text all in capitals."""

ONLINE = re.compile(
    r"\b(?:en|par|via) (?:visio\w*|distanciel)|\bvisioconf[ée]rence|\bwebinai?re?s?\b"
    r"|\b(?:via|sur|par) (?:zoom|teams|webex|jitsi)\b"
    r"|\b(?:[ée]v[ée]nement|atelier|conf[ée]rence|r[ée]union|rencontre|formation|cours)s? en ligne"
    r"|\b100 ?% en ligne",
    re.IGNORECASE,
)
ITINERANT = re.compile(
    r"\bitin[ée]ran|\btourn[ée]e\b|\bplusieurs communes\b|\bd[ée]part\b.{1,60}\barriv[ée]e\b",
    re.IGNORECASE | re.DOTALL,
)
STREET = re.compile(
    rf"(?:\b\d{{1,4}}(?:\s?(?:bis|ter|quater|[a-d]))?\s*,?\s+(?:{STREETS})\b"
    rf"|^(?:{STREETS})\b)",
    re.IGNORECASE,
)
STREET_IN_TEXT = re.compile(
    rf"\b\d{{1,4}}(?:\s?(?:bis|ter))?\s*,?\s+(?:{STREETS})\b\.?[^,.;:()\n|–]{{2,60}}",
    re.IGNORECASE,
)
NUMBERED = re.compile(r"\s*\((\d{2,3}|2[AB]|[^\W\d_][\w' -]{2,24})\)")
VENUE = re.compile(
    # Announced by what comes before; ended by punctuation, a preposition or a verb.
    r"(?:(?:^|[,;:(–|-])\s*|\b(?:à|au|aux|dans|lieu)\s+(?:l[ae']\s*|l’|les )?)"
    rf"((?:{VENUES})\b"
    r"(?:(?!\s(?:à|le|les|au|aux|dès|de \d|du \d|pour|avec|et|qui|que|où|en|sur|par|est|vous|"
    r"propose\w*|organis\w+|accueill\w+|recrut\w+|invit\w+|présent\w+|s['’]\w+|\d{1,2}h|"
    r"lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche)\b)[^,.;:()/|\n–]){2,60})",
    re.IGNORECASE,
)
LABELLED = re.compile(
    # « Lieu : plage Macé, Cannes. » « Où ? Stade des Arboras, Nice » « 📍 Fort Carré, Antibes »
    r"(?:(?:^|[\s(])(?:lieu(?: de rendez-vous)?|où|adresse|rendez-vous|rdv|endroit)\s*[:?]|📍)\s*"
    r"([^\n.!?]{3,120})",
    re.IGNORECASE,
)
AT = re.compile(r"(?<!\w)(?:à|a|au|aux)\s*$", re.IGNORECASE)
AU = re.compile(r"(?<!\w)(?:au|aux)\s$", re.IGNORECASE)
ANNOUNCES = re.compile(
    r"(?<!\w)(?:depuis|rejoindre"
    r"|(?:ville|commune|village|mairie|municipalité) (?:de|du|des|d['’])"
    rf"|(?:{VENUES})(?: [\w'’-]+){{0,3}}? (?:de|du|des|d['’]))\s*$",
    re.IGNORECASE,
)
OPPONENT_BEFORE = re.compile(
    r"\b(?:face à|face|devant|contre|bat|battus? par|affront\w+|reçoi\w+|domin\w+)\s+$",
    re.IGNORECASE,
)
NOT_PLACE_BEFORE = re.compile(
    # Streets, origins, clubs, inter-communal bodies: they bear the name of a commune elsewhere.
    rf"\b(?:{STREETS}|porte|gare routière|direction|originaire|né|née|vers|club|olympique|savon|"
    r"sporting|union|association|amicale|comité|université|aix|grand|métropole|metropole|pays|"
    r"c[acu]|sp|spi|sous-préfecture|préfecture|agglomération|agglo|"
    r"communauté|communautaire|académie|diocèse|parc)"
    r"(?:\s+|-)(?:de la |de |du |des |d['’]\s?)?$",
    re.IGNORECASE,
)
NOT_PLACE_AFTER = re.compile(
    r"[-\s]+(?:provence|métropole|metropole|agglo|université|universite|habitat|côte|cote|fc|"
    r"handball|basket|hb|volley|rugby|matin)",
    re.IGNORECASE,
)
APART_BEFORE = re.compile(r"(?:^|[|:(–—,]|\s-)\s*$")
APART_AFTER = re.compile(r"\s*(?:$|[|:)–—,]|-\s|\s-)")
