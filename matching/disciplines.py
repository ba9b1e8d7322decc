"""What people practise, as a title says it: two sports are two things, however alike the rest.

« Portes ouvertes du Judo Club » and « Portes ouvertes de l'Aïkido Club », one dojo, one day: any
person sees two clubs. Words of one line are one practice; a title that names none says nothing.
"""

from collections.abc import Iterable

_PRACTICES = """
judo | karate | aikido | taekwondo | kendo | jujitsu | lutte | boxe | escrime | capoeira | sumo
tennis ping pong pongiste pongistes | padel | badminton parabadminton | squash | pickleball
foot football futsal cecifoot | rugby | basket basketball | hand handball | volley volleyball
hockey | baseball softball | cricket | boccia | petanque boules boulodrome | golf minigolf | curling
natation nage nager aquagym nageurs | plongee apnee | waterpolo | aviron | canoe kayak | surf
paddle | voile regate voilier voiliers | kitesurf | joutes
course courses trail cross marathon foulees running | athletisme | triathlon duathlon
randonnee rando balade | velo velos vtt bmx cyclisme cyclo cycliste cyclistes
roller rollers skate skateboard | patinage patin | ski raquettes snowboard | luge
escalade grimpe | speleologie | equitation poney cheval equestre | tir | arc | parkour
gymnastique gym | yoga pilates | zumba | danse bal | theatre | cirque | chorale chant | echecs
scrabble | belote | loto | couture tricot | poterie ceramique | peinture | photo photographie
cuisine | jardinage | lecture
"""
"""« tennis de table » is also called ping-pong: they share a line with tennis."""
_FAMILY = {
    word: number
    for number, line in enumerate(
        one for row in _PRACTICES.strip().splitlines() for one in row.split("|")
    )
    for word in line.split()
}
PRACTICES = max(_FAMILY.values()) + 1


def families(words: Iterable[str]) -> list[int]:
    """The practice that each folded word names, -1 for none."""
    return [_FAMILY.get(word, -1) for word in words]


def practised(text: Iterable[str]) -> frozenset[int]:
    """The practices that folded words name."""
    return frozenset(families(text)) - {-1}
