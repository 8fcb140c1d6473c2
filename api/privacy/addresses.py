"""Street addresses with a house number in a folded text: Danish streets, in Latin letters or as Arabic and Ukrainian
writers spell them."""

from __future__ import annotations

import re

from api.privacy.spans import ADDRESS_MARK, Span
from services_catalog.normalize import fold


def _any_of(words: str) -> str:
    return "|".join(re.escape(fold(word)) for word in words.split())


_UNITS = (
    r"år\w*|timer?|minutter|min|dage?|gange?|uger?|måneder|mdr|km|m2|kvm|kr\w*|dkk|%|børn|værelser|personer|pladser|"
    r"stop|years?|hours?|minutes?|days?|weeks?|months?|times|kids|children|rooms?|people|stops|"
    r"рок\w*|годин\w*|хвилин\w*|дн\w*|дні\w*|тижн\w*|місяц\w*|раз\w*|діт\w*|крон\w*|кімнат\w*|"
    r"سنه|سنوات|سنين|ساعه|ساعات|دقيقه|دقايق|يوم|ايام|شهر|اشهر|مرات|اولاد|كرون\w*"
)
#: A house number: not a postcode, an hour, an amount or a number of things.
_NUMBER = (
    rf"(?<!\d)\d{{1,3}}(?:\s?[a-h]|[i-lnopr-wy]|[абвг])?(?!\w)(?![.:,]\d)(?!\.\s?(?:etage|sal|klasse|kl)\b)"
    rf"(?!\s?[-–]\s?\d?\s?(?:{_UNITS})(?!\w))(?:(?<=\d\d\d)|(?!\s*(?:{_UNITS})(?!\w)))"
)
_NUMBERS = rf"{_NUMBER}(?:\s?[-–]\s?{_NUMBER})?"
_ENDS = r"(?=\s*(?:[,.;]|$|\n|og\s|and\s))"
_FLOOR = (
    r"(?:[\s,.،]{1,3}(?:"
    r"\d{1,2}(?:st|nd|rd|th)\sfloor|"
    r"(?:\d{1,2}|st|kl|stuen|kælderen)(?:\.|\s|,|-){0,3}(?:sal|t\.v\.|t\.h\.|tv|th|mf|dør\s?\d+|(?:til\s)?(?:venstre|højre))(?!\w)"
    rf"|\d{{1,2}}(?:st|nd|rd|th){_ENDS}|ground\sfloor|"
    r"\d{1,2}\.\s?\d{1,3}(?=\s?[,;]|$)|\d{1,2}(?=\s?[,;]|$)|\d{1,2}\.(?=[\s,;]|$)|(?:st|tv|th|mf)(?!\w)|(?:kld|kælder|kælderen|stuen|basement)(?!\w)"
    r"|(?:door|dør|doer|двері)\s?\d{1,4}(?!\w)|(?:left|right|(?:til\s)?(?:venstre|højre))(?!\w)|(?:лів|прав|зліва|справа)\w{0,5}(?:\sдвері)?(?!\w)|(?:على\s)?ال?(?:يسار|يمين)(?!\w)"
    r"|(?:flat|apt|apartment|room|lejlighed|lejl|vær|værelse)\.?\s?\d{1,4}[a-z]?(?!\w)"
    r"|(?:кв|квартира|кімната|поверх|під'їзд|пов)\.?\s?\d{1,4}(?!\w)|\d{1,2}(?:-?й)?\sповерх"
    r"|(?:ال)?(?:طابق|شقه|دور|غرفه)\s(?:رقم\s)?(?:\d{1,4}|\w{3,10})(?:\s(?:ال)?(?:يسار|يمين))?"
    r")){0,4}\.?"
)

