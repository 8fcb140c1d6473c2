// Draws an answer from the blank parts that the page brings in every language (templates/parts/_answer.html).
// Texts are only ever set as text, never as HTML.

const ISOLATED = /(?<![\d.,])\+?\d{2,4}(?:[ \u00a0]\d{2,4}){1,4}(?![\d.,]*\d)|[\w.+-]+@[\w-]+(?:\.[\w-]+)+|(?:https?:\/\/|www\.)[^\s<>"]+[\w/]/g;
/** Danish words in a text that is written with other letters (Cyrillic to Arabic); the same as in api/page_templates.py. */
const OTHER_LETTERS = /[\u0400-\u06ff]/;
const LATIN = String.raw`(?:\d[\d+-]*)?[A-Za-z\u00c0-\u024f](?:[A-Za-z\u00c0-\u024f\d'’&/.-]*[A-Za-z\u00c0-\u024f\d])?`;
const ISOLATED_IN_OTHER_LETTERS = new RegExp(`${ISOLATED.source}|(?<danish>${LATIN}(?: ${LATIN})*)`, "g");
const DIRECTIONS = new Map(
  [...document.querySelectorAll(".languages a")].map((link) => [link.lang, link.dir]),
);

/** The `dir` of a language the service speaks; `auto` for any other. */
export function directionOf(language) {
  return DIRECTIONS.get(language) ?? "auto";
}

/** A copy of one blank part in a language (Danish when the service does not speak it). */
export function part(name, language) {
  const blanks = document.querySelector(`template[data-blanks="${CSS.escape(language)}"]`)
    ?? document.querySelector('template[data-blanks="da"]');
  return blanks.content.querySelector(`[data-part="${name}"]`).cloneNode(true);
}

/** Fill a part from a record; what has nothing to show goes. */
export function fill(node, record, language) {
  for (const element of node.querySelectorAll("[data-if]")) {
    const [field, wanted] = element.dataset.if.split("=");
    const value = valueOf(record, field);
    const empty = value === null || value === undefined || value === "" || value.length === 0;
    if (wanted === undefined ? empty : value !== wanted) element.remove();
  }
  each(node, "[data-list]", (element) => {
    element.replaceChildren(...valueOf(record, element.dataset.list).map((item) => listItem(item)));
  });
  each(node, "[data-field]", (element) => setText(element, valueOf(record, element.dataset.field) ?? ""));
  each(node, "[data-href]", (element) => { element.href = valueOf(record, element.dataset.href); });
  each(node, "[data-phone]", (element) => {
    const number = valueOf(record, element.dataset.phone);
    element.href = `tel:${dialled(number)}`;
    element.querySelector("bdi").textContent = grouped(number);
  });
  each(node, "[data-map]", (element) => { element.href += encodeURIComponent(valueOf(record, element.dataset.map)); });
  each(node, "[data-share]", (element) => { element.dataset.share = record.url; });
  each(node, "[data-date]", (element) => setDate(element, valueOf(record, element.dataset.date), language));
  if (record.language && record.language !== language) {
    each(node, "[data-own-language]", (element) => mark(element, record.language));
  }
  return node;
}

/** Say which language an element is in, and which way it is read. */
export function mark(element, language, direction = directionOf(language)) {
  element.lang = language;
  element.dir = direction;
}

/** Set a text, with numbers and addresses in it isolated, so that no phone number is mirrored in Arabic, and Danish words too. */
export function setText(element, text) {
  const nodes = [];
  let end = 0;
  for (const match of text.matchAll(OTHER_LETTERS.test(text) ? ISOLATED_IN_OTHER_LETTERS : ISOLATED)) {
    const kept = document.createElement("bdi");
    kept.dir = "ltr";
    if (match.groups?.danish) {
      kept.lang = "da";
      kept.translate = false;
    }
    kept.textContent = match[0];
    nodes.push(text.slice(end, match.index), kept);
    end = match.index + match[0].length;
  }
  element.replaceChildren(...nodes, text.slice(end));
}

/** The card of one offer. */
export function card(hit, language) {
  const node = part("card", language);
  if (hit.danish_name === hit.name) hit = { ...hit, danish_name: "" };
  return fill(node, hit, language);
}

/** What a person in danger is told, one step after the other. */
export function crisis(answer, language) {
  const node = part("crisis", language);
  const blank = node.querySelector('[data-part="step"]');
  const steps = answer.steps.map((step) => fill(blank.cloneNode(true), step, language));
  node.querySelector("[data-steps]").replaceChildren(...steps);
  setText(node.querySelector('[data-field="title"]'), answer.title);
  return node;
}

/** Everything an answer says: crisis first, then words, then offers. */
export function answer(reply) {
  const node = part("service", reply.language);
  mark(node, reply.language, reply.direction);
  const body = node.querySelector("[data-body]");
  const repeats = (message) => reply.crisis && message.text.startsWith(reply.crisis.title);
  for (const message of reply.messages) {
    if (repeats(message)) continue; // the crisis block says the same, with numbers to press
    const paragraph = document.createElement("p");
    paragraph.className = "said";
    setText(paragraph, message.text);
    body.append(paragraph);
  }
  if (reply.crisis) body.prepend(crisis(reply.crisis, reply.language));
  body.append(...reply.offers.map((hit) => card(hit, reply.language)));
  if (reply.question) {
    const question = document.createElement("p");
    question.className = "said asked";
    setText(question, reply.question);
    body.append(question);
  }
  return node;
}

/** The question whether an answer helped; `question` is what the resident had asked. */
export function feedback(reply, question) {
  const node = part("feedback", reply.language);
  const fields = node.querySelector("[data-choices]").elements;
  fields.offer.value = reply.about ?? "";
  fields.outcome.value = reply.outcome;
  fields.question.value = question;
  return node;
}

/** What the resident wrote, in whatever language. */
export function question(text, language) {
  const node = part("resident", language);
  mark(node, language);
  const paragraph = document.createElement("p");
  paragraph.dir = "auto";
  paragraph.textContent = text;
  node.querySelector("[data-body]").append(paragraph);
  return node;
}

/** A list of buttons; `choose` is called with the chosen reply. */
export function replies(choices, language, choose) {
  const node = part("replies", language);
  mark(node, language);
  for (const choice of choices) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "reply";
    button.dir = "auto";
    setText(button, choice.text);
    button.addEventListener("click", () => choose(choice));
    const item = document.createElement("li");
    item.append(button);
    node.append(item);
  }
  return node;
}

