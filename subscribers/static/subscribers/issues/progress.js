// Brings the numbers of an issue that is being sent up to date while somebody watches. Without this script there is a link.

const EVERY = 2500; // milliseconds
const section = document.querySelector("[data-progress]");
const said = section?.querySelector("[data-progress-said]");

async function pageAt(address) {
  const answer = await fetch(address, { credentials: "same-origin", redirect: "error" });
  return answer.ok ? new DOMParser().parseFromString(await answer.text(), "text/html") : null;
}

// Whether there is more to come.
async function look() {
  if (document.visibilityState !== "visible") return true;
  const now = section.querySelector(".progress");
  const fresh = (await pageAt(section.dataset.progress))?.querySelector(".progress");
  if (!fresh) return true;
  const changed = fresh.dataset.state !== now.dataset.state;
  now.replaceWith(document.adoptNode(fresh));
  // Said aloud are the sentences alone, each once; not every number.
  const sentence = fresh.querySelector(".progress-said").textContent;
  if (said.textContent !== sentence) said.textContent = sentence;
  if (changed) await showWhatCanBeDone();
  if ("moves" in fresh.dataset) return true;
  section.querySelector("[data-look-again]").remove();
  return false;
}

// It changes with the state. What somebody types or has chosen stays, and so does what is said aloud.
async function showWhatCanBeDone() {
  const page = await pageAt(window.location.href);
  if (!page) return;
  for (const selector of [".states", "[aria-labelledby=next-heading]", "[aria-labelledby=events-heading]"]) {
    const old = document.querySelector(selector);
    const fresh = page.querySelector(selector);
    if (old && fresh && !old.contains(document.activeElement)) old.replaceWith(document.adoptNode(fresh));
  }
}

async function keepLooking() {
  let more = true;
  try {
    more = await look();
  } catch {
    // The server is away for a moment; the next look may find it.
  }
  if (more) setTimeout(keepLooking, EVERY);
}

if (said) setTimeout(keepLooking, EVERY);
