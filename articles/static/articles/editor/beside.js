"use strict";
/* Lead image and gallery: chosen from the same library as pictures in the text, ordered, and their words edited in place.
   The fields are those of Django's rows; this fills them, and hides those that it makes superfluous. */
{
  const WORDS = ["caption", "alt", "credit"];
  const fill = (sentence, ...parts) => parts.reduce((text, part) => text.replace("%s", () => part), sentence);

  function button(label, name, act) {
    const made = document.createElement("button");
    made.type = "button";
    made.className = `beside-act ${name}`;
    made.textContent = label;
    made.addEventListener("click", act);
    return made;
  }

  class Beside {
    constructor(group, library) {
      Object.assign(this, { group, library, words: library.words });
      this.form = group.closest("form");
      this.prefix = group.id.replace(/-group$/, "");
      this.said = group.querySelector(".beside-said");
      this.uploads = group.querySelector(".picture-uploads");
      const list = (place) => group.querySelector(`[data-place="${place}"] .beside-rows`);
      this.lists = { lead: list("lead"), gallery: list("gallery") };
      this.order = new window.RowOrder(this.lists.gallery, (row) => this.#moved(row));
      this.known = new WeakMap();
      this.links = new WeakMap();
    }

    start() {
      this.group.classList.add("is-equipped");
      this.#addButtons();
      for (const row of this.rows) this.#equip(row);
      document.addEventListener("formset:added", ({ target, detail }) => {
        if (detail.formsetName === this.prefix) this.#added(target);
      });
      /* select2 and restored texts tell jQuery alone. */
      window.django.jQuery(this.group).on("change", (event) => this.#changed(event.target));
      this.#listenToFiles();
      this.#tell();
    }

    // Rows -----------------------------------------------------------------------------------

    get rows() {
      return [...this.group.querySelectorAll(".beside-row:not(.empty-form)")];
    }

    field(row, name) {
      return row.querySelector(`[name$="-${name}"]`);
    }

    goes(row) {
      return Boolean(this.field(row, "DELETE")?.checked);
    }

    /* Those of a place that stay when the form is saved. */
    staying(place) {
      return [...this.lists[place].children].filter((row) => !this.goes(row));
    }

    nameOf(row) {
      return this.known.get(row)?.name || this.words.empty;
    }

    #write(field, value) {
      if (!field || field.value === value) return;
      field.value = value;
      this.busy = true;
      field.dispatchEvent(new Event("change", { bubbles: true }));
      this.busy = false;
    }

    #number() {
      for (const row of this.staying("lead")) this.#write(this.field(row, "position"), "0");
      this.staying("gallery").forEach((row, at) => this.#write(this.field(row, "position"), String(at)));
    }

    #equip(row) {
      const { words } = this;
      const acts = row.querySelector(".beside-acts");
      const drag = document.createElement("span");
      drag.className = "beside-drag";
      drag.title = words.drag;
      drag.setAttribute("aria-hidden", "true");
      row.prepend(drag);
      acts.prepend(
        button(words.moveUp, "act-up", () => this.#step(row, -1)),
        button(words.moveDown, "act-down", () => this.#step(row, 1)),
        button(words.makeLead, "act-lead", () => this.#place(row, "lead")),
        button(words.makeGallery, "act-gallery", () => this.#place(row, "gallery")),
        button(words.fromLibrary, "act-choose picture-choose", ({ target }) => {
          this.library.open((picture) => this.#choose(row, picture), () => target.focus());
        }),
        button(words.remove, "act-remove", () => this.#remove(row)),
      );
      const links = {};
      for (const word of WORDS) {
        const place = row.querySelector(`[data-linked="${word}"]`);
        place.id = `${this.field(row, word).id}-linked`;
        this.field(row, word).setAttribute("aria-describedby", place.id);
        links[word] = window.LinkedWord.over(place, this.field(row, word), words);
        this.field(row, word).addEventListener("input", () => this.#show(row));
      }
      this.links.set(row, links);
      if (row.dataset.known) this.known.set(row, JSON.parse(row.dataset.known));
      else if (this.field(row, "image").value) this.#look(row);
      this.#show(row);
    }

    #added(row) {
      const place = this.staying("lead").length ? "gallery" : "lead";
      this.#equip(row);
      row.querySelector("details").open = true;
      this.#put(row, place);
      this.#number();
      this.#tell();
    }

    /* Thumbnail and words as the library has them; those typed here stay. */
    #show(row) {
      const picture = this.known.get(row);
      const shown = row.querySelector(".beside-shown");
      const old = shown.querySelector("img");
      if (picture?.src && old?.getAttribute("src") !== picture.src) {
        const image = document.createElement("img");
        image.className = "thumb";
        image.alt = "";
        image.src = picture.src;
        shown.replaceChildren(image);
      } else if (!picture?.src) shown.replaceChildren();
      row.querySelector(".beside-name").textContent = picture?.name || "";
      row.classList.toggle("has-picture", Boolean(picture));
      for (const [word, link] of Object.entries(this.links.get(row))) link.show(picture?.[word], word === "alt" && Boolean(picture?.decorative));
      this.#sum(row, picture);
    }

    /* What readers get of it, in a line: where the words are closed they are read all the same. */
    #sum(row, picture) {
      const { words } = this;
      const [caption, alt, credit] = WORDS.map((word) => this.field(row, word).value.trim() || picture?.[word] || "");
      const bare = picture?.decorative ? words.decorative : alt ? fill(words.says, alt) : picture && words.noAlt;
      const parts = [[picture?.barred, "is-wrong"], [caption, ""], [bare, alt || picture?.decorative ? "" : "is-wrong"], [credit, ""]];
      let list = row.querySelector(".beside-sum");
      if (!list) {
        list = document.createElement("span");
        list.className = "beside-sum";
        row.querySelector("summary").append(list);
      }
      list.replaceChildren(...parts.filter(([text]) => text).map(([text, name]) => {
        const part = document.createElement("span");
        part.dir = "auto";
        part.textContent = text;
        if (name) part.className = name;
        return part;
      }));
    }

    // The picture of a row -------------------------------------------------------------------

    #choose(row, picture) {
      const select = this.field(row, "image");
      const key = String(picture.id);
      if (select.value && select.value !== key) {
        /* They belonged to the picture that goes. The caption was written for the article, and is seen. */
        this.#write(this.field(row, "alt"), "");
        this.#write(this.field(row, "credit"), "");
      }
      this.known.set(row, picture);
      if (![...select.options].some((option) => option.value === key)) select.add(new Option(picture.name, key));
      select.value = key;
      select.dispatchEvent(new Event("change", { bubbles: true }));
      this.#show(row);
      this.#tell();
    }

    /* One that was chosen by its name, or kept by the browser or a refused form. */
    async #look(row) {
      const key = this.field(row, "image").value;
      if (key && String(this.known.get(row)?.id) === key) return;
      const [picture] = key ? await this.library.known([key]) : [];
      if (this.field(row, "image").value !== key) return;
      if (picture) this.known.set(row, picture);
      else this.known.delete(row);
      this.#show(row);
      this.#tell();
    }

    // Place and order ------------------------------------------------------------------------

    /* At the end of the rows of that place. Of two lead images the one that was there steps back. */
    #put(row, place, { first = false } = {}) {
      if (place === "lead") {
        for (const former of this.staying("lead").filter((one) => one !== row)) {
          this.#put(former, "gallery", { first: true });
          this.say(fill(this.words.steppedBack, this.nameOf(former)));
        }
      }
      this.#write(this.field(row, "place"), place);
      if (place === "lead") row.querySelector("details").open = true;
      this.lists[place][first ? "prepend" : "append"](row);
    }

    #place(row, place) {
      this.#put(row, place, { first: true });
      this.#number();
      this.#tell();
      row.querySelector(place === "lead" ? ".act-gallery" : ".act-lead").focus();
      this.say(fill(place === "lead" ? this.words.nowLead : this.words.nowInGallery, this.nameOf(row)));
    }

    #step(row, way) {
      if (!this.order.step(row, way, (one) => this.goes(one))) {
        const rows = this.staying("gallery");
        this.say(fill(this.words.nowAt, this.nameOf(row), rows.indexOf(row) + 1, rows.length));
      }
      row.scrollIntoView({ block: "nearest" });
    }

    #moved(row) {
      this.#number();
      this.#tell();
      const rows = this.staying("gallery");
      this.say(fill(this.words.nowAt, this.nameOf(row), rows.indexOf(row) + 1, rows.length));
    }

    #remove(row) {
      const box = this.field(row, "DELETE");
      box.checked = !box.checked;
      box.dispatchEvent(new Event("change", { bubbles: true }));
      this.#number();
      this.#tell();
      this.say(fill(box.checked ? this.words.nowRemoved : this.words.nowKept, this.nameOf(row)));
    }

    /* Changed by somebody else than this script: a restored text, a search by name. */
    #changed(field) {
      const row = field.closest(".beside-row");
      if (!row || this.busy || row.classList.contains("empty-form")) return;
      const name = field.name?.split("-").at(-1);
      if (name === "image") this.#look(row);
      if (name === "place") this.#put(row, field.value === "lead" ? "lead" : "gallery");
      if (name === "position" || name === "place") this.#sortSoon();
      if (name === "DELETE") this.#tell();
      if (WORDS.includes(name)) this.#show(row);
    }

    #sortSoon() {
      clearTimeout(this.sorting);
      this.sorting = setTimeout(() => {
        const at = (row) => Number(this.field(row, "position").value) || 0;
        const rows = [...this.lists.gallery.children];
        const sorted = rows.toSorted((one, other) => at(one) - at(other));
        if (sorted.some((row, index) => row !== rows[index])) this.lists.gallery.append(...sorted);
        this.#tell();
      }, 0);
    }

    // What is told ---------------------------------------------------------------------------

    /* The names of rows and buttons, by where they stand. */
    #tell() {
      const { words } = this;
      for (const [place, list] of Object.entries(this.lists)) {
        const rows = [...list.children];
        if (rows.length) {
          list.setAttribute("role", "list");
          list.setAttribute("aria-labelledby", list.dataset.labelledBy);
        } else {
          list.removeAttribute("role");
          list.removeAttribute("aria-labelledby");
        }
        for (const row of rows) {
          const gone = this.goes(row);
          const name = this.nameOf(row);
          row.setAttribute("role", "listitem");
          row.classList.toggle("goes", gone);
          row.querySelector(".act-remove").textContent = gone ? words.keep : words.remove;
          row.querySelector(".act-choose").textContent = this.known.get(row) ? words.another : words.fromLibrary;
          for (const act of row.querySelectorAll(".beside-act")) act.setAttribute("aria-label", `${act.textContent}: ${name}`);
          const staying = this.staying(place);
          for (const [act, end] of [[".act-up", staying[0]], [".act-down", staying.at(-1)]]) {
            row.querySelector(act).setAttribute("aria-disabled", String(row === end));
          }
        }
      }
      this.lead.hidden = this.staying("lead").length > 0;
    }

    /* For the ear; twice the same is said twice. */
    say(sentence) {
      this.queue = this.queue ? `${this.queue} ${sentence}` : sentence;
      clearTimeout(this.saying);
      this.said.textContent = "";
      this.saying = setTimeout(() => {
        this.said.textContent = this.queue;
        this.queue = "";
      }, 50);
    }

    // More of them ---------------------------------------------------------------------------

    #addButtons() {
      const { words, group } = this;
      const link = group.querySelector(".add-row a");
      this.lead = button(words.addLead, "beside-add", () => {
        this.library.open((picture) => this.add(picture, "lead"), () => (this.lead.hidden ? this.#last("lead") : this.lead).focus());
      });
      const more = button(words.addGallery, "beside-add", () => {
        const add = (pictures) => { for (const picture of pictures) this.add(picture, "gallery"); };
        this.library.open(add, () => more.focus(), { several: true });
      });
      this.lists.lead.after(this.lead);
      this.lists.gallery.after(more);
      if (!link) for (const one of [this.lead, more]) one.remove();
    }

    #last(place) {
      return this.staying(place).at(-1).querySelector(".act-choose");
    }

    add(picture, place) {
      const before = new Set(this.rows);
      this.group.querySelector(".add-row a").click();
      const row = this.rows.find((one) => !before.has(one));
      if (!row) return;
      if (place === "gallery") row.querySelector("details").open = false;
      this.#choose(row, picture);
      this.#put(row, place);
      this.#number();
      this.#tell();
      this.say(fill(this.words.added, picture.name));
    }

    #listenToFiles() {
      const { carries } = window.PictureSending;
      const over = (part) => {
        for (const one of this.group.querySelectorAll(".beside-part")) one.classList.toggle("is-over", one === part);
      };
      this.group.addEventListener("dragover", (event) => {
        if (!carries(event)) return;
        event.preventDefault();
        event.dataTransfer.dropEffect = "copy";
        over(event.target.closest(".beside-part") || this.lists.gallery.closest(".beside-part"));
      });
      this.group.addEventListener("dragleave", (event) => { if (!this.group.contains(event.relatedTarget)) over(null); });
      this.group.addEventListener("drop", (event) => {
        if (!carries(event)) return;
        event.preventDefault();
        over(null);
        let place = event.target.closest("[data-place]")?.dataset.place || "gallery";
        this.library.uploading.all(event.dataTransfer.files, this.uploads, (picture) => {
          this.add(picture, place);
          place = "gallery";
        });
      });
    }
  }

  document.addEventListener("DOMContentLoaded", () => {
    const editor = document.querySelector(".django-ckeditor-widget");
    const group = document.querySelector(".pictures-beside:has(.beside-said)");
    /* Django's own script makes its button when jQuery is ready, and was there first. */
    if (editor && group) window.django.jQuery(() => new Beside(group, window.PictureLibrary.of(editor)).start());
  });
}
