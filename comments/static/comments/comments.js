// Sends comments without leaving the page, and keeps what is typed until it is sent. All works without this script.

const ALLOWED_TIME = 20_000; // milliseconds until a silent server counts as failed
const KEPT_FOR = 30 * 24 * 3600 * 1000; // milliseconds for which a draft is kept

for (const form of document.querySelectorAll("form[data-comment]")) prepare(form);

function prepare(form) {
  const place = document.createComment("the form's place");
  form.before(place);
  newKey(form);
  restore(form);
  form.addEventListener("input", () => keep(form));
  form.addEventListener("focusin", () => begin(form), { once: true });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send(form);
  });
  form.querySelector("[data-cancel]")?.addEventListener("click", () => {
    answer(form, "", "");
    place.after(form);
    form.elements.body.focus();
  });
  if (!form.closest("#comments")) return;
  document.getElementById("comments").addEventListener("click", (event) => {
    const link = event.target.closest("a[data-answers]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    answer(form, link.dataset.answers, link.dataset.number);
    link.closest("article").append(form);
    form.elements.body.focus();
  });
}

// Makes the form one for a reply, or for a comment of its own. Each has a draft of its own.
function answer(form, id, number) {
  keep(form);
  form.elements.answers.value = id;
  form.elements.body.value = "";
  newKey(form);
  say(form, "", false);
  showErrors(form, {});
  const line = form.querySelector("p[data-replying]");
  line.hidden = !id;
  line.querySelector("span").textContent = form.dataset.replying.replace("{}", number);
  restore(form);
}

async function send(form) {
  const button = form.querySelector("button[type=submit]");
  if (button.getAttribute("aria-disabled") === "true") return;
  button.setAttribute("aria-disabled", "true");
  say(form, "", false);
  showErrors(form, {});
  try {
    const [response, said] = await post(form);
    if (response.ok) sent(form, said);
    else refused(form, said);
  } catch {
    say(form, form.dataset.failed, true); // what was typed stays in its field
  } finally {
    button.removeAttribute("aria-disabled");
  }
}

// Sends the form, and once more when the server asks for work first. Whoever cannot do it says so, and is heard too.
async function post(form) {
  const proof = form.elements.proof;
  proof.value = "";
  for (let tries = 0; ; tries++) {
    const response = await fetch(form.action, {
      method: "POST",
      body: new URLSearchParams(new FormData(form)),
      headers: { Accept: "application/json" },
      credentials: "omit",
      signal: AbortSignal.timeout(ALLOWED_TIME),
    });
    const said = await response.json();
    if (response.status !== 428 || tries === 2) return [response, said];
    say(form, said.message, false);
    const { solve, UNABLE } = await import(proof.dataset.script);
    const tell = (sentence) => (form.querySelector("[data-message]").textContent = sentence);
    proof.value = tries ? UNABLE : await solve(said.proof, proof, tell);
  }
}

// Tells the server when somebody began to write, for the page itself may have been made long ago.
async function begin(form) {
  const shown = form.elements.shown;
  try {
    const response = await fetch(shown.dataset.address, { credentials: "omit", signal: AbortSignal.timeout(ALLOWED_TIME) });
    if (response.ok) shown.value = (await response.json()).shown;
  } catch {
    // the page's own does as well
  }
}

function sent(form, said) {
  forget(form);
  form.elements.body.value = "";
  newKey(form);
  say(form, said.message, false, said.address);
}

function refused(form, said) {
  // A comment that is not shown any more is answered no more.
  if (form.elements.answers.value && said.answers === "") {
    forget(form);
    form.elements.answers.value = "";
    form.querySelector("p[data-replying]").hidden = true;
    keep(form);
  }
  if (form.elements.identity.value && said.identity === "") form.dispatchEvent(new Event("comment-unknown"));
  showErrors(form, said.errors || {});
  if (said.message || !said.errors) say(form, said.message || form.dataset.failed, true);
}

// Said to screen readers, and in focus, for the button that was pressed may be far from it.
function say(form, message, failed, address) {
  const place = form.querySelector("[data-message]");
  place.classList.toggle("comment-error", failed);
  place.textContent = message;
  if (address) {
    const link = document.createElement("a");
    link.href = address;
    link.textContent = form.dataset.status;
    place.append(" ", link);
  }
  if (message) place.focus();
}

function showErrors(form, errors) {
  for (const old of form.querySelectorAll("[data-error]")) old.remove();
  let first = null;
  for (const name of ["name", "body", "email", "website"]) {
    const field = form.elements[name];
    const id = `${field.id}_error`;
    document.getElementById(id)?.remove();
    const others = (field.getAttribute("aria-describedby") || "").split(" ").filter((one) => one && one !== id);
    if (errors[name]) {
      const line = document.createElement("span");
      line.id = id;
      line.className = "comment-error";
      line.dataset.error = name;
      line.textContent = errors[name];
      field.before(line);
      field.setAttribute("aria-invalid", "true");
      first ||= field;
    } else field.removeAttribute("aria-invalid");
    field.setAttribute("aria-describedby", [...(errors[name] ? [id] : []), ...others].join(" "));
    if (!field.getAttribute("aria-describedby")) field.removeAttribute("aria-describedby");
  }
  const trap = form.querySelector("[data-trap]");
  trap.classList.toggle("comment-trap", !errors.website);
  trap.toggleAttribute("aria-hidden", !errors.website);
  if (!errors.website) trap.setAttribute("aria-hidden", "true");
  first?.focus();
}

// Tells a second click from a second comment.
function newKey(form) {
  form.elements.key.value = Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, "0"),
  ).join("");
}

// Drafts: in this browser alone, and only until they are sent -------------------------------

function draftOf(form) {
  return `comment-draft ${new URL(form.action).pathname} ${form.elements.answers.value}`;
}

function keep(form) {
  const body = form.elements.body.value;
  if (!body.trim()) return forget(form);
  stored(() => localStorage.setItem(draftOf(form), JSON.stringify({ body, name: form.elements.name.value, at: Date.now() })));
}

function forget(form) {
  stored(() => localStorage.removeItem(draftOf(form)));
}

function restore(form) {
  const draft = stored(() => JSON.parse(localStorage.getItem(draftOf(form))));
  if (!draft || typeof draft.body !== "string" || form.elements.body.value) return;
  if (!(Date.now() - draft.at < KEPT_FOR)) return forget(form);
  form.elements.body.value = draft.body;
  form.elements.name.value ||= draft.name;
  form.querySelector("[data-message]").textContent = form.dataset.restored;
}

// Browsers may forbid storage, or have none left: then nothing is kept, and all else works.
function stored(act) {
  try {
    return act();
  } catch {
    return null;
  }
}
