// Brings the numbers of an issue that is being sent up to date while somebody watches. Without this script there is a link.

const EVERY = 2500; // milliseconds
const section = document.querySelector("[data-progress]");

async function look() {
  if (document.visibilityState !== "visible") return;
  const answer = await fetch(section.dataset.progress, { credentials: "same-origin", redirect: "error" });
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const now = section.querySelector(".progress");
  const fresh = page.querySelector(".progress");
  if (!fresh) return;
  // What can be done changes with the state: the whole page is asked for.
  if (fresh.dataset.state !== now.dataset.state) window.location.reload();
  else now.replaceWith(document.adoptNode(fresh));
}

async function keepLooking() {
  try {
    await look();
  } catch {
    // The server is away for a moment; the next look may find it.
  }
  setTimeout(keepLooking, EVERY);
}

if (section) setTimeout(keepLooking, EVERY);