/** What is remembered of the person, each fact with a button that takes it back; `forget` is called with the fact. */
export function remembered(facts, language, forget) {
  const node = part("remembered", language);
  mark(node, language);
  const list = node.querySelector("ul");
  const blank = list.querySelector("li");
  list.replaceChildren(...facts.map((fact) => {
    const item = blank.cloneNode(true);
    each(item, "[data-field=text]", (element) => setText(element, fact.text));
    item.querySelector("button").addEventListener("click", () => forget(fact));
    return item;
  }));
  return node;
}

function each(node, selector, change) {
  if (node.matches(selector)) change(node);
  node.querySelectorAll(selector).forEach(change);
}

function listItem(text) {
  const item = document.createElement("li");
  setText(item, text);
  return item;
}

function valueOf(record, path) {
  return path.split(".").reduce((value, name) => value?.[name], record);
}

function setDate(element, iso, language) {
  element.dateTime = iso;
  const format = new Intl.DateTimeFormat(`${language}-u-nu-latn`, { dateStyle: "long", timeZone: "UTC" });
  element.textContent = format.format(new Date(`${iso}T00:00:00Z`));
}

function dialled(number) {
  const digits = number.replace(/[^\d+]/g, "");
  return /^\d{8}$/.test(digits) ? `+45${digits}` : digits;
}

function grouped(number) {
  const digits = number.replace(/[^\d+]/g, "").replace(/^\+45(?=\d{8}$)/, "");
  return /^\d{8}$/.test(digits) ? digits.match(/../g).join(" ") : number;
}
