// One conversation with the service: what is sent, what comes back, and what this tab remembers until it is closed.

const TIMEOUT = 20_000; // milliseconds
const KEPT = "vejviser.conversation";

/** A message that could not be answered. `message` is a sentence for the resident, empty when there is none. */
export class NotSent extends Error {}

/** The conversation was forgotten before the answer came. */
export class Forgotten extends Error {}

export class Conversation {
  #going = new AbortController();

  /** `language` is a BCP 47 tag: the page's, until an answer comes in another. */
  constructor(endpoint, language) {
    this.endpoint = endpoint;
    this.language = language;
    this.session = null;
    this.turns = [];
    this.pending = null; // what was sent and not answered yet, as the arguments of `send`
    this.#recall();
    addEventListener("vejviser:leave", () => this.forget(language)); // exit.js
  }

  /**
   * Send a text and return the answer. `shown` is what the resident sees of it, `remove` the ids of remembered facts that
   * she takes back. Throws NotSent, or Forgotten.
   */
  async send(text, shown = text, remove = []) {
    this.pending = [text, shown, remove];
    this.keep();
    const message = { text, language: this.language, ...(this.session && { session: this.session }), remove };
    const reply = await this.#post(message);
    this.session = reply.session;
    this.language = reply.language;
    if (reply.outcome === "reset") this.turns = []; // she asked for it, so nothing of before stays in the tab
    this.turns.push({ text, shown, reply });
    this.pending = null;
    this.keep();
    return reply;
  }

  /** Forget everything, here and on the server. */
  forget(language) {
    if (this.session) {
      fetch(`${this.endpoint}/${encodeURIComponent(this.session)}`, { method: "DELETE", keepalive: true }).catch(() => {});
    }
    this.session = null;
    this.language = language;
    this.turns = [];
    this.pending = null;
    this.#going.abort(new Forgotten());
    try { sessionStorage.removeItem(KEPT); } catch { /* the browser keeps nothing: nothing to forget */ }
  }

  /** Keep the conversation until the tab is closed. */
  keep() {
    const { session, language, turns, pending } = this;
    const kept = { session, language, turns: turns.slice(-20), pending };
    try { sessionStorage.setItem(KEPT, JSON.stringify(kept)); } catch { /* as well without */ }
  }

  async #post(message) {
    const going = new AbortController();
    this.#going = going;
    const timeout = setTimeout(() => going.abort(), TIMEOUT);
    let response;
    try {
      response = await fetch(`${this.endpoint}?language=${this.language}`, {
        method: "POST",
        headers: { "Content-Type": "application/json", Accept: "application/json" },
        body: JSON.stringify(message),
        signal: going.signal,
      });
      if (response.ok) return await response.json();
    } catch {
      throw going.signal.reason instanceof Forgotten ? going.signal.reason : new NotSent("");
    } finally {
      clearTimeout(timeout);
    }
    const problem = await response.json().catch(() => ({}));
    const told = response.status < 500 || response.status === 503; // other mistakes are ours, and their words no help
    throw new NotSent(told ? problem.detail ?? "" : "");
  }

  #recall() {
    try {
      const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? "null");
      if (Array.isArray(kept?.turns)) Object.assign(this, kept);
    } catch { /* unreadable: begin anew */ }
  }
}
