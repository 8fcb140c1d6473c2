"""What the values and fields of records are called in the editors' room."""

from __future__ import annotations

from services_catalog.messages import N_

STATES = {
    "draft": N_("Draft"),
    "in_review": N_("In review"),
    "published": N_("Published"),
    "archived": N_("Archived"),
}
TRANSLATIONS = {
    "source": N_("Source text"),
    "reviewed": N_("Reviewed"),
    "unreviewed": N_("Not reviewed"),
    "outdated": N_("Outdated"),
    "missing": N_("Missing"),
}
KINDS = {
    "resident_offer": N_("Offer for residents"),
    "staff_offer": N_("Offer for staff"),
    "partner_ngo": N_("Offer of an organisation"),
    "place": N_("Place"),
    "statutory_right": N_("Right by law"),
}
AVAILABILITIES = {
    "active": N_("Active"),
    "pilot": N_("Pilot"),
    "time_limited": N_("For a limited time"),
    "planned": N_("Planned"),
    "unfunded": N_("Idea without money"),
    "historical": N_("From earlier years"),
}
AUDIENCES = {"resident": N_("Residents"), "staff": N_("Staff"), "both": N_("Residents and staff")}
ROUTES = {
    "unknown": N_("Not known"),
    "self": N_("They contact it themselves"),
    "referral": N_("By referral"),
    "by_authority": N_("The authority decides"),
    "through_staff": N_("Through staff, such as a school"),
}
COSTS = {"unknown": N_("Not known"), "free": N_("Free"), "paid": N_("It costs something")}
INTERPRETER = N_("Interpreter at conversations")
CRITERIA = {
    "age": N_("Age"),
    "school_grade": N_("School grade"),
    "years_in_denmark": N_("Years in Denmark"),
    "district": N_("District"),
    "situation": N_("Situation in life"),
}
#: Kinds of record, as the catalogue names them.
RECORDS = {
    "offers": N_("Offers"),
    "needs": N_("Needs"),
    "questions": N_("Questions of needs"),
    "situations": N_("Situations in life"),
    "districts": N_("Districts"),
    "organisations": N_("Organisations"),
    "policies": N_("Policies"),
    "facts": N_("Contact facts"),
    "expressions": N_("Expressions"),
    "concepts": N_("Words that mean the same"),
    "other_places": N_("Other places"),
    "municipalities": N_("Municipalities"),
}
#: The texts of one language, in the order of the record.
TEXTS = {
    "name": N_("Name"),
    "summary": N_("What it is"),
    "who": N_("Who it is for"),
    "how": N_("How to get it"),
    "good_to_know": N_("Good to know"),
    "availability_note": N_("Why it is not simply there"),
    "cost": N_("What it costs"),
    "where": N_("Where it is"),
    "when": N_("When it is"),
    "languages": N_("Which languages are spoken"),
    "documents": N_("Which papers you need"),
    "contact": N_("How to contact them"),
    "keywords": N_("Keywords, one a line"),
    "examples": N_("Example questions, one a line"),
}
FIELDS = {
    "id": N_("Id"),
    "kind": N_("Kind"),
    "availability": N_("Availability"),
    "audience": N_("Audience"),
    "provider": N_("Provider"),
    "partners": N_("Partners"),
    "parent": N_("Part of the offer"),
    "policies": N_("Policies"),
    "alternatives": N_("Instead, or beside it"),
    "official_name": N_("Official Danish name"),
    "aliases": N_("Other names people use, one a line"),
    "needs": N_("Needs"),
    "eligibility": N_("Who can use it"),
    "access": N_("How one gets in"),
    "cost": N_("Cost"),
    "service_languages": N_("Languages it can be had in"),
    "limits": N_("Limits that must be said"),
    "described_in": N_("Year it was described"),
    "ended_on": N_("Ended on"),
    "assured_on": N_("Somebody vouched for it on"),
    "review_by": N_("Must be looked at again by"),
    "owner": N_("Owner"),
    "sources": N_("Sources"),
    "editor_notes": N_("Notes for staff and editors"),
    "texts": N_("Texts"),
    "state": N_("State of the translation"),
    "synonyms": N_("Synonyms"),
    "labels": N_("Names"),
}
OUTCOMES = {
    "offers": N_("Found"),
    "weak": N_("Found, not surely"),
    "nothing_found": N_("Nothing found"),
}
LACKS = {
    "nothing_found": N_("Nothing was found"),
    "unsure": N_("Nothing was found surely"),
    "corrected": N_("Turned down by the person"),
}
ROLES = {
    "staff": N_("Staff"),
    "editor": N_("Editor"),
    "publisher": N_("Publisher"),
    "admin": N_("Administrator"),
}
#: What a step came to; the key travels in the address after a redirect.
DONE = {
    "saved": N_("Saved as a draft."),
    "submitted": N_("Handed in for review."),
    "published": N_("Published. Residents see it now."),
    "archived": N_("Archived. Residents no longer find it."),
    "restored": N_("The earlier revision is the newest draft again."),
    "rolled_back": N_("The earlier revision is public again."),
    "assured": N_("You have vouched for it. Hand the draft in to make that public."),
    "settled": N_("Done. The question has left the list."),
    "check_added": N_("The check is kept. It is asked at each publication."),
    "check_removed": N_("The check is gone."),
    "user_added": N_("The account is there. Tell its owner the first password."),
    "user_changed": N_("The account is changed."),
    "feedback_settled": N_("The feedback has left the list."),
}


def field_name(field: str) -> list[str]:
    """Return the messages that name a dotted field of a record (`texts.da.name`), part by part; what has no name of its own
    stands as it is."""
    parts = field.split(".")
    if parts[0] == "texts" and len(parts) > 2:
        return [parts[1], TEXTS.get(parts[2], FIELDS.get(parts[2], parts[2])), *parts[3:]]
    return [FIELDS.get(parts[0], parts[0]), *parts[1:]]
