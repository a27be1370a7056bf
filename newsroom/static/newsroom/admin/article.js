"use strict";
/* Nothing typed into an article's form is lost: it is kept as it is typed, offered back, and sent only when the server
   can take it. What each part does stands in writing/. */
{
  const form = document.getElementById("article_form");
  const element = document.getElementById("writing");

  function start() {
    const place = { ...element.dataset };
    const words = Writing.words();
    const status = new Writing.Status(place, words);
    const journal = new Writing.Journal(place.user);
    const server = new Writing.Server(place);
    const keeper = new Writing.Keeper(form, place, journal, server, status);
    const signingIn = new Writing.SigningIn(place, words, server);
    const offers = new Writing.Offers(form, place, words, { keeper, server, journal, status });

    const touched = () => keeper.touched();
    form.addEventListener("input", touched);
    form.addEventListener("change", touched);
    /* select2 and the windows in which a topic is added tell jQuery alone. */
    window.django?.jQuery?.(form).on("change", touched);
    for (const type of ["formset:added", "formset:removed"]) document.addEventListener(type, touched);

    keeper.onSignedOut = (answer) => signingIn.offer(answer);
    signingIn.onSignedIn = () => keeper.send();
    status.button.addEventListener("click", () => signingIn.ask());
    window.addEventListener("online", () => keeper.again());
    window.addEventListener("focus", () => keeper.again());

    window.addEventListener("pagehide", () => keeper.leave());
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "hidden") keeper.leave();
      else keeper.again();
    });
    window.addEventListener("beforeunload", (event) => {
      if (!keeper.isKept) event.preventDefault();
    });
    /* Back from where this form was sent to: what is typed from here on is another text. */
    window.addEventListener("pageshow", (event) => {
      if (event.persisted) keeper.rename();
    });

    offers.load().finally(() => { if ("unsaved" in place) keeper.touched(); });
    new Sending(form, { keeper, signingIn, status, words }).listen();
  }

  /* The form is sent once all of it is kept and the server knows its user: else it would end at the login, or nowhere. */
  class Sending {
    constructor(target, parts) {
      Object.assign(this, { form: target, ...parts });
    }

    listen() {
      this.form.addEventListener("submit", (event) => this.#submit(event));
      window.addEventListener("pageshow", () => { this.cleared = false; });
    }

    #submit(event) {
      if (event.defaultPrevented) return;
      if (this.cleared || this.keeper.isFresh) {
        this.cleared = false;
        this.keeper.markSubmitted();
        return;
      }
      event.preventDefault();
      if (!this.asking) this.#clear(event.submitter);
    }

    async #clear(button) {
      this.asking = true;
      this.status.say(this.words.saving);
      const answer = await this.keeper.settle();
      const goes = await this.#mayGo(answer);
      this.asking = false;
      if (!goes) return;
      this.cleared = true;
      this.form.requestSubmit(button);
    }

    async #mayGo(answer) {
      if (answer.state === "signedOut" || answer.state === "stranger") return this.signingIn.ask(answer);
      if (answer.state === "away") {
        this.status.say(this.words.notSent);
        return false;
      }
      /* Refused or broken: the form's own page says what is wrong with it. */
      return true;
    }
  }

  if (form && element) start();
}
