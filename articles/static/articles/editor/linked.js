"use strict";
/* A word of a picture (caption, alt text, credit) that is the library's until the article has its own. What the library
   says is shown beside the field, with a way to make it one's own and a way back. Knows nothing of CKEditor. */
window.LinkedWord = class LinkedWord {
  /* `field`: {read(), write(text), focus()}. `place` is the element that shows the link, which it fills. */
  constructor(place, field, words) {
    Object.assign(this, { place, field, words, library: "", off: false });
    this.said = document.createElement("span");
    this.said.className = "linked-said";
    this.said.dir = "auto";
    this.button = document.createElement("button");
    this.button.type = "button";
    this.button.className = "linked-act";
    this.button.addEventListener("click", () => this.#act());
    place.replaceChildren(this.said, this.button);
    place.classList.add("linked");
  }

  static over(place, input, words) {
    const tell = () => {
      for (const type of ["input", "change"]) input.dispatchEvent(new Event(type, { bubbles: true }));
    };
    const word = new LinkedWord(place, {
      read: () => input.value,
      write: (text) => { input.value = text; tell(); },
      focus: () => input.focus(),
    }, words);
    input.addEventListener("input", () => word.show());
    return word;
  }

  /* Shows what the library says now; nothing while `off`, as for a picture that is decorative. */
  show(library = this.library, off = this.off) {
    Object.assign(this, { library: library || "", off });
    const own = this.field.read().trim();
    const { words } = this;
    const state = off ? "off" : own ? (own === this.library.trim() ? "same" : "own") : "linked";
    const sentences = {
      off: "",
      same: words.same,
      own: this.library && words.librarySays.replace("%s", this.library),
      linked: this.library ? words.linked.replace("%s", this.library) : words.libraryLacks,
    };
    this.said.textContent = sentences[state];
    this.place.dataset.state = state;
    this.place.classList.toggle("is-empty", !this.library);
    this.place.hidden = !sentences[state];
    this.button.hidden = !this.library || !["own", "linked"].includes(state);
    this.button.textContent = state === "own" ? words.useLibrary : words.makeOwn;
  }

  #act() {
    const goesBack = this.place.dataset.state === "own";
    this.field.write(goesBack ? "" : this.library);
    this.show();
    (goesBack ? this.button : this.field).focus();
  }
};
