// Looks again at an import that is being read, as long as somebody watches. Without this script there is a link.

const EVERY = 3000; // milliseconds

setInterval(() => {
  if (document.visibilityState === "visible") window.location.reload();
}, EVERY);
