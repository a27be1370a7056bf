"use strict";
/* Whoever types a new value wants the field changed. */
for (const row of document.querySelectorAll(".bulk-row")) {
  const mark = row.querySelector(".checkbox-row input");
  row.querySelector(".bulk-value").addEventListener("input", (event) => {
    if (event.target.value) mark.checked = true;
  });
}
