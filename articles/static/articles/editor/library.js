"use strict";
/* The dialog in which pictures of the library are chosen or uploaded. Knows nothing of CKEditor. */
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
    const part = (name) => dialog.querySelector(name);
    this.search = part("input[type=search]");
    this.upload = part("input[type=file]");
    this.status = part(".picture-status");
    this.uploads = part(".picture-uploads");
    this.grid = part(".picture-grid");
    this.more = part("[data-act=more]");
    this.add = part(".picture-add");
    this.asked = 0;
    this.picked = new Map();
    this.uploading = new window.PictureUploading(this.address, () => this.form.elements.namedItem("csrfmiddlewaretoken").value, words);

    let waiting;
    this.search.addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = setTimeout(() => this.show(1), 250);
    });
    this.more.addEventListener("click", () => this.show(this.next));
    this.upload.addEventListener("change", () => this.take(this.upload.files));
    part("[data-act=close]").addEventListener("click", () => dialog.close());
    part("[data-act=add]").addEventListener("click", () => this.give([...this.picked.values()]));
    /* What is typed here belongs to no form, and Enter sends none. */
    dialog.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && event.target.matches("input")) event.preventDefault();
      event.stopPropagation();
    });
    for (const type of ["input", "change"]) dialog.addEventListener(type, (event) => event.stopPropagation());
    dialog.addEventListener("dragover", (event) => event.preventDefault());
    dialog.addEventListener("drop", (event) => {
      event.preventDefault();
      this.take(event.dataTransfer.files);
    });
    dialog.addEventListener("paste", (event) => {
      if (event.clipboardData.files.length) this.take(event.clipboardData.files);
    });
    dialog.addEventListener("close", () => { if (this.closed) this.closed(); });
  }

  /* Opens the dialog; `chosen` is called with the picture, `closed` when the dialog goes. With `several`, a list of
     pictures is chosen, and `chosen` is called with it. */
  open(chosen, closed, { several = false } = {}) {
    Object.assign(this, { chosen, closed, several });
    this.picked.clear();
    this.uploads.replaceChildren();
    this.upload.multiple = several;
    this.#count();
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
    if (picture.src) image.src = picture.src;
    image.alt = picture.alt;
    image.loading = "lazy";
    const name = document.createElement("span");
    name.dir = "auto";
    name.textContent = picture.caption || picture.alt || picture.name;
    button.append(image, name);
    const press = () => button.setAttribute("aria-pressed", String(this.picked.has(picture.id)));
    if (this.several) press();
    button.addEventListener("click", () => {
      if (!this.several) {
        this.give(picture);
        return;
      }
      if (!this.picked.delete(picture.id)) this.picked.set(picture.id, picture);
      press();
      this.#count();
    });
    item.append(button);
    return item;
  }

  #count() {
    this.add.hidden = !this.several;
    this.add.querySelector("span").textContent = this.words.manyChosen.replace("%s", this.picked.size);
    this.add.querySelector("button").disabled = !this.picked.size;
  }

  give(chosen) {
    this.chosen(chosen);
    this.dialog.close();
  }

  /* Uploads files. One is chosen by that; several are picked, and stand first in the grid. */
  async take(files) {
    const { asked, several } = this;
    this.say("");
    await this.uploading.all(several ? files : [...files].slice(0, 1), this.uploads, (picture) => {
      if (!this.dialog.open || several !== this.several) return;
      if (!several) {
        this.give(picture);
        return;
      }
      this.picked.set(picture.id, picture);
      if (asked === this.asked) this.grid.prepend(this.item(picture));
      this.#count();
    });
    this.upload.value = "";
  }

  /* Uploads a file; the answer holds the picture, or one sentence that says why not. */
  send(file, tell) {
    return this.uploading.send(file, tell);
  }

  /* The pictures with these keys. */
  async known(keys) {
    const answer = await this.ask(`${this.address}?${new URLSearchParams(keys.map((key) => ["id", key]))}`);
    return answer.images || [];
  }

  async ask(address) {
    try {
      const response = await fetch(address, { credentials: "same-origin", redirect: "error" });
      return await response.json();
    } catch {
      return { error: this.words.failed };
    }
  }

  say(sentence) {
    this.status.textContent = sentence;
  }
};
