"use strict";
/* Says every few seconds that this window is here and whether somebody types in it, and shows who else is.
   Without this script nothing else changes; without an answer it stays quiet and says that it does not know. */
{
  const root = document.getElementById("presence");
  const form = document.getElementById("article_form");
  const KEPT = "newsroom:presence";
  const SLOWEST = 60_000;
  // Older than this, an answer tells of nobody any more.
  const GOOD_FOR = 45_000;
  const SAID_FOR = 10_000;

  /* A window keeps its name over the pages that it loads. It is put down only as a page is left, and taken up by the
     next one, so that a copy of the tab, which begins with the same storage, gets a name of its own. */
  const take_up = () => {
    let name = null;
    try {
      name = sessionStorage.getItem(KEPT);
      sessionStorage.removeItem(KEPT);
    } catch { /* no storage: a new name for each page does, too */ }
    if (name) {
      return name;
    }
    const bytes = crypto.getRandomValues(new Uint8Array(12));
    return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  };

  const start = () => {
    const now = root.querySelector("[data-now]");
    const say = root.querySelector("[data-say]");
    const every = { visible: Number(root.dataset.every) * 1000, hidden: Number(root.dataset.everyAway) * 1000 };
    const settled = new Set();
    let window_name = take_up();
    let loaded = Date.now();
    let typed = false; // since the last beat that was answered
    let said_typing = 0;
    let waiting = 0;
    let saying = 0;
    let under_way = false;
    let again = null;
    let failed = 0;
    let stopped = false;
    let left = false;
    let answered = Date.now();
    let html = "";

    const asked = (more) => {
      const token = form?.elements.namedItem("csrfmiddlewaretoken");
      const based_on = form?.elements.namedItem("based_on");
      /* Where two wrote at once the page shows the newer text, though the form still stands on the older one. */
      const known = document.getElementById("conflict")?.dataset.known;
      return new URLSearchParams({
        csrfmiddlewaretoken: token ? token.value : "",
        window: window_name,
        loaded,
        based_on: known || (based_on ? based_on.value : root.dataset.revision),
        ...(document.hidden ? { away: "" } : {}),
        ...more,
      });
    };

    const later = (milliseconds) => {
      clearTimeout(waiting);
      if (!stopped && !left) {
        waiting = setTimeout(beat, milliseconds);
      }
    };

    const usual = () => (document.hidden ? every.hidden : every.visible);

    async function beat(more = {}) {
      if (stopped || left) {
        return;
      }
      if (under_way) {
        again = { ...again, ...more };
        return;
      }
      under_way = true;
      clearTimeout(waiting);
      const typing = typed;
      typed = false;
      if (typing) {
        said_typing = Date.now();
      }
      const answer = await ask(typing ? { typing: "", ...more } : more);
      under_way = false;
      if (left) {
        return;
      }
      if (answer === null) {
        typed ||= typing;
        failed += 1;
        for (const button of root.querySelectorAll("button[disabled]")) {
          button.disabled = false;
        }
        forget_in_time();
        later(Math.min(SLOWEST, usual() * 2 ** Math.min(failed, 4)));
        return;
      }
      failed = 0;
      if (answer.refused) {
        stop();
        return;
      }
      answered = Date.now();
      show(answer.html);
      if (again) {
        const wanted = again;
        again = null;
        beat(wanted);
      } else {
        later(usual());
      }
    }

    /* The answer; {refused} where this window need not ask again; null where the server could not be asked. */
    const ask = async (more) => {
      if (navigator.onLine === false) {
        return null;
      }
      try {
        const response = await fetch(root.dataset.address, {
          method: "POST",
          body: asked(more),
          redirect: "manual",
          headers: { Accept: "application/json" },
        });
        // Signed out, the server sends elsewhere; not allowed or gone, it says so.
        if (response.type === "opaqueredirect" || [400, 401, 403, 404].includes(response.status)) {
          return { refused: true };
        }
        return response.ok ? await response.json() : null;
      } catch {
        return null;
      }
    };

    const stop = () => {
      stopped = true;
      clearTimeout(waiting);
      unknown();
    };

    const resume = () => {
      stopped = false;
      failed = 0;
      beat();
    };

    /* What was known of others is not true for ever. */
    const forget_in_time = () => {
      if (Date.now() - answered >= GOOD_FOR) {
        unknown();
      }
    };

    const unknown = () => {
      html = "";
      say.replaceChildren();
      const line = document.createElement("p");
      line.className = "quiet";
      line.textContent = root.dataset.unknown;
      // A sentence about the text, or one not yet heard, stays: it is as true as it was.
      const notices = now.querySelector(".presence-notices");
      now.replaceChildren(line, ...(notices ? [notices] : []));
    };

    /* By key, what each part of `node` tells. */
    const told_in = (node) => {
      const found = new Map();
      for (const part of node.querySelectorAll("[data-key]")) {
        found.set(part.dataset.key, {
          words: part.querySelector("[data-words]").textContent.trim(),
          gone: part.dataset.gone,
        });
      }
      return found;
    };

    let known = told_in(now);

    const announce = (present) => {
      const news = [];
      for (const [key, told] of present) {
        if (!known.has(key) && told.words) {
          news.push(told.words);
        }
      }
      for (const [key, told] of known) {
        if (told.gone && !present.has(key)) {
          news.push(told.gone);
        }
      }
      known = present;
      if (news.length) {
        say.textContent = news.join(" ");
        // Said once, it is no part of the page that somebody might meet later.
        clearTimeout(saying);
        saying = setTimeout(() => say.replaceChildren(), SAID_FOR);
      }
    };

    const show = (fresh) => {
      if (fresh === html) {
        return;
      }
      html = fresh;
      const part = document.createElement("template");
      part.innerHTML = fresh;
      const focused = root.contains(document.activeElement) ? document.activeElement.name : null;
      now.replaceChildren(part.content);
      for (const key of settled) {
        settle(key);
      }
      announce(told_in(now));
      if (focused) {
        now.querySelector(`[name="${focused}"]`)?.focus();
      }
    };

    /* A notice that was hidden stands in the line with the rest, unless that says it anyway. */
    const settle = (key) => {
      settled.add(key);
      const notice = now.querySelector(`.presence-notices > [data-key="${key}"]`);
      if (notice && now.querySelector(`.presence-line [data-key="${key}"]`)) {
        notice.remove();
      } else if (notice) {
        notice.querySelector("[name=settle]")?.remove();
        now.querySelector(".presence-settled")?.append(notice);
      }
    };

    root.addEventListener("click", (event) => {
      const button = event.target.closest("button[name]");
      if (button?.name === "settle") {
        settle(button.closest("[data-key]").dataset.key);
      } else if (button) {
        button.disabled = true;
        beat({ [button.name]: button.value });
      }
    });

    const type = () => {
      if (typed) {
        return;
      }
      typed = true;
      // The first word after a pause is told at once: whoever types first holds the lock.
      if (Date.now() - said_typing > every.visible) {
        beat();
      }
    };
    form?.addEventListener("input", type);

    const leave = () => {
      if (left) {
        return;
      }
      left = true;
      clearTimeout(waiting);
      try {
        sessionStorage.setItem(KEPT, window_name);
      } catch { /* as above */ }
      if (!stopped && navigator.onLine !== false) {
        navigator.sendBeacon(root.dataset.address, asked({ leave: "" }));
      }
    };

    window.addEventListener("pagehide", leave);
    window.addEventListener("pageshow", (event) => {
      if (event.persisted) {
        window_name = take_up();
        loaded = Date.now();
        left = false;
        under_way = false;
        beat();
      }
    });
    document.addEventListener("visibilitychange", () => beat());
    window.addEventListener("online", () => beat());
    document.addEventListener("newsroom:signed-in", resume);
    beat();
  };

  if (root) {
    start();
  }
}
