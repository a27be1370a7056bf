// Keeps in this browser that its reader has confirmed an address, and shows it with what they write next.
// It is a signed token, no cookie: pages stay the same for everybody. All works without this script.

const KEY = "comment-identity";

const handed = document.querySelector("[data-identity]");
if (handed) {
  const { identity, address, name } = handed.dataset;
  stored(() => localStorage.setItem(KEY, JSON.stringify({ identity, address, name })));
  handed.hidden = !read();
}

for (const form of document.querySelectorAll("form[data-comment]")) {
  show(form);
  form.querySelector("[data-forget]").addEventListener("click", () => {
    forget();
    form.elements.email.focus();
  });
  // The server does not know the token any more.
  form.addEventListener("comment-unknown", forget);
}

// In another tab an address was confirmed, or forgotten.
window.addEventListener("storage", (event) => {
  if (event.key === KEY || event.key === null) showAll();
});

function read() {
  const kept = stored(() => JSON.parse(localStorage.getItem(KEY)));
  return kept && typeof kept.identity === "string" && typeof kept.address === "string" ? kept : null;
}

function forget() {
  stored(() => localStorage.removeItem(KEY));
  showAll();
}

function showAll() {
  for (const form of document.querySelectorAll("form[data-comment]")) show(form);
}

function show(form) {
  const kept = read();
  form.querySelector("[data-unknown]").hidden = Boolean(kept);
  form.querySelector("[data-known]").hidden = !kept;
  form.elements.identity.value = kept ? kept.identity : "";
  if (!kept) return;
  const line = form.querySelector("[data-known-as]");
  line.textContent = line.dataset.knownAs.replace("{}", kept.address);
  if (typeof kept.name === "string") form.elements.name.value ||= kept.name;
}

// Browsers may forbid storage: then every comment's address is confirmed anew, and all else works.
function stored(act) {
  try {
    return act();
  } catch {
    return null;
  }
}
