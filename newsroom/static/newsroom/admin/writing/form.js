"use strict";
/* Nothing typed into the form around #writing is lost: it is kept as it is typed, offered back, and sent only when the
   server can take it. */
{
  const element = document.getElementById("writing");
  const form = element?.closest("form");
  const ON_ITS_WAY = 10_000; // ms

  function start() {
    const place = { ...element.dataset };
    const words = Writing.words();
    const status = new Writing.Status(place, words);
    const journal = new Writing.Journal(place);
    const server = new Writing.Server(form, place);
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
    /* Other parts of the page that had to stop go on. */
    const tell = () => document.dispatchEvent(new CustomEvent("newsroom:signed-in"));
    keeper.onBack = tell;
    signingIn.onSignedIn = () => {
      tell();
      keeper.send();
    };
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
    window.addEventListener("pageshow", (event) => {
      if (event.persisted) keeper.comeBack();
    });

    offers.load().finally(() => { if ("unsaved" in place) keeper.touched(); });
    new Sending(form, { keeper, signingIn, status, words }).listen();
  }

  /* The form is sent once all of it is kept and the server knows its user: else it would end at the login, or nowhere. */
  class Sending {
    constructor(target, parts) {
      Object.assign(this, { form: target, sentAt: 0, ...parts });
    }

    listen() {
      this.form.addEventListener("submit", (event) => this.#submit(event));
      window.addEventListener("pageshow", () => {
        this.cleared = false;
        this.sentAt = 0;
      });
    }

    #submit(event) {
      if (event.defaultPrevented) return;
      /* Pressed twice: it is on its way, and a second time would meet the first as a colleague's text. */
      const twice = Date.now() - this.sentAt < ON_ITS_WAY;
      if (!twice && (this.cleared || this.keeper.isFresh)) {
        this.#go(event.submitter);
        return;
      }
      event.preventDefault();
      if (!twice && !this.asking) this.#clear(event.submitter);
    }

    #go(button) {
      this.cleared = false;
      if (button?.formTarget === "_blank") return;
      this.sentAt = Date.now();
      this.keeper.markSubmitted();
    }

    async #clear(button) {
      this.asking = true;
      this.status.say(this.words.saving);
      const answer = await this.keeper.settle();
      const goes = await this.#mayGo(answer);
      this.asking = false;
      if (!goes) {
        this.keeper.tell();
        return;
      }
      this.cleared = true;
      this.form.requestSubmit(button);
    }

    async #mayGo(answer) {
      if (answer.state === "signedOut" || answer.state === "stranger") return this.signingIn.ask(answer);
      if (answer.state === "away") {
        this.keeper.unsent = true;
        return false;
      }
      /* Not to be written any more. Whatever else is refused or broken, the form's own page says what is wrong. */
      return !(answer.state === "refused" && (answer.status === 403 || answer.status === 404));
    }
  }

  if (form) start();
}
