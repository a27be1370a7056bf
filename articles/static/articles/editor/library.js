"use strict";
/* The dialog in which a picture of the library is chosen or uploaded. Knows nothing of CKEditor. */
window.PictureLibrary = class PictureLibrary {
  static #known = new WeakMap();

  /* The one library of an editor's widget, which has the dialog and the words in its configuration. */
  static of(widget) {
    if (!PictureLibrary.#known.has(widget)) {
      const { words } = JSON.parse(widget.querySelector("textarea[data-config]").dataset.config).newsroom;
      PictureLibrary.#known.set(widget, new PictureLibrary(widget.querySelector(".picture-library"), words));
    }
    return PictureLibrary.#known.get(widget);
  }

  constructor(dialog, words) {
    this.dialog = dialog;
    this.words = words;
    this.address = dialog.dataset.address;
    this.form = dialog.closest("form");
    this.search = dialog.querySelector("input[type=search]");
    this.upload = dialog.querySelector("input[type=file]");
    this.status = dialog.querySelector(".picture-status");
    this.grid = dialog.querySelector(".picture-grid");
    this.more = dialog.querySelector("[data-act=more]");
    this.asked = 0;

    let waiting;
    this.search.addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = setTimeout(() => this.show(1), 250);
    });
    this.more.addEventListener("click", () => this.show(this.next));
    this.upload.addEventListener("change", () => this.take(this.upload.files[0]));
    dialog.querySelector("[data-act=close]").addEventListener("click", () => dialog.close());
    /* What is typed here belongs to no form, and Enter sends none. */
    dialog.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && event.target.matches("input")) event.preventDefault();
      event.stopPropagation();
    });
    for (const type of ["input", "change"]) dialog.addEventListener(type, (event) => event.stopPropagation());
    dialog.addEventListener("dragover", (event) => event.preventDefault());
    dialog.addEventListener("drop", (event) => {
      event.preventDefault();
      this.take(event.dataTransfer.files[0]);
    });
    dialog.addEventListener("close", () => { if (this.closed) this.closed(); });
  }

  /* Asked for each time: it changes when somebody signs in again. */
  get token() {
    return this.form.elements.namedItem("csrfmiddlewaretoken").value;
  }

  /* Opens the dialog; `chosen` is called with the picture, `closed` when the dialog goes. */
  open(chosen, closed) {
    this.chosen = chosen;
    this.closed = closed;
    this.dialog.showModal();
    this.search.focus();
    this.show(1);
  }

  async show(page) {
    const asked = ++this.asked;
    if (page === 1) this.say(this.status.dataset.searching);
    const query = new URLSearchParams({ q: this.search.value, page });
    const answer = await this.ask(`${this.address}?${query}`);
    if (asked !== this.asked) return;
    if (answer.error) {
      this.say(answer.error);
      return;
    }
    this.dialog.querySelector(".picture-upload").hidden = !answer.may_upload;
    if (page === 1) this.grid.replaceChildren();
    const items = answer.images.map((picture) => this.item(picture));
    this.grid.append(...items);
    if (page > 1 && items[0]) items[0].querySelector("button").focus();
    this.next = answer.next;
    this.more.hidden = !answer.next;
    this.say(this.grid.children.length ? "" : this.status.dataset.none);
  }

  item(picture) {
    const item = document.createElement("li");
    const button = document.createElement("button");
    button.type = "button";
    button.title = this.words.chosen.replace("%s", picture.name);
    const image = document.createElement("img");
    image.src = picture.src;
    image.alt = picture.alt;
    image.loading = "lazy";
    const name = document.createElement("span");
    name.dir = "auto";
    name.textContent = picture.caption || picture.alt || picture.name;
    button.append(image, name);
    button.addEventListener("click", () => this.give(picture));
    item.append(button);
    return item;
  }

  give(picture) {
    this.chosen(picture);
    this.dialog.close();
  }

  async take(file) {
    if (!file) return;
    this.say(this.words.uploading);
    const answer = await this.send(file);
    this.upload.value = "";
    if (answer.error) this.say(answer.error);
    else this.give(answer.image);
  }

  /* Uploads a file; the answer holds the picture, or one sentence that says why not. */
  send(file) {
    const body = new FormData();
    body.append("file", file);
    return this.ask(this.address, { method: "POST", body, headers: { "X-CSRFToken": this.token } });
  }

  /* The pictures with these keys. */
  async known(keys) {
    const answer = await this.ask(`${this.address}?${new URLSearchParams(keys.map((key) => ["id", key]))}`);
    return answer.images || [];
  }

  async ask(address, options = {}) {
    try {
      const response = await fetch(address, { ...options, credentials: "same-origin", redirect: "error" });
      return await response.json();
    } catch {
      return { error: this.words.failed };
    }
  }

  say(sentence) {
    this.status.textContent = sentence;
  }
};
