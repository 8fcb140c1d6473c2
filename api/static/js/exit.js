// Leave this page at once: the link, or Shift pressed three times quickly. Loaded in the head and not deferred, so that it
// works before the page is whole, and so that the Back button does not show again what was left.
{
  const KEPT = "vejviser.conversation"; // as in conversation.js
  const LEFT = "vejviser.left";
  const QUICKLY = 2000; // milliseconds for three presses
  const away = document.currentScript.dataset.away;
  let presses = [];

  /** Keep nothing of this tab but that it was left; end the conversation here and on the server. */
  const forget = () => {
    dispatchEvent(new Event("vejviser:leave")); // a conversation on this page ends itself
    try {
      const kept = sessionStorage.getItem(KEPT);
      sessionStorage.clear();
      sessionStorage.setItem(LEFT, "1");
      const session = kept && JSON.parse(kept).session;
      if (session) fetch(`/api/v1/chat/${encodeURIComponent(session)}`, { method: "DELETE", keepalive: true }).catch(() => {});
    } catch { /* the browser keeps nothing: nothing to forget */ }
  };

  const leave = () => {
    document.documentElement.hidden = true;
    document.title = "";
    document.body?.replaceChildren();
    forget();
    history.replaceState(null, "", "/");
    location.replace(away);
  };

  const wasLeft = () => {
    try { return sessionStorage.getItem(LEFT) !== null; } catch { return false; }
  };

  const pressed = (event) => {
    if (event.key !== "Shift" || event.ctrlKey || event.altKey || event.metaKey) {
      presses = []; // a capital letter, or another keyboard layout
    } else if (!event.repeat) {
      presses = [...presses, event.timeStamp].slice(-3);
      if (presses.length === 3 && presses[2] - presses[0] <= QUICKLY) leave();
    }
  };

  addEventListener("keydown", pressed, true);
  addEventListener("pointerdown", () => { presses = []; }, true);
  addEventListener("click", (event) => {
    if (!event.target.closest?.("[data-exit]")) return;
    event.preventDefault();
    leave();
  }, true);
  addEventListener("pageshow", (event) => { if (event.persisted && wasLeft()) leave(); });
  if (wasLeft()) {
    if (performance.getEntriesByType("navigation")[0]?.type === "back_forward") leave();
    else sessionStorage.removeItem(LEFT); // come back on purpose
  }
}
