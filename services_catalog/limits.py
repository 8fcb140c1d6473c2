"""What must not be left out when an offer is shown: one sentence for each limit."""

from __future__ import annotations

from services_catalog.messages import N_
from services_catalog.offer import Limit

SENTENCES: dict[Limit, str] = {
    Limit.STAFF_ONLY: N_("Only for staff. Residents cannot use it themselves."),
    Limit.EMPLOYERS_ONLY: N_("For workplaces, not for the person looking for a job."),
    Limit.BY_AUTHORITY_ONLY: N_("The municipality decides. You cannot sign up yourself."),
    Limit.REFERRAL_ONLY: N_("You need a referral."),
    Limit.OUTREACH_ONLY: N_("They come to people. The sources do not say how to contact them yourself."),
    Limit.THROUGH_INSTITUTION: N_("It goes through the daycare, school or institution, not through you."),
    Limit.SELECTED_PLACES_ONLY: N_("Only in some places, not everywhere."),
    Limit.PLACES_NOT_NAMED: N_("The sources do not say where exactly."),
    Limit.PROVIDERS_NOT_NAMED: N_("The sources do not name those who run it."),
    Limit.LANGUAGES_NOT_NAMED: N_("In several languages, but the sources do not say which."),
    Limit.CONTENT_NOT_DESCRIBED: N_("The sources say little about what it offers."),
    Limit.CRITERIA_NOT_STATED: N_("The sources do not say exactly who can get it."),
    Limit.NOT_GUARANTEED: N_("It is a possibility, not a promise."),
    Limit.ONLY_WITH_PARENT_OFFER: N_("Only together with the offer it belongs to."),
    Limit.ONLY_IN_HOLIDAYS: N_("Only in the school holidays."),
    Limit.NOT_A_HOTLINE: N_("This is not a helpline."),
    Limit.NOT_AN_INTERPRETER_SERVICE: N_("This is not an interpreter you can book."),
    Limit.NOT_FOR_INDIVIDUALS: N_("Not for single persons or families."),
    Limit.NOT_A_COMPLAINTS_BODY: N_("You cannot complain here about discrimination."),
    Limit.MAY_CHANGE: N_("This may have changed. Ask first."),
}
