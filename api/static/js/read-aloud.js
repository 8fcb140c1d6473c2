// Reads a page aloud with a voice that is on the device. Voices that send the text somewhere are not used, and where there
// is no voice for the page's language the button stays hidden.

const place = document.querySelector("[data-read-aloud]");
const synthesis = window.speechSynthesis;

/** The device's own voice for a language (a BCP 47 tag), if it has one. */
function voiceOf(language) {
  const primary = (tag) => tag.replace("_", "-").split("-")[0].toLowerCase();
  return synthesis.getVoices().find((voice) => voice.localService && primary(voice.lang) === primary(language));
}

function readAloud() {
  const start = place.querySelector("[data-start]");
  const stop = place.querySelector("[data-stop]");
  let rest = [];

  const show = () => { place.hidden = !voiceOf(document.documentElement.lang); };
  const running = (yes) => {
    const focused = place.contains(document.activeElement);
    start.hidden = yes;
    stop.hidden = !yes;
    if (focused) (yes ? stop : start).focus();
  };
  const mark = (element) => {
    document.querySelector("[data-reading]")?.removeAttribute("data-reading");
    element?.setAttribute("data-reading", "");
  };

  /** Read what is left, one element after the other, each in its own language; without a voice for it, it is left out. */
  const next = () => {
    const element = rest.shift();
    mark(element);
    if (!element) {
      running(false);
      return;
    }
    const language = element.closest("[lang]").lang;
    const voice = voiceOf(language);
    if (!voice) {
      next();
      return;
    }
    const utterance = new SpeechSynthesisUtterance(element.textContent.replace(/\s+/g, " ").trim());
    utterance.lang = language;
    utterance.voice = voice;
    const queue = rest;
    utterance.onend = utterance.onerror = () => { if (rest === queue) next(); }; // not after a stop
    synthesis.speak(utterance);
  };
  const end = () => {
    rest = [];
    synthesis.cancel();
    mark(null);
    running(false);
  };

  start.addEventListener("click", () => {
    synthesis.cancel();
    rest = [...document.querySelectorAll("[data-read]")].filter((element) => element.textContent.trim());
    running(true);
    next();
  });
  stop.addEventListener("click", end);
  addEventListener("pagehide", end);
  synthesis.addEventListener?.("voiceschanged", show);
  show();
}

if (place && synthesis) readAloud();
