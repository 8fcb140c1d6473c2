// Sends a file and shows what came of it without loading the page again, so that the file stays chosen: first checked, then
// saved. Without this the page comes back and the file is chosen once more.

const form = document.querySelector("[data-upload]");
const result = document.querySelector("[data-result]");

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = event.submitter;
  const sent = new FormData(form);
  if (button?.name) sent.append(button.name, button.value);
  const buttons = form.querySelectorAll("button");
  buttons.forEach((one) => (one.disabled = true));
  result.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(form.action, { method: "POST", body: sent });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const found = page.querySelector("[data-result]") ?? page.querySelector("main");
    result.replaceChildren(...found.childNodes);
  } catch {
    buttons.forEach((one) => (one.disabled = false));
    form.submit(); // the browser says what is wrong with the network
  } finally {
    result.removeAttribute("aria-busy");
    buttons.forEach((one) => (one.disabled = false));
  }
});
