"use strict";
/* Warns before unsaved text is left behind. Without this script nothing else changes. */
{
  const form = document.getElementById("article_form");
  let dirty = false;
  let leavingOnPurpose = false;

  if (form) {
    const changed = () => { dirty = true; };
    form.addEventListener("input", changed);
    form.addEventListener("change", changed);
    form.addEventListener("submit", () => { leavingOnPurpose = true; });
    window.addEventListener("beforeunload", (event) => {
      if (dirty && !leavingOnPurpose) {
        event.preventDefault();
      }
    });
  }
}
