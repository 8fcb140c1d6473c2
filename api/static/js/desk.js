// The referral desk with two hands on the keyboard. Forms are sent in the background, so that nothing about the client
// stands in the browser's history; without this file they work as plain forms. Nothing is kept but whether single keys
// are wanted as shortcuts.

const SETTING = "vejviser-desk-shortcuts";
const TYPED_INTO = "textarea, select, input:not([type=checkbox]):not([type=radio])";
const main = document.querySelector("#main");

const find = (selector) => main.querySelector(selector);
const hits = () => [...main.querySelectorAll("[data-hit]")];
const listed = (id) => find(`[data-listed="${CSS.escape(id)}"]`);
const shortcutsOn = () => localStorage.getItem(SETTING) !== "off";

function enhance() {
  find("[data-shortcuts]").hidden = false;
  find("[data-shortcuts-on]").checked = shortcutsOn();
  find("[data-copy]").hidden = !navigator.clipboard;
}

// --- sending the form -------------------------------------------------------------------------------------------

/** Send the form as if `button` were pressed, and show the answer in place of the page's content. */
async function send(form, button) {
  const before = button?.matches("[data-more]") ? hits().length : null;
  find("[data-failed]").hidden = true;
  form.ariaBusy = "true";
  try {
    const response = await fetch(button?.getAttribute("formaction") ?? form.action, {
      method: "POST",
      body: new URLSearchParams(new FormData(form, button)),
    });
    if (response.redirected) return location.assign(response.url); // signed out meanwhile
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    if (!page.querySelector("#main")) throw new Error("no page");
    main.replaceChildren(...page.querySelector("#main").childNodes);
    document.title = page.title;
    if (!find("[data-desk]")) return undefined; // a page that says what was wrong
    enhance();
    (before === null ? find("[data-focus]") : hits()[before])?.focus();
  } catch {
    form.ariaBusy = "false";
    find("[data-failed]").hidden = false;
  }
  return undefined;
}

document.addEventListener("submit", (event) => {
  const form = event.target.closest("[data-desk]");
  const button = event.submitter;
  if (!form) return;
  if (button?.matches("[data-pick], [data-drop]")) {
    event.preventDefault();
    if (button.matches("[data-pick]")) toggle(button);
    else drop(button.value);
  } else if (!button?.matches("[data-slip]")) {
    event.preventDefault();
    send(form, button);
  }
});

// the same question in another language of the desk
document.addEventListener("click", (event) => {
  const link = event.target.closest(".languages a");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const form = find("[data-desk]");
  if (!form || !find("[data-hit], [data-compared]")) return;
  event.preventDefault();
  form.action = `/${link.lang}/desk${find("[data-compared]") ? "/compare" : ""}`;
  form.submit();
});

// --- the list for the client ------------------------------------------------------------------------------------

function toggle(button) {
  if (listed(button.dataset.pick)) {
    drop(button.dataset.pick);
    return;
  }
  const { pick, name, own, residents } = button.dataset;
  const item = find("[data-blank-listed]").content.querySelector("li").cloneNode(true);
  item.dataset.listed = pick;
  const input = item.querySelector("input");
  input.value = pick;
  input.disabled = false;
  item.querySelector("[data-drop]").value = pick;
  item.querySelector("[data-staff-only]").hidden = Boolean(residents);
  for (const element of item.querySelectorAll("[data-listed-name]")) {
    element.textContent = name;
    element.lang = own;
  }
  find("[data-listed-all]").append(item);
  changed(pick, "on", name);
}

function drop(id) {
  const item = listed(id);
  const name = item.querySelector("[data-listed-name]").textContent;
  const focused = item.contains(document.activeElement);
  const next = item.nextElementSibling ?? item.previousElementSibling;
  item.remove();
  changed(id, "off", name);
  if (focused) (next?.querySelector("button") ?? find("#client")).focus();
}

/** Bring everything in line with the list, and say what changed. */
function changed(id, how, name) {
  for (const button of main.querySelectorAll(`[data-pick="${CSS.escape(id)}"]`)) {
    button.ariaPressed = String(how === "on");
    button.name = how === "on" ? "drop" : "add";
  }
  find("[data-none]").hidden = Boolean(find("[data-listed]"));
  const said = find("[data-said]");
  said.textContent = `${said.dataset[how]} ${name}`;
  linkSlip();
}

function linkSlip() {
  const chosen = find("#client");
  const items = [...main.querySelectorAll("[data-listed]")].filter((item) => item.querySelector("[data-staff-only]").hidden);
  const query = new URLSearchParams(items.map((item) => ["offer", item.dataset.listed]));
  find("[data-slip-link]").href = `/${chosen.value || chosen.dataset.automatic}/slip?${query}`;
  find("[data-link]").hidden = items.length === 0;
}

document.addEventListener("change", (event) => {
  if (event.target.matches("#client")) linkSlip();
  if (event.target.matches("[data-shortcuts-on]")) {
    if (event.target.checked) localStorage.removeItem(SETTING);
    else localStorage.setItem(SETTING, "off");
  }
});

document.addEventListener("click", async (event) => {
  if (!event.target.closest("[data-copy]")) return;
  await navigator.clipboard.writeText(find("[data-slip-link]").href);
  const said = find("[data-said]");
  said.textContent = said.dataset.copied;
});

// --- shortcuts --------------------------------------------------------------------------------------------------

/** The offer that has the focus, or the first one. */
function current() {
  return document.activeElement?.closest("[data-hit]") ?? hits()[0];
}

function step(by) {
  const all = hits();
  const at = all.indexOf(document.activeElement?.closest("[data-hit]"));
  (all[at < 0 ? 0 : at + by] ?? (by < 0 ? find("#q") : null))?.focus();
}

const KEYS = {
  "/": () => { find("#q")?.focus(); find("#q")?.select(); },
  p: () => current()?.querySelector("[data-pick]")?.click(),
  c: () => find("[data-compare]")?.click(),
  s: () => {
    if (!find("[data-listed]")) KEYS.p();
    if (find("[data-listed]")) find("[data-slip]").click();
  },
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || !find("[data-desk]")) return;
  const { key, target } = event;
  const typing = target.matches(TYPED_INTO);
  const by = { ArrowDown: 1, ArrowUp: -1 }[key];
  let action;
  if (key === "Escape") action = find("[data-back]") && (() => find("[data-back]").click());
  else if (!shortcutsOn()) action = null;
  else if (by) action = (target.id === "q" ? by > 0 : target.closest("[data-hit], [data-focus]")) && hits().length && (() => step(by));
  else if (!typing && Object.hasOwn(KEYS, key)) action = KEYS[key];
  if (!action) return;
  event.preventDefault();
  action();
});

enhance();
