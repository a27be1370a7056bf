// Reports comments without leaving the page: the form is fetched when it is asked for. All works without this script.

const ALLOWED_TIME = 20_000; // milliseconds until a silent server counts as failed

for (const form of document.querySelectorAll("form[data-report]")) prepare(form, null);

document.getElementById("comments")?.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-report-comment]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  open(link);
});

// Puts the form under the comment; one at a time, for its fields have names of their own.
async function open(link) {
  if (link.getAttribute("aria-busy") === "true") return;
  link.setAttribute("aria-busy", "true");
  try {
    const response = await fetch(link.href, { credentials: "omit", signal: AbortSignal.timeout(ALLOWED_TIME) });
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const form = page.querySelector("form[data-report]");
    if (!form) throw new Error("no form");
    document.querySelector("#comments form[data-report]")?.remove();
    const place = document.importNode(form, true);
    link.closest("article").append(place);
    prepare(place, link);
    place.querySelector("input[type=radio]").focus();
  } catch {
    location.assign(link.href); // the page says what is the matter
  } finally {
    link.removeAttribute("aria-busy");
  }
}

function prepare(form, link) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send(form);
  });
  if (!link) return;
  const cancel = document.createElement("button");
  cancel.type = "button";
  cancel.className = "comment-quiet";
  cancel.textContent = form.dataset.cancelLabel;
  cancel.addEventListener("click", () => {
    form.remove();
    link.focus();
  });
  form.querySelector(".comment-buttons").append(" ", cancel);
}

async function send(form) {
  const button = form.querySelector("button[type=submit]");
  if (button.getAttribute("aria-disabled") === "true") return;
  button.setAttribute("aria-disabled", "true");
  form.elements.identity.value = identity();
  try {
    const response = await fetch(form.action, {
      method: "POST",
      body: new URLSearchParams(new FormData(form)),
      headers: { Accept: "application/json" },
      credentials: "omit",
      signal: AbortSignal.timeout(ALLOWED_TIME),
    });
    const said = await response.json();
    if (response.ok) sent(form, said.message);
    else say(form, [said.message, ...Object.values(said.errors || {})].filter(Boolean).join(" ") || form.dataset.failed);
  } catch {
    say(form, form.dataset.failed);
  } finally {
    button.removeAttribute("aria-disabled");
  }
}

function sent(form, message) {
  const line = document.createElement("p");
  line.className = "comment-message";
  line.setAttribute("role", "status");
  line.tabIndex = -1;
  line.textContent = message;
  form.replaceWith(line);
  line.focus();
}

function say(form, message) {
  const line = form.querySelector("[data-message]");
  line.classList.add("comment-error");
  line.textContent = message;
  line.focus();
}

// Who is known by a confirmed address reports under it: a ban covers that too.
function identity() {
  try {
    return JSON.parse(localStorage.getItem("comment-identity")).identity || "";
  } catch {
    return "";
  }
}
