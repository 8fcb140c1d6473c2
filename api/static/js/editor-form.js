// The offer's form, made quicker: the preview and the places of a question without loading the page again, tabs for the
// languages on a narrow screen, and a word before what was typed is lost. Everything also works without this.

const form = document.querySelector("[data-offer-form]");
let changed = document.querySelector("[data-errors], [data-conflict]") !== null;
document.querySelector("[data-focus]")?.focus();

/** Send what is typed to an address of the form and return the part of a page that comes back. */
async function part(address) {
  const answer = await fetch(address, { method: "POST", body: new FormData(form) });
  if (!answer.ok) return null;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  return page.querySelector("[data-part]");
}

function replacing(button, place, after = () => {}) {
  const address = new URL(button.formAction);
  address.searchParams.set("part", "1");
  address.hash = "";
  return async (event) => {
    event?.preventDefault();
    button.setAttribute("aria-busy", "true");
    const found = await part(address).catch(() => null);
    button.removeAttribute("aria-busy");
    if (found) {
      place.replaceChildren(found);
      after(place);
    } else if (event) {
      changed = false;
      form.requestSubmit(button); // the page with what is wrong, beside the fields
    }
  };
}

function once(element, type, listener) {
  let given = false; // what the script could not answer goes to the server the second time
  element.addEventListener(type, (event) => {
    if (given) return;
    given = true;
    listener(event).finally(() => setTimeout(() => (given = false)));
  });
}

const previewPlace = document.querySelector("[data-preview-place]");
const previewButton = form.querySelector("[data-do-preview]");
const preview = replacing(previewButton, previewPlace);
once(previewButton, "click", async (event) => {
  await preview(event);
  previewPlace.querySelector("h2")?.scrollIntoView();
});
const tryButton = document.querySelector("[data-do-try]");
once(tryButton, "click", replacing(tryButton, document.querySelector("[data-trials]")));

let waiting;
form.addEventListener("input", () => {
  changed = true;
  clearTimeout(waiting);
  // once opened, the preview follows what is typed
  if (previewPlace.childElementCount) waiting = setTimeout(() => preview(), 700);
});
form.addEventListener("submit", () => (changed = false));
addEventListener("beforeunload", (event) => changed && event.preventDefault());

// Tabs: only shown where the languages stand one below the other (css/editor.css).
const texts = document.querySelector("[data-tabs]");
const panels = [...texts.querySelectorAll("[data-tab]")];
const list = document.createElement("div");
list.className = "text-tabs";
list.setAttribute("role", "tablist");
list.setAttribute("aria-labelledby", "texts");
const tabs = panels.map((panel) => {
  const tab = document.createElement("button");
  tab.type = "button";
  tab.textContent = panel.dataset.tab;
  tab.lang = panel.dataset.tabLang;
  tab.setAttribute("role", "tab");
  tab.setAttribute("aria-controls", panel.id);
  tab.addEventListener("click", () => choose(panel));
  list.append(tab);
  return tab;
});
list.addEventListener("keydown", ({ key }) => {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[key];
  if (!step) return;
  const sign = getComputedStyle(list).direction === "rtl" ? -1 : 1;
  const next = (tabs.indexOf(document.activeElement) + step * sign + tabs.length) % tabs.length;
  choose(panels[next]);
  tabs[next].focus();
});

function choose(panel) {
  for (const [number, one] of panels.entries()) {
    one.classList.toggle("chosen", one === panel);
    tabs[number].setAttribute("aria-selected", one === panel);
    tabs[number].tabIndex = one === panel ? 0 : -1;
  }
}

function chooseAddressed() {
  const field = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  const panel = field?.closest("[data-tab]");
  if (panel) choose(panel);
  field?.focus();
}

texts.before(list);
texts.classList.add("tabbed");
choose(panels.find((panel) => panel.querySelector(".form-error")) ?? panels[0]);
addEventListener("hashchange", chooseAddressed);
chooseAddressed();
