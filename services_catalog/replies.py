"""The short sentences around the facts: greeting, introducing results, refusing honestly, handing over.

One place, so that the chat, the page without JavaScript and the fallback without Rasa speak with one voice.
"""

from __future__ import annotations

from collections.abc import Sequence

from services_catalog.answers import whom_to_ask
from services_catalog.catalogue import Catalogue
from services_catalog.crisis import CrisisAnswer
from services_catalog.languages import LANGUAGES
from services_catalog.localized import Localizer, localizer
from services_catalog.messages import N_

#: Offers in one answer: more is not read on a phone.
MOST_OFFERS = 3


def greeting(language: str, catalogue: Catalogue) -> str:
    speak = localizer(language)
    return speak.text(
        N_("Hello! Tell me in your own words what you need. I am a machine and look through offers in {municipality}."),
        municipality=_municipality(speak, catalogue),
    )


def offers_found(language: str, count: int, *, sure: bool) -> str:
    """Introduce `count` offers (1 or more); an unsure match is offered as a question."""
    speak = localizer(language)
    if not sure:
        return speak.plural(
            "Is it this you are looking for? If not, tell me a little more.",
            "Could it be one of these? If not, tell me a little more.",
            count,
        )
    return speak.plural("This offer fits:", "I found {count} offers that fit:", count)


def only_unavailable(language: str) -> str:
    return localizer(language).text(N_("I found nothing that you can use just now. This is what is known:"))


def nothing_found(language: str, catalogue: Catalogue) -> str:
    speak = localizer(language)
    refusal = speak.text(
        N_(
            "I found no offer for that. I know offers about Danish, work, daycare and school, children’s leisure, housing, "
            "health, family and safety in {municipality}."
        ),
        municipality=_municipality(speak, catalogue),
    )
    return f"{refusal} {whom_to_ask(language, catalogue)}"


def _municipality(speak: Localizer, catalogue: Catalogue) -> str:
    """Return the Danish name, which is the same in every language and stands on every door."""
    name = catalogue.municipality_name
    return speak.isolated(name, left_to_right=True) if name else speak.text(N_("your municipality"))


def say_more(language: str) -> str:
    return localizer(language).text(
        N_("I did not get any words. Write what you need, for example “learn Danish in the evening”.")
    )


def choose_area(language: str) -> str:
    return localizer(language).text(N_("Of course. What is it about? Choose one, or write it in your own words."))


def skip(language: str) -> str:
    """What is written on the answer of someone who would rather not answer a question."""
    return localizer(language).text(N_("Skip"))


def hand_over(language: str, catalogue: Catalogue) -> str:
    return _to_a_person(N_("Of course, you can talk to a person."), language, catalogue)


def hand_over_after_failure(language: str, catalogue: Catalogue) -> str:
    return _to_a_person(N_("I cannot find it. A person can help you better than I can."), language, catalogue)


def hand_over_after_complaint(language: str, catalogue: Catalogue) -> str:
    return _to_a_person(N_("I am sorry that this did not work. A person can look at it."), language, catalogue)


def _to_a_person(opening: str, language: str, catalogue: Catalogue) -> str:
    speak = localizer(language)
    danish = speak.isolated("“Jeg vil gerne tale med en, der kan hjælpe mig.”", left_to_right=True)
    return " ".join(
        (
            speak.text(opening),
            whom_to_ask(language, catalogue),
            speak.text(N_("You can say in Danish: {sentence}"), sentence=danish),
        )
    )


def thanks_gently(language: str) -> str:
    """After a danger was spoken of."""
    return localizer(language).text(N_("I am glad that you wrote. You can come back at any time."))


def goodbye_gently(language: str) -> str:
    """After a danger was spoken of."""
    return localizer(language).text(N_("Look after yourself. Call 112 if it becomes dangerous."))


def greeting_gently(language: str) -> str:
    """After a danger was spoken of."""
    return localizer(language).text(N_("I am here. Tell me what you need."))


def next_client(language: str) -> str:
    return localizer(language).text(N_("Ready for the next person. What was said about the last one is forgotten."))


def thanks(language: str) -> str:
    return localizer(language).text(N_("You are welcome. Write again whenever you like."))


def goodbye(language: str) -> str:
    return localizer(language).text(N_("Goodbye, and take care."))


def started_over(language: str) -> str:
    return localizer(language).text(N_("I have forgotten what you wrote. What do you need?"))


def capabilities(language: str, catalogue: Catalogue) -> str:
    speak = localizer(language)
    return speak.text(
        N_(
            "I find offers from {municipality} and its partners, say why they fit, what they cost and how to get them, as far "
            "as the sources tell. I speak these languages: {languages}."
        ),
        municipality=_municipality(speak, catalogue),
        languages=speak.list([speak.isolated(LANGUAGES[tag].native_name) for tag in catalogue.languages]),
    )


def identity(language: str) -> str:
    return localizer(language).text(
        N_("I am a machine, not a person. Everything I show was written and checked from public sources.")
    )


def privacy(language: str) -> str:
    return localizer(language).text(
        N_(
            "I keep this conversation only while it lasts, at most 30 minutes after your last message, and never on disk. "
            "CPR numbers, phone numbers, addresses and names are taken out first. Write “start over” and it is gone."
        )
    )


def insulted(language: str) -> str:
    return localizer(language).text(N_("I am sorry that I was no help. Tell me what you need, and I will try again."))


def language_changed(language: str) -> str:
    return localizer(language).text(N_("I will write in English from now on."))


def languages_offered(catalogue: Catalogue) -> str:
    """Return one short line in each language of the catalogue, for someone who writes in another."""
    return "\n".join(localizer(tag).text(N_("I can answer in English.")) for tag in catalogue.languages)


def language_choices(catalogue: Catalogue) -> list[dict[str, str]]:
    """Return the languages of the catalogue as quick replies, each in its own words."""
    names = [LANGUAGES[tag].native_name for tag in catalogue.languages]
    return [{"text": name, "payload": name} for name in names]


def about_nothing(language: str) -> str:
    return localizer(language).text(N_("Which offer do you mean? Write its name, or tell me what you need."))


def degraded(language: str) -> str:
    return localizer(language).text(N_("The conversation part is resting just now, so I searched directly."))


def without_memory(language: str) -> str:
    return localizer(language).text(
        N_("I cannot look up just now what you wrote before, so this answers your last message.")
    )


def crisis_text(answer: CrisisAnswer, *, repeated: bool, language: str) -> str:
    """Return the whole crisis answer as text; the second time in a conversation only its first number."""
    speak = localizer(language)
    lines = [_step(step.text, step.phone, language) for step in answer.steps]
    if repeated:
        return "\n".join([speak.text(N_("I am still here. The numbers above are open to you.")), lines[0]])
    return "\n".join([answer.title, *lines])


def _step(text: str, phone: str | None, language: str) -> str:
    return f"{text} {localizer(language).phone(phone)}" if phone and phone not in text else text


def numbered(names: Sequence[str]) -> str:
    """Return names as a numbered list, for channels that carry text only."""
    return "\n".join(f"{number}. {name}" for number, name in enumerate(names, 1))
