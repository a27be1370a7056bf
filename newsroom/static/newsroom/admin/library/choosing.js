"use strict";
/* Choosing pictures of the grid: how many are, all of them at once, and with Shift all in between. */
{
  const bar = document.querySelector("[data-choosing]");
  const boxes = [...document.querySelectorAll(".picture-box")];

  const start = () => {
    const counter = bar.querySelector(".action-counter");
    const all = document.createElement("input");
    const label = document.createElement("label");
    all.type = "checkbox";
    label.className = "choose-all";
    label.append(all, ` ${bar.dataset.all}`);
    bar.querySelector(".actions").prepend(label);

    const count = () => {
      const chosen = boxes.filter((box) => box.checked).length;
      all.checked = chosen === boxes.length;
      all.indeterminate = chosen > 0 && chosen < boxes.length;
      if (counter) counter.textContent = bar.dataset.said.replace("%(chosen)s", chosen).replace("%(all)s", boxes.length);
      bar.classList.toggle("some-chosen", chosen > 0);
    };

    let last = -1;
    const choose = (event) => {
      const here = boxes.indexOf(event.target);
      if (event.shiftKey && last >= 0) {
        const [from, to] = [Math.min(here, last), Math.max(here, last)];
        for (const box of boxes.slice(from, to + 1)) box.checked = event.target.checked;
      }
      last = here;
      count();
    };

    counter?.setAttribute("role", "status");
    all.addEventListener("change", () => {
      for (const box of boxes) box.checked = all.checked;
      count();
    });
    for (const box of boxes) box.addEventListener("click", choose);
    // The browser's own "back" brings the boxes back as they were.
    window.addEventListener("pageshow", count);
    count();
  };

  if (bar && boxes.length) start();
}
