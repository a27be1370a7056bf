"use strict";
/* A list of rows put into another order, with the pointer (by a handle) or with buttons. */
window.RowOrder = class RowOrder {
  /* `moved(row)` is called after a row came to another place. */
  constructor(list, moved) {
    Object.assign(this, { list, moved, dragged: null, target: null });
    list.addEventListener("pointerdown", (event) => this.#begin(event));
    list.addEventListener("pointermove", (event) => this.#over(event));
    list.addEventListener("pointerup", () => this.#drop());
    list.addEventListener("pointercancel", () => this.#end());
    document.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !this.dragged) return;
      event.preventDefault();
      this.#end();
    });
  }

  get rows() {
    return [...this.list.children];
  }

  /* One place up (-1) or down (1), past what is to be removed. The neighbour moves, so that the row keeps the focus. */
  step(row, way, passes) {
    let next = row;
    const steps = [];
    do {
      next = way < 0 ? next.previousElementSibling : next.nextElementSibling;
      if (next) steps.push(next);
    } while (next && passes(next));
    if (!next) return false;
    for (const one of steps) row[way < 0 ? "after" : "before"](one);
    if (way < 0) row.after(...steps.reverse());
    this.moved(row);
    return true;
  }

  #begin(event) {
    const handle = event.target.closest(event.pointerType === "touch" ? ".beside-drag" : ".beside-drag, .beside-shown");
    const row = handle?.closest(".beside-row");
    if (!row || event.button !== 0 || row.parentElement !== this.list) return;
    event.preventDefault();
    this.dragged = row;
    row.classList.add("is-dragged");
    /* Not the row, which moves at the end: a node that moves loses the pointer. */
    this.list.setPointerCapture(event.pointerId);
  }

  #over(event) {
    if (!this.dragged) return;
    this.y = event.clientY;
    this.#mark();
    this.#scroll();
  }

  #mark() {
    this.#unmark();
    const before = this.rows.find((row) => {
      const { top, height } = row.getBoundingClientRect();
      return this.y < top + height / 2;
    });
    this.target = before || null;
    if (before) before.classList.add("drops-before");
    else this.rows.at(-1)?.classList.add("drops-after");
  }

  /* Near the window's edge the page goes along. */
  #scroll() {
    if (this.scrolling) return;
    const go = () => {
      const way = this.y < 80 ? -1 : this.y > innerHeight - 120 ? 1 : 0;
      this.scrolling = this.dragged && way ? requestAnimationFrame(go) : 0;
      if (!this.scrolling) return;
      scrollBy(0, 10 * way);
      this.#mark();
    };
    go();
  }

  #drop() {
    const { dragged, target } = this;
    const marked = this.list.querySelector(".drops-before, .drops-after");
    this.#end();
    if (!dragged || !marked || target === dragged || (target && dragged.nextElementSibling === target)) return;
    if (!target && dragged === this.rows.at(-1)) return;
    if (target) target.before(dragged);
    else this.list.append(dragged);
    this.moved(dragged);
  }

  #unmark() {
    for (const name of ["drops-before", "drops-after"]) {
      for (const row of this.list.querySelectorAll(`.${name}`)) row.classList.remove(name);
    }
  }

  #end() {
    this.dragged?.classList.remove("is-dragged");
    this.dragged = null;
    this.#unmark();
  }
};
