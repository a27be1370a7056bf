"use strict";
/* Offers what was typed before and not saved: in this browser's journal, or in the server's slots. */
{
  const Writing = (window.Writing ??= {});
  const ANSWERS = 200; // ms in which another window of this browser says that it is open

  const list = (typed, name) => typed.filter(([one]) => one === name);

  function plainText(html) {
    const { body } = new DOMParser().parseFromString(html, "text/html");
    for (const block of body.querySelectorAll("p, h2, h3, h4, li, tr, figure, blockquote")) block.append("\n");
    return body.textContent.trim();
  }

  /* Says to other windows of this browser that this one is open, and asks for them. */
  Writing.Neighbours = class Neighbours {
    constructor(keeper) {
      this.channel = "BroadcastChannel" in window ? new BroadcastChannel("newsroom-writing") : null;
      this.alive = new Set();
      this.channel?.addEventListener("message", ({ data }) => {
        if (data.open) this.alive.add(data.open);
        if (data.ask) this.channel.postMessage({ open: keeper.name });
      });
    }

    async open() {
      if (!this.channel) return this.alive;
      this.alive.clear();
      this.channel.postMessage({ ask: true });
      await new Promise((resolve) => { setTimeout(resolve, ANSWERS); });
      return this.alive;
    }
  };

  Writing.Offers = class Offers {
    constructor(form, place, words, { keeper, server, journal, status }) {
      Object.assign(this, { form, place, words, keeper, server, journal, status });
      this.section = document.getElementById("writing-offer");
      this.part = document.getElementById("writing-parts").content.querySelector(".writing-offer");
      this.neighbours = new Writing.Neighbours(keeper);
    }

    async load() {
      const slots = JSON.parse(document.getElementById("writing-slots").textContent);
      const entries = await this.#entries();
      const here = new Map(entries.filter((one) => one.article === this.place.article).map((one) => [one.window, one]));
      const found = new Map(slots.map((slot) => [slot.window, { ...slot, here: here.has(slot.window) }]));
      for (const [name, entry] of here) {
        if (!(found.get(name)?.number >= entry.number)) found.set(name, { ...entry, here: true });
      }
      const own = found.get(this.keeper.name);
      if (own) this.keeper.after(own.number);
      found.delete(this.keeper.name);
      await this.#offer([...found.values()]);
      this.#replay(entries);
    }

    /* What the journal has of this user and nobody has saved or discarded. */
    async #entries() {
      let entries = [];
      try {
        entries = await this.journal.all();
      } catch {
        return [];
      }
      if (!entries.length) return [];
      const { settled = [] } = await this.server.session(entries.map((entry) => entry.window));
      const oldest = Date.now() - Number(this.place.days) * 86_400_000;
      const done = (entry) => settled.includes(entry.window) || (entry.at < oldest && entry.sent >= entry.number);
      for (const entry of entries.filter(done)) this.journal.forget(entry.article, [entry.window]).catch(() => {});
      return entries.filter((entry) => !done(entry));
    }

    /* Brings to the server what was typed while it did not answer, of whichever article. */
    async #replay(entries) {
      for (const entry of entries.filter((one) => !(one.sent >= one.number) && one.window !== this.keeper.name)) {
        const { state } = await this.server.keep(entry);
        if (state === "kept") await this.journal.confirm(entry, entry.number).catch(() => {});
        if (state === "away" || state === "signedOut" || state === "stranger") return;
      }
    }

    async #offer(found) {
      if (!found.length) return;
      const present = this.keeper.read();
      const news = found.filter((one) => Writing.differences(one.typed, present).length);
      const alive = await this.neighbours.open();
      /* The same as what is saved: nothing to offer. */
      const idle = found.filter((one) => !news.includes(one) && !alive.has(one.window)).map((one) => one.window);
      if (idle.length && !this.keeper.differs) this.#forget(idle);
      news.sort((one, other) => new Date(other.at) - new Date(one.at));
      for (const one of news) this.#show(one, alive.has(one.window));
    }

    async #forget(names) {
      const answer = await this.server.discard(this.place.discarding, names);
      if (answer.state === "kept") await this.journal.forget(this.place.article, names).catch(() => {});
      return answer;
    }

    #show(one, open) {
      const notice = this.part.cloneNode(true);
      const part = (name) => notice.querySelector(`[data-${name}]`);
      const sentence = this.words[open ? "open" : one.here ? "here" : "elsewhere"];
      const headline = list(one.typed, this.place.heading)[0]?.[1];
      const time = Writing.moment(one.at, this.place.zone);
      part("sentence").textContent = Writing.fill(sentence, { time });
      if (headline) {
        const name = document.createElement("bdi");
        name.textContent = headline;
        part("sentence").append(" ", name);
      }
      const began = Writing.basedOn(this.form);
      if (one.basedOn && String(one.basedOn) !== began) {
        part("older").textContent = this.words.older;
        part("older").hidden = false;
      }
      part("restore").addEventListener("click", () => this.#restore(one, notice, open));
      part("discard").addEventListener("click", () => this.#discard(one, notice));
      part("compare").addEventListener("click", (event) => this.#compare(one, notice, event.currentTarget));
      this.section.append(notice);
      this.section.hidden = false;
    }

    #remove(notice) {
      notice.remove();
      this.section.hidden = !this.section.children.length;
    }

    #restore(one, notice, open) {
      const { keeper } = this;
      let aside = null;
      if (keeper.differs) {
        keeper.keepHere();
        aside = keeper.entry;
        keeper.rename();
      }
      Writing.restore(this.form, one);
      keeper.restoredField.value = `${keeper.restoredField.value} ${one.window}.${one.number}`.trim();
      keeper.touched();
      if (!this.place.autosave && !open) this.#takeOver(one);
      this.#remove(notice);
      if (aside) {
        this.#show({ ...aside, here: true }, false);
        this.#replay([aside]);
      }
      this.status.say(aside ? `${this.words.restored} ${this.words.setAside}` : this.words.restored);
      this.form.elements.namedItem(this.place.heading)?.focus();
    }

    /* Where the journal is all there is, this window's entry takes the place of the one that was restored. */
    async #takeOver(one) {
      await this.keeper.keepHere();
      if (!this.keeper.noJournal) this.#forget([one.window]);
    }

    async #discard(one, notice) {
      const answer = await this.#forget([one.window]);
      const done = answer.state === "kept";
      if (done) this.#remove(notice);
      this.status.say(answer.error || (done ? this.words.discarded : this.words.notDiscarded));
      if (done) this.form.elements.namedItem(this.place.heading)?.focus();
    }

    // Both side by side ----------------------------------------------------------------------

    #compare(one, notice, button) {
      const place = notice.querySelector(".writing-differences");
      place.hidden = !place.hidden;
      button.setAttribute("aria-expanded", String(!place.hidden));
      if (place.hidden) return;
      const present = this.keeper.read();
      const headings = [...place.querySelectorAll("thead th")].slice(1).map((head) => head.textContent);
      const differ = Writing.differences(one.typed, present).filter((name) => this.#tells(name, one.typed));
      const rows = differ.map((name) => this.#row(name, [present, one.typed], headings));
      place.querySelector("tbody").replaceChildren(...rows);
    }

    #row(name, texts, headings) {
      const row = document.createElement("tr");
      const head = document.createElement("th");
      head.scope = "row";
      head.textContent = this.#labelOf(name);
      row.append(head);
      for (const [at, from] of texts.entries()) {
        const cell = document.createElement("td");
        cell.dataset.heading = headings[at];
        cell.dir = "auto";
        cell.textContent = list(from, name).map((entry) => this.#said(entry)).join(", ") || this.words.nothing;
        row.append(cell);
      }
      return row;
    }

    /* The field of that name, or for a row that is not there the one that rows are made of. */
    #fieldOf(name) {
      const model = name.replace(/-\d+-(?=[^-]+$)/, "-__prefix__-");
      const models = [...this.form.querySelectorAll("template")].flatMap((one) => [...one.content.querySelectorAll("[name]")]);
      const fields = [...this.form.elements, ...models];
      return fields.find((field) => field.name === name) || fields.find((field) => field.name === model);
    }

    /* Keys of rows say nothing to people. */
    #tells(name, typed) {
      return this.#fieldOf(name)?.type !== "hidden" || list(typed, name).some((entry) => entry.length > 2);
    }

    #labelOf(name) {
      const field = this.#fieldOf(name);
      const label = field?.labels?.[0] || field?.getRootNode().querySelector(`label[for="${CSS.escape(field.id)}"]`);
      const own = (field?.getAttribute("aria-label") || label?.textContent || "").trim().replace(/:$/, "");
      const [, prefix] = /^(.+)-\d+-/.exec(name) || [];
      const group = prefix && document.querySelector(`#${CSS.escape(prefix)}-heading`)?.textContent.trim();
      return [group, own].filter(Boolean).join(": ") || name;
    }

    #said([name, value, label]) {
      if (label) return label;
      if (Writing.HTML.has(name)) return plainText(value);
      const field = this.#fieldOf(name);
      if (field?.type === "checkbox") return "✓";
      return [...(field?.options || [])].find((option) => option.value === value)?.text || value;
    }
  };
}
