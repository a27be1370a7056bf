"use strict";
/* The dialog in which the page's own user signs in again without leaving the text. */
{
  const Writing = (window.Writing ??= {});
  const CALM = 1_500; // ms without a letter: a dialog that opens while somebody types swallows their letters

  Writing.SigningIn = class SigningIn {
    constructor(place, words, server) {
      Object.assign(this, { place, words, server });
      const part = document.getElementById("writing-parts").content.querySelector("dialog");
      this.dialog = document.importNode(part, true);
      document.body.append(this.dialog);
      this.error = this.dialog.querySelector("[data-error]");
      this.password = this.dialog.querySelector("[name=password]");
      this.lastTyped = 0;
      this.waiting = [];
      this.dismissed = false;
      document.addEventListener("keydown", () => { this.lastTyped = Date.now(); }, true);
      this.dialog.querySelector("form").addEventListener("submit", (event) => this.#submit(event));
      this.dialog.querySelector("[data-later]").addEventListener("click", () => this.dialog.close());
      this.dialog.addEventListener("close", () => this.#closed());
    }

    /* Opens by itself, once the user pauses; not again after “Not now”. */
    offer(answer) {
      if (this.dismissed || this.dialog.open || this.planned) return;
      const look = () => {
        this.planned = 0;
        if (Date.now() - this.lastTyped < CALM) this.planned = setTimeout(look, CALM / 3);
        else this.ask(answer);
      };
      this.planned = setTimeout(look, 0);
    }

    /* Opens because the user wants it. Resolves to whether they are signed in now. */
    ask(answer = {}) {
      const done = new Promise((resolve) => { this.waiting.push(resolve); });
      if (!this.dialog.open) {
        this.signedIn = false;
        this.password.value = "";
        this.#say(this.#about(answer));
        this.dialog.showModal();
        this.password.focus();
      }
      return done;
    }

    #about({ state, name, error }) {
      if (state === "stranger") return Writing.fill(this.words.wrongUser, { name: name || "?" });
      if (state === "away") return this.words.noAnswer;
      if (state === "refused" || state === "failed") return error || this.words.notSignedIn;
      return "";
    }

    #say(sentence) {
      this.error.textContent = sentence;
      this.error.hidden = !sentence;
    }

    async #submit(event) {
      event.preventDefault();
      if (this.busy || !this.password.value) return;
      this.busy = true;
      const answer = await this.server.signIn(this.password.value);
      this.busy = false;
      if (answer.state === "kept") {
        this.signedIn = true;
        this.dismissed = false;
        this.dialog.close();
        return;
      }
      this.password.value = "";
      this.#say(this.#about(answer.state === "signedOut" ? { state: "failed" } : answer));
      this.password.focus();
    }

    #closed() {
      this.password.value = "";
      this.dismissed = !this.signedIn;
      for (const resolve of this.waiting.splice(0)) resolve(this.signedIn);
      if (this.signedIn) this.onSignedIn?.();
    }
  };
}
