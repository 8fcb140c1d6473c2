// One conversation with the service: what is sent, what comes back, and what this tab remembers until it is closed.

const TIMEOUT = 20_000; // milliseconds
const KEPT = "vejviser.conversation";

/** A message that could not be answered. `message` is a sentence for the resident, empty when there is none. */
export class NotSent extends Error {}

export class Conversation {
  /** `language` is a BCP 47 tag: the page's, until an answer comes in another. */
  constructor(endpoint, language) {
    this.endpoint = endpoint;
    this.language = language;
    this.session = null;
    this.turns = [];
    this.#recall();
  }

  /**
   * Send a text and return the answer. `shown` is what the resident sees of it, `remove` the ids of remembered facts that
   * she takes back. Throws NotSent.
   */
  async send(text, shown = text, remove = []) {
    const message = { text, language: this.language, ...(this.session && { session: this.session }), remove };
    const reply = await this.#post(message);
    this.session = reply.session;
    this.language = reply.language;
    this.turns.push({ shown, reply });
    this.#keep();
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
    try { sessionStorage.removeItem(KEPT); } catch { /* the browser keeps nothing: nothing to forget */ }
  }

  async #post(message) {
    let response;
    try {
      response = await fetch(`${this.endpoint}?language=${this.language}`, {
        method: "POST",
        headers: { "Content-Type": "application/json", Accept: "application/json" },
        body: JSON.stringify(message),
        signal: AbortSignal.timeout(TIMEOUT),
      });
      if (response.ok) return await response.json();
    } catch {
      throw new NotSent("");
    }
    const problem = await response.json().catch(() => ({}));
    throw new NotSent(response.status < 500 ? problem.detail ?? "" : "");
  }

  #keep() {
    const { session, language, turns } = this;
    try { sessionStorage.setItem(KEPT, JSON.stringify({ session, language, turns: turns.slice(-20) })); } catch { /* as well without */ }
  }

  #recall() {
    try {
      const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? "null");
      if (kept?.session && Array.isArray(kept.turns)) Object.assign(this, kept);
    } catch { /* unreadable: begin anew */ }
  }
}
