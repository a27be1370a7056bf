"use strict";
/* Says quietly how safe what is typed is. Told to screen readers when it changes, not at every letter. */
{
  const Writing = (window.Writing ??= {});

  Writing.words = () => JSON.parse(document.getElementById("writing-words").textContent);

  Writing.fill = (sentence, said) => sentence.replace(/\{(\w+)\}/g, (_all, name) => said[name] ?? "");

  /* A moment in the user's own zone, with the zone's name; with its date if it is not today. */
  Writing.moment = (at, zone) => {
    const language = document.documentElement.lang || "en";
    const day = (when) => when.toLocaleDateString("en-CA", { timeZone: zone });
    const date = new Date(at);
    const clock = { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZoneName: "short" };
    const today = day(date) === day(new Date());
    return date.toLocaleString(language, { timeZone: zone, ...clock, ...(today ? {} : { day: "numeric", month: "short" }) });
  };

  Writing.Status = class Status {
    constructor(place, words) {
      this.line = document.getElementById("writing-status");
      this.button = document.querySelector("[data-sign-in]");
      this.zone = place.zone;
      this.words = words;
      this.state = "";
    }

    /* `since` is when the trouble began, `sentence` what the server said of it, `unsent` whether “Save” was in vain. */
    show(state, { since, sentence = "", unsent = false } = {}) {
      const time = since ? Writing.moment(since, this.zone) : "";
      const parts = [Writing.fill(this.words[state] || "", { time }), sentence, unsent && this.words.notSent];
      const said = parts.filter(Boolean).join(" ");
      this.state = state;
      this.line.dataset.state = state;
      this.button.hidden = state !== "aloneSignedOut";
      this.say(said);
    }

    /* A sentence of its own, until there is something new about the text. */
    say(sentence) {
      if (this.line.textContent !== sentence) this.line.textContent = sentence;
    }
  };
}