_STREET = "gade gaden vej vejen alle allé alleen alléen stræde strædet straede boulevard boulevarden gada"
#: Words that streets and much else end in.
_PLACE = (
    "plads pladsen torv torvet brygge bakke bakken have haven kaj kajen vænge vænget park parken vang vangen "
    "dossering sti stien mark gård gården bro krogen lunden toften ruten kvarter"
)
_NO_STREET = (
    r"(?:om|ud|gen|hjem|skole|motor|livs|arbejds|lede|side|cykel|u)vej(?:en)?|børnehaven?|"
    r"byhaven?|skolehaven?|nyttehaven?|kolonihaven?|"
    r"plejehaven?|(?:lege|arbejds|praktik|lære|elev|bygge|parkerings|p-?|bolig|ung|kursus|dag|døgn|sove)plads(?:en)?|"
    r"(?:lege|skate|parkerings)park(?:en)?|bedste\w+|herregård|\w*(?:bane|kirke|bonde|rets)gård(?:en)?"
)
_LATIN = r"[a-zæøåäöüéèà][a-zæøåäöüéèà'’\-]{0,30}"
_QUALIFIER = (
    r"(?:(?:gl|gammel|ny|nørre|norre|noerre|vester|øster|oster|oester|sønder|sonder|soender|store|lille|skt|sct|sankt|st|vestre|østre|nordre|søndre|h\.\s?c|c\.\s?f|"
    r"kongens|dronning|prins|prinsesse|amager|valby|vigerslev|kristian|christian|frederik|ved|den)\.?\s)"
)
_HOUSE = rf"(?:\s?,(?=\s?\d\d)|\s?,?\s?(?:nr|no|nummer|number|№|#|رقم|номер|буд(?:инок)?)\.?)?\s?{_NUMBERS}{_FLOOR}"
#: Stand before a street and are no part of its name.
_BEFORE = r"(?:bor|boede|i|på|ved|til|fra|hos|er|in|at|on|to|from|near|live|lives|living|is)\s"
_COMPOUND = re.compile(
    rf"(?<!\w)(?:{_QUALIFIER}{{1,2}}(?:(?!{_BEFORE}){_LATIN}\s)?|(?:[a-zæøå]\.\s?){{1,3}})?(?P<street>{_LATIN}?[a-zæøåäöüéèà]{{2}}"
    rf"(?:{_any_of(_STREET)}|(?P<weak>{_any_of(_PLACE)}))){_HOUSE}"
)
_APART = re.compile(
    rf"(?<!\w)(?:{_QUALIFIER}{{1,2}}|(?:[a-zæøå]\.\s?){{1,3}})?(?:(?!{_BEFORE}){_LATIN}\s){{0,2}}?(?!{_BEFORE})(?P<street>{_LATIN})\s"
    rf"(?:allé|boulevard|(?P<weak>{_any_of(_STREET)}|{_any_of(_PLACE)})){_HOUSE}"
)
#: As in English: "I live at 45 Jagtvej".
_NUMBER_FIRST = re.compile(
    rf"(?:^|(?<!\w)(?:at|in|on|no\.?|nr\.?|number|flat|is|er|address(?:\sis)?|live|to|på|i|til|в|на|за)\s|[,:]\s?)"
    rf"(?P<place>\d{{1,3}}\s?[a-h]?\s{_QUALIFIER}{{0,2}}{_LATIN}?[a-zæøå]{{2}}(?:{_any_of(_STREET)})(?!\w){_FLOOR})"
)
#: A floor as only Danish addresses have it tells that what stands before is one, whatever the street is called.
_BY_ITS_FLOOR = re.compile(
    rf"(?<!\w)(?P<street>{_LATIN})\s\d{{1,3}}\s?[a-h]?(?:\s?,\s?|\s)"
    rf"(?:(?:\d{{1,2}}|st|kl)\.\s?(?:sal|tv|th|mf)|\d{{1,2}}\s?(?:tv|mf))(?!\w){_FLOOR}"
)
#: "Jeg bor på Sjælør 12": a name after such words, with a house number at the end.
_LIVES_AT = re.compile(
    rf"(?<!\w)(?:bor|boede|boet|adresse(?:n)?(?:\ser)?|flyttet|lives?|living|stay(?:ing)?|address(?:\sis)?|"
    rf"живу|живемо|мешкаю|мешкаємо|"
    rf"адрес[аою]{{1,2}}|adresa)\s?:?\s?(?:(?:på|i|ved|til|at|on|in|на|у|в|за)\s(?:адресою:?\s)?)?"
    rf"(?P<place>(?P<street>[^\W\d_][\w'’-]{{1,30}})(?:\s[^\W\d_][\w'’-]{{0,30}}){{0,2}}?"
    rf"\s{_NUMBERS}{_FLOOR})"
    rf"(?=\s*(?:[,;!?\n]|\.(?!\d)|$|og\s|and\s|та\s|і\s|\d{{4}}\s))"
)

_CYRILLIC = r"[а-яіїєґё][а-яіїєґё'’\-]{0,30}"
#: How the ends of Danish street names are spelled.
_CYRILLIC_ENDS = "гаде ґаде гада гаді ґада гєде вей вай веї стреде строде стрьоде торв бригге бульвар алле"
_BUILDING = r"(?:\s?,?\s?(?:буд(?:инок|инку)?|дом|д|номер|№)\.?)?\s?,?\s?"
_UKRAINIAN = re.compile(
    rf"(?<!\w)(?:вул(?:\.|иц\w{{1,3}})?|ул(?:\.|иц\w{{1,3}})|просп(?:\.|ект\w*)|"
    r"бульвар\w*|пров(?:\.|улок|улку)|алея|алеї|площа|площі)\s*+"
    rf"(?!мінус|плюс)(?:{_CYRILLIC}\.?\s?){{1,3}}?{_BUILDING}{_NUMBERS}{_FLOOR}"
    rf"|(?<!\w)(?:{_CYRILLIC}\s)?{_CYRILLIC}?[а-яіїєґё]{{2}}(?:{_any_of(_CYRILLIC_ENDS)}|\s(?:алле|аллє|алее|плас|плац|бульвар|булевар))"
    rf"{_BUILDING}{_NUMBERS}{_FLOOR}"
)

