"use strict";
/* Talks to the server about what is typed. Every answer has a `state`:
   kept, settled (that window saved or discarded), away (no answer), signedOut, stranger (somebody else is signed in),
   refused (with the server's sentence in `error`). */
{
  const Writing = (window.Writing ??= {});
  const PATIENCE = 10_000; // ms
  const NO_ANSWER = new Set([502, 503, 504]);

  Writing.Server = class Server {
    constructor(form, place) {
      Object.assign(this, { form, place });
      this.heard = 0; // when it last answered us, signed in
    }

    get token() {
      return this.form.querySelector("[name=csrfmiddlewaretoken]").value;
    }

    /* The token changes when somebody signs in: every form of the page gets the new one. */
    set token(value) {
      for (const field of document.querySelectorAll("[name=csrfmiddlewaretoken]")) field.value = value;
    }

    #ask(address, options = {}) {
      return fetch(address, {
        credentials: "same-origin",
        redirect: "manual",
        cache: "no-store",
        signal: options.keepalive ? undefined : AbortSignal.timeout(PATIENCE),
        ...options,
        headers: { Accept: "application/json", ...options.headers },
      });
    }

    async #state(response) {
      if (response.type === "opaqueredirect" || response.status === 401) return { state: "signedOut" };
      if (NO_ANSWER.has(response.status)) return { state: "away" };
      const json = (response.headers.get("Content-Type") || "").includes("json");
      const told = json ? await response.json() : {};
      if (response.ok && json) {
        this.heard = Date.now();
        return { ...told, state: told.verdict === "settled" ? "settled" : "kept" };
      }
      if (response.status === 409) return { state: "stranger" };
      if (response.status === 403 && !json) return { state: "badToken" };
      return { state: response.status >= 500 ? "failed" : "refused", error: told.error, status: response.status };
    }

    /* Who is signed in, and which of these windows are settled. Takes up the new token. */
    async session(windows = []) {
      try {
        const query = new URLSearchParams(windows.map((name) => ["window", name]));
        const answer = await this.#state(await this.#ask(`${this.place.session}?${query}`));
        if (answer.state !== "kept") return answer;
        if (answer.user !== this.place.user) return { ...answer, state: "stranger" };
        this.token = answer.token;
        return answer;
      } catch {
        return { state: "away" };
      }
    }

    async #post(address, body, type, keepalive) {
      const send = async () => this.#state(await this.#ask(address, {
        method: "POST", body, keepalive, headers: { "X-CSRFToken": this.token, "Content-Type": type },
      }));
      try {
        const answer = await send();
        if (answer.state !== "badToken" && answer.state !== "stranger") return answer;
        /* Somebody signed in elsewhere in this browser: the token of this page is an old one. */
        const session = await this.session();
        if (session.state !== "kept") return session;
        const second = await send();
        return second.state === "badToken" ? { state: "failed" } : second;
      } catch {
        return { state: "away" };
      }
    }

    /* Sends an entry of the journal. With `leaving`, it goes on its way while the page is left.
       Where the server keeps nothing of what is typed, it is asked whether it knows the user still. */
    keep(entry, leaving = false) {
      if (!entry.address) return leaving ? null : this.session();
      const { window: name, number, typed, basedOn } = entry;
      const packet = { user: this.place.user, window: name, number, typed, based_on: basedOn };
      return this.#post(entry.address, JSON.stringify(packet), "application/json", leaving);
    }

    discard(address, names) {
      if (!address) return { state: "kept" };
      const body = new URLSearchParams(names.map((name) => ["window", name]));
      return this.#post(address, body.toString(), "application/x-www-form-urlencoded");
    }

    /* Signs the page's own user in. Resolves to {state: "kept"} or to one with a sentence in `error`. */
    async signIn(password) {
      try {
        const session = await this.session();
        if (session.state === "kept") return session; // in another window, meanwhile
        const token = session.state === "stranger" ? session.token : await this.#loginToken();
        const body = new URLSearchParams({
          csrfmiddlewaretoken: token, username: this.place.name, password, next: this.place.session,
        });
        const response = await this.#ask(this.place.login, { method: "POST", body });
        if (response.type !== "opaqueredirect") return { state: "refused", error: await this.#sentence(response) };
        return this.session();
      } catch {
        return { state: "away" };
      }
    }

    async #loginToken() {
      const response = await this.#ask(this.place.login);
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      return page.querySelector("[name=csrfmiddlewaretoken]").value;
    }

    /* What the login page says of a refusal: a wrong password, or that the account is locked for a while. */
    async #sentence(response) {
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      const said = page.querySelectorAll(response.status === 429 ? "#content-main p:not(:has(a))" : ".errornote, .errorlist li");
      return [...said].map((one) => one.textContent.trim().replace(/\s+/g, " ")).join(" ");
    }
  };
}
