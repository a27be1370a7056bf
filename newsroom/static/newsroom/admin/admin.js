"use strict";
/* select2 makes boxes of its own for fields that complete names, and leaves them without a name: give them the field's. */
{
  const words = (select) => select.getAttribute("aria-label") || select.labels[0]?.textContent.trim().replace(/:$/, "");

  const name = (root) => {
    for (const select of root.querySelectorAll("select.admin-autocomplete")) {
      const label = words(select);
      const made = select.parentElement.querySelector(".select2-container");
      if (!label || !made) {
        continue;
      }
      const parts = made.querySelectorAll(".select2-search__field, .select2-selection, .select2-selection__rendered");
      for (const part of parts) {
        part.setAttribute("aria-label", label);
      }
    }
  };

  // Django's own script makes the boxes when jQuery is ready, and was there first.
  window.django?.jQuery?.(() => name(document));
  document.addEventListener("formset:added", (event) => name(event.target));
}
