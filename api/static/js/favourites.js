// Offers that a resident keeps, in this browser only: nothing is written before she presses the heart, and nothing is left
// once the last one is removed.

const PLACE = "vejviser.favourites";

/** The ids of the kept offers, in the order in which they were kept. */
function kept() {
  try {
    const ids = JSON.parse(localStorage.getItem(PLACE) ?? "[]");
    return Array.isArray(ids) ? ids.filter((id) => typeof id === "string") : [];
  } catch {
    return []; // unreadable, or the browser keeps nothing
  }
}

/** Keep exactly these. Returns whether the browser let us. */
function keep(ids) {
  try {
    if (ids.length) localStorage.setItem(PLACE, JSON.stringify(ids));
    else localStorage.removeItem(PLACE);
    return true;
  } catch {
    return false;
  }
}

/** The heart on an offer's page. */
function heart(place) {
  const id = place.dataset.keep;
  const button = place.querySelector("button");
  const said = place.querySelector("[data-said]");
  const show = () => {
    const pressed = kept().includes(id);
    button.setAttribute("aria-pressed", pressed);
    place.querySelector("[data-word=keep]").hidden = pressed;
    place.querySelector("[data-word=kept]").hidden = !pressed;
    place.querySelector("[data-all-kept]").hidden = !pressed;
  };
  button.addEventListener("click", () => {
    const before = kept();
    const removing = before.includes(id);
    const allowed = keep(removing ? before.filter((one) => one !== id) : [...before, id]);
    said.textContent = said.dataset[allowed ? (removing ? "removed" : "added") : "refused"];
    show();
  });
  addEventListener("storage", show); // another tab
  addEventListener("pageshow", show); // back from the list
  show();
  place.hidden = false;
}

/** The page that lists them. The server draws the offers and notes nothing. */
function list(place) {
  const status = document.querySelector("[data-kept-status]");
  const none = document.querySelector("[data-kept-none]");
  const draw = async (said = "") => {
    const ids = kept();
    none.hidden = ids.length > 0;
    status.textContent = ids.length ? said || status.dataset.loading : said;
    if (!ids.length) {
      place.replaceChildren();
      return;
    }
    try {
      const response = await fetch(location.pathname, {
        method: "POST",
        body: new URLSearchParams(ids.map((id) => ["offer", id])),
      });
      if (!response.ok) throw new Error(response.statusText);
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      place.replaceChildren(...page.querySelector("[data-kept-list]").childNodes);
      status.textContent = said;
    } catch {
      status.textContent = status.dataset.failed;
    }
  };
  place.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    const id = button.closest("[data-kept-offer]")?.dataset.keptOffer;
    keep(button.matches("[data-remove-all]") ? [] : kept().filter((one) => one !== id));
    document.querySelector("[data-title]").focus(); // the button goes
    draw(status.dataset.removed);
  });
  addEventListener("storage", () => draw());
  draw();
}

document.querySelectorAll("[data-keep]").forEach(heart);
document.querySelectorAll("[data-kept-list]").forEach(list);
