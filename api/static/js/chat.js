// Turns the search form into a conversation. Without this file the form works as it is.

import { Conversation, Forgotten, NotSent } from "./conversation.js";
import * as render from "./render.js";

const chat = document.querySelector("[data-chat]");
const log = chat.querySelector("[data-log]");
const form = chat.querySelector("[data-ask]");
const field = form.elements.q;
const error = form.querySelector("[data-error]");
const suggestions = chat.querySelector("[data-suggestions]");
const restart = chat.querySelector("[data-restart]");
const pageLanguage = chat.dataset.language;
const conversation = new Conversation(chat.dataset.endpoint, pageLanguage);
/** What is asked about: whether it helped. Small talk is not. */
const ANSWERED = new Set(["offers", "answer", "clarify", "crisis", "nothing_found", "handover"]);
let waiting = false;

/** Send a text that is already in the log as `asked`, and add what comes back. */
async function deliver(text, shown, asked, remove = []) {
  waiting = true;
  const typing = render.part("typing", conversation.language);
  render.mark(typing, conversation.language);
  log.append(typing);
  reveal(typing);
  try {
    const reply = await conversation.send(text, shown, remove);
    typing.remove();
    show(conversation.turns.at(-1));
    render.mark(asked, reply.language, reply.direction);
  } catch (problem) {
    typing.remove();
    if (problem instanceof Forgotten) return;
    if (!(problem instanceof NotSent)) throw problem;
    fail(problem.message, text, shown, asked, remove);
  } finally {
    waiting = false;
  }
}

function show(turn) {
  const { reply } = turn;
  log.querySelectorAll("[data-part=replies], [data-part=remembered]").forEach((old) => old.remove());
  const node = render.answer(reply);
  if (reply.quick_replies.length) {
    node.append(render.replies(reply.quick_replies, reply.language, (choice) => ask(choice.payload, choice.text)));
  }
  if (reply.remembered?.length) {
    node.append(render.remembered(reply.remembered, reply.language, (fact) => ask("", `✕ ${fact.text}`, [fact.id])));
  }
  if (ANSWERED.has(reply.outcome) && !turn.judged) {
    const feedback = render.feedback(reply, turn.text ?? "");
    feedback.addEventListener("vejviser:feedback", () => { turn.judged = true; conversation.keep(); });
    node.append(feedback);
  }
  log.append(node);
  begun(true);
  reveal(node);
}

function begun(running) {
  chat.classList.toggle("begun", running);
  suggestions.hidden = running;
  restart.hidden = !running;
  field.rows = running ? 1 : 2;
}

function fail(reason, text, shown, asked, remove) {
  const language = conversation.language;
  const node = render.part("failure", language);
  render.mark(node, language);
  if (reason) node.querySelector("[data-field=reason]").textContent = reason;
  node.querySelector("[data-offline]").hidden = navigator.onLine;
  const again = () => {
    removeEventListener("online", again);
    if (waiting || !node.isConnected) return;
    node.remove();
    deliver(text, shown, asked, remove);
  };
  node.querySelector("[data-retry]").addEventListener("click", () => { holdFocus(asked); again(); });
  addEventListener("online", again, { once: true });
  log.append(node);
  reveal(node);
}

function ask(text, shown = text, remove = []) {
  if (waiting) return;
  log.querySelectorAll(".failure").forEach((old) => old.remove());
  const asked = render.question(shown, conversation.language);
  log.append(asked);
  if (document.activeElement !== field) holdFocus(asked);
  deliver(text, shown, asked, remove);
}

/** Keep the focus near a button that is about to go, without calling up a phone's keyboard. */
function holdFocus(node) {
  node.tabIndex = -1;
  node.focus({ preventScroll: true });
}

/** Bring what is new into view, its beginning first, and leave the focus where it is. */
function reveal(node) {
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const top = node.getBoundingClientRect().height > innerHeight / 2;
  node.scrollIntoView({ block: top ? "start" : "nearest", behavior: still ? "auto" : "smooth" });
}

function submitted(event) {
  event.preventDefault();
  const text = field.value.trim();
  error.hidden = Boolean(text);
  if (!text) field.focus();
  if (!text || waiting) return;
  field.value = "";
  ask(text);
}

form.noValidate = true;
form.addEventListener("submit", submitted);
field.addEventListener("input", () => { error.hidden = true; });
field.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    form.requestSubmit();
  }
});
suggestions.addEventListener("click", (event) => {
  const link = event.target.closest("a");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  ask(link.textContent);
});
restart.addEventListener("click", () => {
  conversation.forget(pageLanguage);
  log.querySelectorAll(":scope > :not(:first-child)").forEach((node) => node.remove());
  begun(false);
  field.focus();
});

for (const turn of conversation.turns) {
  log.append(render.question(turn.shown, turn.reply.language));
  show(turn);
}
if (conversation.pending) {
  const [text, shown, remove] = conversation.pending;
  const asked = render.question(shown, conversation.language);
  log.append(asked);
  deliver(text, shown, asked, remove);
}
