// Leafing through a gallery by buttons and keys. Without this file it is a row to be pushed, or a plain list.

for (const gallery of document.querySelectorAll(".gallery:has(.gallery-bar)")) {
  leafThrough(gallery);
}

function leafThrough(gallery) {
  const track = gallery.querySelector(".gallery-track");
  const items = [...gallery.querySelectorAll(".gallery-list > li")];
  const previous = gallery.querySelector(".gallery-previous");
  const next = gallery.querySelector(".gallery-next");
  const status = gallery.querySelector(".gallery-status");
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  let shown = 0;
  let aim = null; // where a press of a button or key is still scrolling to
  let resumed = false; // that scroll went on after it had been cut short

  // Names and a place in the order of focus for what can be pushed sideways.
  track.tabIndex = 0;
  track.setAttribute("role", "group");
  track.setAttribute("aria-labelledby", "gallery-title");
  gallery.querySelector(".gallery-bar").hidden = false;

  previous.addEventListener("click", () => go((aim ?? shown) - 1));
  next.addEventListener("click", () => go((aim ?? shown) + 1));
  gallery.addEventListener("keydown", press);
  track.addEventListener("scroll", () => requestAnimationFrame(settle), { passive: true });
  track.addEventListener("scrollend", () => {
    // Where one scroll cut another one short, it goes on to where the last press sent it.
    if (aim !== null && !resumed && Math.abs(distance(items[aim])) >= 2) {
      resumed = true;
      scrollTo(items[aim], "instant");
      return;
    }
    aim = null;
    settle();
  });
  // Whoever pushes the row by hand is not held to where a button sent it.
  for (const by of ["wheel", "touchstart", "pointerdown"]) {
    track.addEventListener(by, () => (aim = null), { passive: true });
  }
  settle();

  function press(event) {
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) {
      return;
    }
    const forwards = getComputedStyle(track).direction === "rtl" ? "ArrowLeft" : "ArrowRight";
    const backwards = forwards === "ArrowLeft" ? "ArrowRight" : "ArrowLeft";
    const from = aim ?? shown;
    const to = { [forwards]: from + 1, [backwards]: from - 1, Home: 0, End: items.length - 1 }[event.key];
    if (to !== undefined) {
      event.preventDefault();
      go(to);
    }
  }

  function go(to) {
    if (to < 0 || to >= items.length) {
      return;
    }
    aim = to;
    resumed = false;
    tell(to);
    scrollTo(items[to], still.matches ? "instant" : "smooth");
  }

  // Not scrollBy(), which would stop at the first picture on the way.
  function scrollTo(item, behavior) {
    track.scrollTo({ left: track.scrollLeft + distance(item), behavior });
  }

  // How far to scroll, in pixels to the right, until the picture begins where the row begins.
  function distance(item) {
    const [place, frame] = [item.getBoundingClientRect(), track.getBoundingClientRect()];
    return getComputedStyle(track).direction === "rtl" ? place.right - frame.right : place.left - frame.left;
  }

  function settle() {
    const far = items.map((item) => Math.abs(distance(item)));
    const nearest = far.indexOf(Math.min(...far));
    if (aim !== null && far[aim] < 2) {
      aim = null; // for browsers that know no "scrollend"
    }
    tell(aim ?? nearest);
  }

  function tell(index) {
    if (index !== shown) {
      status.textContent = items[index].dataset.status; // only what is new is read out
      // The one that comes next is there when it is asked for.
      items[index + 1]?.querySelector("img")?.setAttribute("loading", "eager");
    }
    shown = index;
    previous.setAttribute("aria-disabled", String(index === 0));
    next.setAttribute("aria-disabled", String(index === items.length - 1));
  }
}
