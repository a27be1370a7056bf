// Shows the newsletter's form in a dialog: once, to somebody who has read for a while and does nothing else just now.
// The form itself is moved, so that what was typed goes along, and goes back to its place.

const SHOWN = "newsletter-dialog"; // in localStorage; form.js writes it as well
const AFTER = 20; // seconds in view
const DEPTH = 0.4; // of the page

const dialog = document.getElementById("newsletter-dialog");
const section = document.getElementById("newsletter");
const place = document.createElement("div");

if (dialog && section && typeof dialog.showModal === "function" && mayBeShown()) {
  let seconds = 0;
  const clock = setInterval(() => {
    if (document.visibilityState === "visible") seconds += 1;
    if (seconds < AFTER || !isDeep() || isBusy()) return;
    clearInterval(clock);
    if (mayBeShown() && remember()) open();
  }, 1000);
  dialog.querySelector(".newsletter-close").addEventListener("click", () => dialog.close());
  // The darkened page around it belongs to the dialog as well.
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  dialog.addEventListener("close", putBack);
}

function open() {
  place.style.blockSize = `${section.offsetHeight}px`; // the page keeps its height
  section.replaceWith(place);
  dialog.append(section);
  dialog.showModal();
}

function putBack() {
  place.replaceWith(section);
}

function isDeep() {
  const scrolls = document.documentElement.scrollHeight - window.innerHeight;
  return scrolls <= 0 || window.scrollY / scrolls >= DEPTH;
}

// Who types, selects, watches in full screen, is in another dialog or sees the form already is let be.
function isBusy() {
  const box = section.getBoundingClientRect();
  const seen = box.top < window.innerHeight && box.bottom > 0;
  const types = document.activeElement?.closest("input, textarea, select, [contenteditable]");
  return Boolean(
    seen || types || String(getSelection()) || document.fullscreenElement || document.querySelector("dialog[open]"),
  );
}

function mayBeShown() {
  try {
    return localStorage.getItem(SHOWN) === null;
  } catch {
    return false; // what cannot be remembered would come again and again
  }
}

function remember() {
  try {
    localStorage.setItem(SHOWN, "shown");
    return true;
  } catch {
    return false;
  }
}
