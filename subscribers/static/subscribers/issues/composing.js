"use strict";
/* The articles of an issue: added from the picker, put into another order, and removed. The fields are Django's rows. */
{
  const fill = (sentence, ...parts) => parts.reduce((text, part) => text.replace("%s", () => part), sentence);

  class Composing {
    constructor(group) {
      this.group = group;
      this.words = JSON.parse(document.getElementById("issue-words").textContent);
      this.list = group.querySelector(".issue-rows");
      this.template = group.querySelector("template");
      this.total = group.querySelector(`[name="${group.dataset.prefix}-TOTAL_FORMS"]`);
      this.said = group.querySelector(".beside-said");
      group.classList.add("is-equipped");
      this.order = new window.RowOrder(this.list, (row) => this.#moved(row));
      for (const row of this.rows) this.#equip(row);
      /* What was typed before and is put back (newsroom/admin/writing/restoring.js). */
      group.addEventListener("newsroom:add-row", ({ detail }) => { detail.index = this.#restored(detail.row); });
      group.addEventListener("newsroom:rows-restored", () => this.#sort());
      this.picker = new window.ArticlePicker(group.querySelector(".issue-picker"), group.dataset.address, this.words, {
        chosen: (article) => this.#add(article),
        has: (article) => Boolean(this.#of(article)),
      });
      this.#tell();
    }

    get rows() {
      return [...this.list.children];
    }

    #field(row, name) {
      return row.querySelector(`[name$="-${name}"]`);
    }

    #goes(row) {
      return this.#field(row, "DELETE").checked;
    }

    #staying() {
      return this.rows.filter((row) => !this.#goes(row));
    }

    #name(row) {
      return row.querySelector(".item-headline").textContent;
    }

    #of(article) {
      return this.#staying().find((row) => this.#field(row, "article").value === String(article.id));
    }

    #button(label, name, act) {
      const made = document.createElement("button");
      made.type = "button";
      made.className = `beside-act ${name}`;
      made.textContent = label;
      made.addEventListener("click", act);
      return made;
    }

    #equip(row) {
      const { words } = this;
      row.querySelector(".beside-drag").title = words.drag;
      row.querySelector(".beside-acts").prepend(
        this.#button(words.moveUp, "act-up", () => this.#step(row, -1)),
        this.#button(words.moveDown, "act-down", () => this.#step(row, 1)),
        this.#button(words.remove, "act-remove", () => this.#remove(row)),
      );
    }

    #add(article) {
      const gone = this.rows.find((row) => this.#field(row, "article").value === String(article.id));
      if (gone) {
        this.#remove(gone);
        return;
      }
      this.#append(article);
      this.#tell();
      this.#say(fill(this.words.added, article.headline));
    }

    #append(article) {
      const number = Number(this.total.value);
      const made = document.createElement("ol");
      made.innerHTML = this.template.innerHTML.replaceAll("__prefix__", String(number));
      const row = made.firstElementChild;
      this.#field(row, "article").value = String(article.id);
      this.#field(row, "article").dataset.label = article.headline;
      row.querySelector(".item-headline").textContent = article.headline;
      row.querySelector(".item-name").textContent = article.headline;
      row.querySelector(".item-about").textContent = article.about;
      this.total.value = String(number + 1);
      this.list.append(row);
      this.#equip(row);
      return number;
    }

    /* The number of the row of an article that was picked before: its own, or a new one. */
    #restored(typed) {
      const [[, id, headline = ""]] = typed.get("article");
      const there = this.rows.find((row) => this.#field(row, "article").value === id);
      return there ? Number(/-(\d+)-/.exec(this.#field(there, "article").name)[1]) : this.#append({ id, headline, about: "" });
    }

    #sort() {
      const place = (row) => Number(this.#field(row, "position").value);
      this.list.append(...this.rows.sort((one, other) => place(one) - place(other)));
      this.#tell();
    }

    #step(row, way) {
      if (!this.order.step(row, way, (one) => this.#goes(one))) this.#sayPlace(row);
      row.scrollIntoView({ block: "nearest" });
    }

    #moved(row) {
      this.#tell();
      this.#sayPlace(row);
    }

    #sayPlace(row) {
      const rows = this.#staying();
      this.#say(fill(this.words.nowAt, this.#name(row), rows.indexOf(row) + 1, rows.length));
    }

    /* A row that was never saved goes at once; another is marked, and can be kept. */
    #remove(row) {
      const box = this.#field(row, "DELETE");
      box.checked = !box.checked;
      this.#tell();
      this.#say(fill(box.checked ? this.words.nowRemoved : this.words.nowKept, this.#name(row)));
    }

    /* Positions and the names of buttons, by where the rows stand. */
    #tell() {
      const { words } = this;
      const staying = this.#staying();
      staying.forEach((row, at) => { this.#field(row, "position").value = String(at); });
      for (const row of this.rows) {
        const gone = this.#goes(row);
        row.classList.toggle("goes", gone);
        row.querySelector(".act-remove").textContent = gone ? words.keep : words.remove;
        for (const act of row.querySelectorAll(".beside-act")) act.setAttribute("aria-label", `${act.textContent}: ${this.#name(row)}`);
        row.querySelector(".act-up").setAttribute("aria-disabled", String(row === staying[0]));
        row.querySelector(".act-down").setAttribute("aria-disabled", String(row === staying.at(-1)));
      }
      this.picker?.show();
    }

    /* For the ear; twice the same is said twice. */
    #say(sentence) {
      clearTimeout(this.saying);
      this.said.textContent = "";
      this.saying = setTimeout(() => { this.said.textContent = sentence; }, 50);
    }
  }

  document.addEventListener("DOMContentLoaded", () => {
    const group = document.querySelector(".issue-items[data-address]");
    if (group) new Composing(group);
  });
}
