// Sends the newsletter's form without leaving the page. Without this script it works by itself.

const ALLOWED_TIME = 20_000; // milliseconds until a silent server counts as failed
const MARKS = "newsletter-marks"; // read by confirm.js
const DIALOG = "newsletter-dialog"; // read by dialog.js
const KEPT_MARKS = 5;

for (const form of document.querySelectorAll("form[data-newsletter]")) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send(form);
  });
}

async function send(form) {
  const button = form.querySelector("button[type=submit]");
  if (button.getAttribute("aria-disabled") === "true") return;
  button.setAttribute("aria-disabled", "true");
  say(form, "", false);
  showErrors(form, {});
  form.elements.mark.value = leaveMark();
  try {
    const response = await fetch(form.action, {
      method: "POST",
      body: new FormData(form),
      headers: { Accept: "application/json" },
      credentials: "omit",
      signal: AbortSignal.timeout(ALLOWED_TIME),
    });
    const answer = await response.json();
    if (response.ok) say(form, answer.message, false), form.reset(), keep(DIALOG, "sent");
    else if (answer.errors) showErrors(form, answer.errors);
    else say(form, answer.message || form.dataset.failed, true);
  } catch {
    say(form, form.dataset.failed, true); // what was typed stays in its field
  } finally {
    button.removeAttribute("aria-disabled");
  }
}

// By its mark this browser knows its own request again when the mailed link is opened in it (confirm.js).
function leaveMark() {
  const mark = Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, "0")).join("");
  try {
    const marks = JSON.parse(localStorage.getItem(MARKS) || "[]");
    return keep(MARKS, JSON.stringify([...marks, mark].slice(-KEPT_MARKS))) ? mark : "";
  } catch {
    return keep(MARKS, JSON.stringify([mark])) ? mark : "";
  }
}

function keep(name, value) {
  try {
    localStorage.setItem(name, value);
    return true;
  } catch {
    return false; // storage is switched off: the page with the button remains
  }
}

function say(form, message, failed) {
  const place = form.querySelector("[data-message]");
  place.classList.toggle("newsletter-error", failed);
  place.textContent = message;
}

// Each error stands beside its field and is what a screen reader says of it; others are said at the end.
function showErrors(form, errors) {
  for (const place of form.querySelectorAll("[data-error]")) {
    const message = errors[place.dataset.error] || "";
    place.textContent = message;
    place.hidden = !message;
  }
  const field = form.elements.email;
  const error = form.querySelector("[data-error=email]");
  const others = (field.getAttribute("aria-describedby") || "").split(" ").filter((id) => id && id !== error.id);
  field.setAttribute("aria-describedby", [...(errors.email ? [error.id] : []), ...others].join(" "));
  field.toggleAttribute("aria-invalid", Boolean(errors.email));
  if (errors.email) field.setAttribute("aria-invalid", "true");
  if (errors.email) field.focus();
  else if (errors.consent) form.querySelector("[name=consent]").focus();
  if (errors.consent && !form.querySelector("[data-error=consent]")) say(form, errors.consent, true);
}
