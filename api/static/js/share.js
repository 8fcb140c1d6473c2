// Shares the page of an offer: with what the device has for it, else its address is copied. What was asked goes nowhere.

async function share(button) {
  const address = new URL(button.dataset.share, location.origin).href;
  const said = button.parentElement.querySelector("[data-shared]");
  said.textContent = "";
  try {
    if (navigator.share) {
      await navigator.share({ url: address });
    } else {
      await navigator.clipboard.writeText(address);
      said.textContent = said.dataset.shared;
    }
  } catch (problem) {
    if (problem.name !== "AbortError") said.textContent = address; // to be copied by hand
  }
}

if (navigator.share || navigator.clipboard) {
  document.documentElement.classList.add("can-share");
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-share]");
    if (button) share(button);
  });
}
