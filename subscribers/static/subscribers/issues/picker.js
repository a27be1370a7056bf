"use strict";
/* Finds what readers can see by its words, and hands over what is chosen. */
window.ArticlePicker = class ArticlePicker {
  /* `chosen(article)` adds one; `has(article)` says whether it is there already. */
  constructor(part, address, words, { chosen, has }) {
    Object.assign(this, { part, address, words, chosen, has, found: [] });
    this.input = part.querySelector("input");
    this.said = part.querySelector(".picker-found");
    this.list = part.querySelector(".picker-list");
    this.input.addEventListener("input", () => this.#soon());
    this.input.addEventListener("keydown", (event) => {
      /* Enter would send the whole form. */
      if (event.key === "Enter") event.preventDefault();
      if (event.key === "ArrowDown") {
        event.preventDefault();
        this.list.querySelector("button")?.focus();
      }
    });
    this.list.addEventListener("keydown", (event) => this.#walk(event));
    part.hidden = false;
    this.#search();
  }

  #soon() {
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => this.#search(), 250);
  }

  async #search() {
    const words = this.input.value.trim();
    this.asked = words;
    let answer;
    try {
      const response = await fetch(this.address + encodeURIComponent(words), { headers: { Accept: "application/json" } });
      if (!response.ok) throw new Error(response.statusText);
      answer = await response.json();
    } catch {
      answer = { said: this.words.failed, articles: [] };
    }
    /* Whoever types on asks again, and an older answer may come later. */
    if (this.asked !== words) return;
    this.found = answer.articles;
    this.said.textContent = answer.said;
    this.list.replaceChildren(...this.found.map((article) => this.#row(article)));
    this.show();
  }

  #row(article) {
    const row = document.createElement("li");
    const add = document.createElement("button");
    add.type = "button";
    add.className = "beside-act";
    const headline = document.createElement("span");
    headline.className = "item-headline";
    headline.dir = "auto";
    headline.textContent = article.headline;
    const about = document.createElement("span");
    about.className = "quiet";
    add.addEventListener("click", () => {
      if (!this.has(article)) this.chosen(article);
    });
    row.append(add, headline, about);
    return row;
  }

  /* What is in the issue already, as it stands now. */
  show() {
    this.found.forEach((article, at) => {
      const [add, , about] = this.list.children[at].children;
      const there = this.has(article);
      add.textContent = this.words.add;
      add.setAttribute("aria-label", `${this.words.add}: ${article.headline}`);
      add.setAttribute("aria-disabled", String(there));
      about.textContent = [article.about, there ? this.words.inIt : article.told].filter(Boolean).map((part) => `\u2068${part}\u2069`).join(" · ");
    });
  }

  #walk(event) {
    const way = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!way) return;
    event.preventDefault();
    const buttons = [...this.list.querySelectorAll("button")];
    const next = buttons.indexOf(event.target) + way;
    (next < 0 ? this.input : buttons[next])?.focus();
  }
};
