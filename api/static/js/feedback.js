// Sends what people say of an answer without leaving the page. Without this file the forms work as they are.

const ADDRESS = "/api/v1/feedback";
const given = new WeakMap(); // the address of each feedback that may still get words

async function send(method, address, body) {
  const response = await fetch(address, {
    method,
    headers: { "Content-Type": "application/json", Accept: "application/json" },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`feedback: ${response.status}`);
  return response.status === 204 ? null : response.json();
}

async function choose(part, form, kind) {
  const fields = [...new FormData(form)].filter(([, value]) => value);
  const { id } = await send("POST", ADDRESS, { ...Object.fromEntries(fields), kind });
  given.set(part, `${ADDRESS}/${id}/text`);
  form.remove();
  const more = part.querySelector("[data-text]");
  if (kind === "wrong") more.hidden = false;
  else more.remove();
  part.dispatchEvent(new CustomEvent("vejviser:feedback", { bubbles: true }));
}

async function add(part, form) {
  const text = form.elements.text.value.trim();
  if (text) await send("PUT", given.get(part), { text });
  form.remove();
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  const part = form.closest("[data-feedback]");
  if (!part) return;
  event.preventDefault();
  if (part.dataset.sending) return;
  const said = part.querySelector("[data-said]");
  said.textContent = "";
  part.dataset.sending = "yes";
  try {
    await (form.matches("[data-choices]") ? choose(part, form, event.submitter?.value) : add(part, form));
    said.textContent = said.dataset.thanks;
    if (!part.contains(document.activeElement)) part.focus({ preventScroll: true }); // the button is gone
  } catch {
    said.textContent = said.dataset.failed;
  } finally {
    delete part.dataset.sending;
  }
});
