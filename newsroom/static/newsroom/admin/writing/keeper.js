"use strict";
/* Keeps what is typed in the form: in the journal within a second, at the server some seconds after the last letter.
   Where `place.autosave` is empty the journal is all there is. */
{
  const Writing = (window.Writing ??= {});
  const JOURNAL = 500; // ms after the first letter that is not in it
  const PAUSE = 2_500; // ms without a letter, then the server gets it
  const LONGEST = 15_000; // ms that the server waits at most while somebody types
  const RETRIES = [2_000, 4_000, 8_000, 15_000, 30_000, 60_000];
  const FRESH = 3_000; // ms that an answer of the server vouches for the next request
  const CARRIED = 60_000; // bytes that a browser carries to the server while it leaves a page

  /* Letters alone: an address with a long row of digits counts as damaged. */
  const newName = () => [...crypto.getRandomValues(new Uint8Array(20))].map((one) => String.fromCharCode(97 + (one % 26))).join("");

  Writing.Keeper = class Keeper {
    constructor(form, place, journal, server, status) {
      Object.assign(this, { form, place, journal, server, status });
      this.nameField = form.elements.namedItem("window");
      this.restoredField = form.elements.namedItem("restored");
      this.base = JSON.stringify(Writing.read(form, true));
      this.journalled = ""; // what the journal has, as JSON
      this.sent = ""; // what the server has
      this.failures = 0;
      this.troubleSince = null;
      this.refusal = "";
      this.unsent = false; // somebody pressed “Save” in vain
      this.submitted = null;
      this.onSignedOut = () => {};
      if (this.nameField.value) this.#goOn();
      else this.rename();
    }

    /* A form that was refused: the same window, and all that is in it is unsaved. */
    #goOn() {
      this.name = this.nameField.value;
      this.base = this.entryText = "";
      this.number = 0;
    }

    /* As another window: what was kept under the old name stays as it is. */
    rename() {
      this.name = newName();
      this.nameField.value = this.name;
      this.number = 0;
      this.journalled = this.sent = this.entryText = "";
      this.entry = null;
      this.submitted = null;
    }

    /* The page is shown again as it was left. If it was left by sending the form, what is typed now is another text. */
    comeBack() {
      if (this.submitted === null) return;
      this.base = this.submitted;
      this.rename();
      this.tell();
    }

    /* Numbers go on from what this window sent before it was loaded again. */
    after(number) {
      this.number = Math.max(this.number, number);
    }

    read() {
      for (const area of this.form.querySelectorAll("textarea")) area.dispatchEvent(new CustomEvent("newsroom:read"));
      return Writing.read(this.form);
    }

    /* Something in the form may have changed. */
    touched() {
      this.journalTimer ||= setTimeout(() => this.keepHere(), JOURNAL);
      const now = Date.now();
      this.waitingSince ||= now;
      clearTimeout(this.sendTimer);
      if (this.failures) return; // the next retry takes it along
      this.sendTimer = setTimeout(() => this.send(), Math.min(PAUSE, Math.max(0, this.waitingSince + LONGEST - now)));
    }

    /* Something stands in the form that is not saved. */
    get differs() {
      return JSON.stringify(this.read()) !== this.base;
    }

    /* Nothing typed in this form would be lost with the page. */
    get isKept() {
      const present = JSON.stringify(this.read());
      return present === this.base || present === this.journalled || present === this.sent || present === this.submitted;
    }

    /* Writes the form into the journal, if it is not in it. Resolves to the entry, or null if nothing was typed. */
    async keepHere() {
      clearTimeout(this.journalTimer);
      this.journalTimer = 0;
      const typed = this.read();
      const present = JSON.stringify(typed);
      if (present === this.base && !this.journalled && !this.sent) return null;
      /* Typed after “Save” was pressed: no part of what is saved. */
      if (this.submitted !== null && present !== this.submitted) this.rename();
      if (present === this.entryText) return this.entry;
      this.number += 1;
      this.entryText = present;
      this.entry = {
        user: this.place.user,
        article: this.place.article,
        window: this.name,
        address: this.place.autosave,
        typed,
        basedOn: Writing.basedOn(this.form),
        number: this.number,
        sent: 0,
        at: Date.now(),
      };
      const { entry } = this;
      try {
        await this.journal.put(entry);
        if (entry.window === this.name) this.journalled = present;
        this.noJournal = false;
      } catch {
        this.noJournal = true;
      }
      if (this.noJournal || this.troubleSince) this.tell();
      return entry;
    }

    /* Sends the newest entry. One at a time; resolves to the server's answer. */
    async send() {
      if (this.sending) await this.sending;
      clearTimeout(this.sendTimer);
      this.sending = this.#send();
      try {
        return await this.sending;
      } finally {
        this.sending = null;
      }
    }

    async #send() {
      this.waitingSince = 0;
      const entry = await this.keepHere();
      if (!entry) return this.server.session();
      const text = this.entryText;
      const answer = await this.server.keep(entry);
      if (answer.state === "settled") {
        /* This window saved before: the page came back. What is typed here now is another text. */
        this.rename();
        return this.#send();
      }
      this.#heard(answer, entry, text);
      return answer;
    }

    #heard(answer, entry, text) {
      const { state } = answer;
      if (state === "kept") {
        const wasAway = this.troubleSince !== null;
        if (entry.window === this.name && entry.address) this.sent = text;
        this.failures = 0;
        this.troubleSince = null;
        this.refusal = "";
        this.unsent = false;
        this.journal.confirm(entry, entry.number).catch(() => {});
        this.trouble = "";
        this.tell(wasAway);
        if (wasAway) this.onBack?.();
        return;
      }
      this.trouble = { signedOut: "aloneSignedOut", stranger: "aloneSignedOut", refused: "aloneRefused" }[state] || "alone";
      this.refusal = answer.error || "";
      this.troubleSince ??= Date.now();
      this.tell();
      if (state === "signedOut" || state === "stranger") this.onSignedOut(answer);
      /* What was refused would be refused again, until something else is typed. */
      if (state !== "refused") this.#retry();
    }

    #retry() {
      clearTimeout(this.sendTimer);
      const wait = RETRIES[Math.min(this.failures, RETRIES.length - 1)];
      this.failures += 1;
      this.sendTimer = setTimeout(() => this.send(), wait);
    }

    /* The network, the window or the user is back: try at once. */
    again() {
      if (this.failures) this.send();
    }

    tell(wasAway = false) {
      if (!this.trouble) {
        this.status.show(this.#safety(wasAway));
        return;
      }
      const state = this.noJournal ? "nowhere" : this.trouble;
      this.status.show(state, { since: this.troubleSince, sentence: this.refusal, unsent: this.unsent });
    }

    #safety(wasAway) {
      if (!this.place.autosave) return this.noJournal ? "nowhere" : this.journalled ? "kept" : "";
      if (!this.sent) return "";
      if (this.noJournal) return "noJournal";
      return wasAway ? "back" : "kept";
    }

    /* The page is being left, perhaps for ever. */
    leave() {
      const before = this.entryText;
      this.keepHere().catch(() => {});
      const text = this.entryText;
      if (!this.entry || text === this.sent || text === this.submitted) return;
      if (before === text && this.sending) return;
      if (new Blob([text]).size < CARRIED) this.server.keep(this.entry, true);
    }

    /* Before the form is sent: all is kept, and the server knows the user. Resolves to the server's answer. */
    async settle() {
      clearTimeout(this.sendTimer);
      if (this.isFresh) return { state: "kept" };
      return this.send();
    }

    get isFresh() {
      const present = JSON.stringify(this.read());
      const safe = this.place.autosave ? this.sent : this.journalled;
      return Date.now() - this.server.heard < FRESH && (present === safe || (present === this.base && !safe));
    }

    /* The form is on its way. */
    markSubmitted() {
      this.submitted = JSON.stringify(this.read());
      clearTimeout(this.sendTimer);
      clearTimeout(this.journalTimer);
      this.journalTimer = 0;
    }
  };
}
