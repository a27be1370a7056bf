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

/* A form that comes back with errors begins where the first of them is. */
{
  const row = document.querySelector("#content form .errors, #content form .form-row:has(.errorlist), #content form tr:has(.errorlist)");
  const field = row?.querySelector("input:not([type=hidden]), select, textarea");
  // A field that completes names is hidden behind the box that select2 makes of it.
  const focus = () => {
    const box = field?.classList.contains("select2-hidden-accessible") && field.parentElement.querySelector(".select2-selection");
    (box || field)?.focus();
  };
  if (window.django?.jQuery) {
    window.django.jQuery(focus);
  } else {
    focus();
  }
}