_ARABIC = r"[\u0621-\u064a][\u0621-\u064a'\-]{0,30}"
_ARABIC_ENDS = "غاده غادا غاد جاده قاده كاده غيد فاي فاج ستريده بولفارد بريجه بريغه"
_NUMBER_WORD = r"(?:\s?[,،]?\s?(?:رقم|بنايه|مبني|بيت|عماره|البنايه|البيت|منزل)(?:\s?:)?)?\s?[,،]?\s?"
_IN_ARABIC = re.compile(
    rf"(?<!\w)(?:و?[بلف]?ال)?[وبلف]?(?:شارع|طريق|ساحه)\s(?:{_ARABIC}\s?){{1,3}}?{_NUMBER_WORD}{_NUMBERS}{_FLOOR}"
    rf"|(?<!\w)(?:{_ARABIC}\s)?{_ARABIC}?[\u0621-\u064a]{{2}}(?:{_any_of(_ARABIC_ENDS)}|\s(?:اليه|بلاس|بلادس))"
    rf"{_NUMBER_WORD}{_NUMBERS}{_FLOOR}"
)
_CAPITAL_BEFORE = re.compile(r"(?<=[^.!?:\n]\s)[A-ZÆØÅ][a-zæøåäöüé]+\s$")
#: Of the places, those that hardly anything but a street ends in.
_ONLY_STREETS = re.compile(r"(?:vang|vangen|vænge|vænget|toften|lunden|dossering|ruten)$")
_STANDS_IN = re.compile(r"(?<!\w)(?:i|på|ved|in|at|on)\s$")
_STREETS = re.compile(_any_of(_STREET))
_FLOOR_SIGN = re.compile(r"\d.*?(?<![^\W\d_])(?:sal|st|tv|th|mf|kld)(?!\w)")
_ENDS_LIKE_ONE = re.compile(rf"(?<!\w)(?:{_NO_STREET})\s*\d")
_LIVES = re.compile(r"(?<!\w)(?:bor|boede|adresse|flyttet|lives?|living|stay(?:ing)?|address)(?:\W+\w+){0,2}\W*$")


def find_addresses(folded: str, written: str) -> list[Span]:
    """Return the street addresses of a folded text; `written` is the same text with its capitals."""
    found = [match.span() for pattern in (_UKRAINIAN, _IN_ARABIC) for match in pattern.finditer(folded)]
    found += [match.span("place") for match in _NUMBER_FIRST.finditer(folded)]
    for pattern in (_COMPOUND, _APART):
        found += [
            (_with_first_words(written, match.start()), match.end())
            for match in pattern.finditer(folded)
            if _is_street(match, written)
        ]
    found += [match.span() for match in _BY_ITS_FLOOR.finditer(folded) if _with_capital_or_short(match, written)]
    found += [match.span("place") for match in _LIVES_AT.finditer(folded) if written[match.start("street")].isupper()]
    return [Span(start, end, ADDRESS_MARK) for start, end in found]


def _with_capital_or_short(match: re.Match[str], written: str) -> bool:
    """Tell whether what stands before a floor has a capital, or the floor is written as only floors are ("2tv")."""
    return written[match.start()].isupper() or re.search(r"\d\s?(?:tv|mf)$", match.group()) is not None


def _with_first_words(written: str, start: int) -> int:
    """Return where a street begins whose last word begins at `start`: words with a capital before it are of its name
    ("Gammel Køge Landevej"), but for the first word of the message."""
    while (before := _CAPITAL_BEFORE.search(written, 0, start)) is not None and before.start() > 0:
        start = before.start()
    return start


def _is_street(match: re.Match[str], written: str) -> bool:
    """Tell streets from what only ends like one: such words are no names, and stand without a capital unless somebody
    says where she lives."""
    if _ENDS_LIKE_ONE.search(match.group()):
        return False
    if match["weak"] is None or _FLOOR_SIGN.search(match.group()):
        return True
    capitals = written[match.start("street")].isupper() and written[match.start("weak")].isupper()
    if match.start("weak") >= match.end("street") and not _STREETS.fullmatch(match["weak"]):
        return capitals
    if _ONLY_STREETS.search(match["street"]) and _STANDS_IN.search(match.string[: match.start()]):
        return True
    compound = match.start("street") <= match.start("weak") < match.end("street")
    capitals = capitals or (compound and written[match.start("street")].isupper())
    return capitals or _LIVES.search(match.string[max(match.start() - 60, 0) : match.start()]) is not None
