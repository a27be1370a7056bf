"use strict";
/* The focal point: set by a click or the arrow keys, with its crops beside it. The number fields hold it. */
{
  const { cropBox, hundredths, position } = window.Library;
  const place = document.querySelector("[data-focus]");
  const picture = place?.querySelector("img.preview");
  const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

  const start = () => {
    const point = place.querySelector(".focus-point");
    const told = place.querySelector("[data-told]");
    const fields = { x: document.getElementById("id_focal_x"), y: document.getElementById("id_focal_y") };
    const size = [Number(place.dataset.width), Number(place.dataset.height)];

    const now = (axis) => {
      const typed = fields[axis] ? fields[axis].valueAsNumber : Number(place.dataset[axis]);
      return hundredths(Number.isFinite(typed) ? typed : 0.5);
    };

    const draw = () => {
      const [x, y] = [now("x"), now("y")];
      for (const crop of place.querySelectorAll("[data-crop]")) {
        const box = cropBox(...size, Number(crop.dataset.across), Number(crop.dataset.down), x / 100, y / 100);
        const [left, top] = position(box, ...size);
        crop.querySelector("img").style.objectPosition = `${left}% ${top}%`;
      }
      if (!point) return;
      point.style.left = `${x}%`;
      point.style.top = `${y}%`;
      point.setAttribute("aria-label", said(x, y));
    };
    const said = (x, y) => place.dataset.said.replace("%(x)s", x).replace("%(y)s", y);

    const put = (x, y) => {
      fields.x.value = (hundredths(x / 100) / 100).toFixed(2);
      fields.y.value = (hundredths(y / 100) / 100).toFixed(2);
      for (const field of Object.values(fields)) field.dispatchEvent(new Event("change", { bubbles: true }));
      draw();
      told.textContent = said(now("x"), now("y"));
    };

    for (const shape of place.querySelectorAll("[data-crop] .crop-window")) {
      const copy = picture.cloneNode();
      copy.className = "";
      copy.alt = "";
      shape.append(copy);
    }
    place.querySelector("[data-crops]").hidden = false;
    const [width, height] = [Number(place.dataset.width), Number(place.dataset.height)];
    place.classList.toggle("focus-tiny", width < 192 && height < 2 * width);
    draw();
    if (!point || !fields.x || !fields.y) return;

    point.hidden = false;
    for (const help of place.querySelectorAll("[data-script]")) help.hidden = false;
    place.classList.add("focus-open");
    place.querySelector(".focus-picture").addEventListener("click", (event) => {
      if (event.target === point) return;
      const box = picture.getBoundingClientRect();
      put(((event.clientX - box.left) / box.width) * 100, ((event.clientY - box.top) / box.height) * 100);
      point.focus();
    });
    point.addEventListener("keydown", (event) => {
      if (event.altKey || event.ctrlKey || event.metaKey) return;
      const times = event.shiftKey ? 10 : 1;
      if (event.key === "Home") put(50, 50);
      else if (STEPS[event.key]) put(now("x") + STEPS[event.key][0] * times, now("y") + STEPS[event.key][1] * times);
      else return;
      event.preventDefault();
    });
    for (const field of Object.values(fields)) field.addEventListener("input", draw);
  };

  if (picture) start();
}
