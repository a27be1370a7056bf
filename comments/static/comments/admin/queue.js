"use strict";
/* The queue: from comment to comment, more at its end without loading the page, and one decision on many. */
{
  const Comments = (window.Comments ??= {});
  const { words } = Comments;
  const list = document.getElementById("queue");
  const more = () => document.getElementById("queue-more");
  let loading = null;

  Comments.all = () => [...list.querySelectorAll(".card")];

  /* The one that has the focus, or had it last; the first one at the beginning. */
  Comments.current = () => {
    const focused = document.activeElement?.closest?.(".card");
    const cards = Comments.all();
    return focused || cards.find((card) => card.dataset.comment === Comments.at) || cards[0] || null;
  };

  list.addEventListener("focusin", (event) => {
    Comments.at = event.target.closest(".card")?.dataset.comment ?? Comments.at;
  });

  Comments.focus = (card) => {
    card.focus({ preventScroll: true });
    card.scrollIntoView({ block: "nearest" });
    // A tall one begins at its beginning.
    if (card.getBoundingClientRect().top < 0) card.scrollIntoView({ block: "start" });
  };

  /* The rest of the queue, a page at a time. Resolves to whether there was any. */
  Comments.load = () => {
    const link = more();
    if (!link) return Promise.resolve(false);
    loading ??= fetchMore(link).finally(() => { loading = null; });
    return loading;
  };

  const fetchMore = async (link) => {
    try {
      const answer = await fetch(link.href, { headers: { Accept: "application/json" }, redirect: "manual" });
      if (!answer.ok) throw new Error(answer.type === "opaqueredirect" ? "signedOut" : "unreachable");
      const { cards, more: next } = await answer.json();
      const made = document.createElement("template");
      made.innerHTML = cards;
      const there = new Set(Comments.all().map((card) => card.dataset.comment));
      const groups = new Set([...list.querySelectorAll("[data-group]")].map((row) => row.dataset.group));
      for (const row of [...made.content.children]) {
        // What was put back into the queue meanwhile may stand on two pages.
        const known = row.dataset.group ? groups.has(row.dataset.group) : there.has(row.querySelector(".card")?.dataset.comment);
        if (!known) list.append(row);
      }
      if (next) link.href = next;
      else link.parentElement.remove();
      Comments.say(words.loaded);
      return true;
    } catch (error) {
      link.parentElement.querySelector(".card-said")?.remove();
      link.before(Comments.trouble(error.message));
      return false;
    }
  };

  /* To the next or the one before; at the end more are loaded. Resolves to the card that has the focus now. */
  Comments.move = async (from, by) => {
    const cards = Comments.all();
    // By its key: a card that was decided on meanwhile is another element now.
    const at = cards.findIndex((card) => card.dataset.comment === from?.dataset.comment) + by;
    if (at >= cards.length && (await Comments.load())) return Comments.move(from, by);
    const to = Comments.all()[Math.max(at, 0)];
    if (to) Comments.focus(to);
    else Comments.say(words.end);
    return to || null;
  };

  /* From a comment that is being decided on, to the next one that is not. */
  Comments.goOn = (card) => {
    const rest = Comments.all();
    const next = rest.slice(rest.indexOf(card) + 1).find((one) => !one.classList.contains("is-settled") && !one.hasAttribute("aria-busy"));
    if (next) return Comments.focus(next);
    card.focus({ preventScroll: true });
    return Comments.move(rest.at(-1), 1);
  };

  document.addEventListener("click", async (event) => {
    if (event.target.id !== "queue-more" || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const last = Comments.all().at(-1);
    if (await Comments.load()) await Comments.move(last, 1);
  });

  /* One decision on many. */
  const bulk = document.getElementById("bulk");
  const result = document.getElementById("bulk-result");
  const chosen = () => [...list.querySelectorAll("[name=chosen]:checked")];

  const count = () => {
    document.getElementById("bulk-count").textContent = words.chosen.replace("{}", chosen().length);
    bulk.classList.toggle("is-open", chosen().length > 0);
  };

  const show = (answer) => {
    result.hidden = false;
    const place = result.querySelector("[data-said]");
    const undo = result.querySelector("[data-undo]");
    if (answer.state !== "answered") {
      place.replaceChildren(Comments.trouble(answer.state));
      undo.hidden = true;
    } else {
      for (const row of answer.rows) {
        const card = document.getElementById(`comment-${row.key}`);
        if (card) Comments.put(card, row.card);
      }
      place.textContent = answer.said;
      undo.hidden = !answer.undo.length;
      undo.value = answer.undo.join(" ");
      Comments.say(answer.said);
    }
    result.focus();
    count();
  };

  bulk?.addEventListener("submit", async (event) => {
    event.preventDefault();
    // The boxes belong to the form by their attribute, and go with it.
    show(await Comments.send(bulk, event.submitter));
  });
  result?.querySelector("[data-undo]").addEventListener("click", async (event) => {
    for (const box of chosen()) box.checked = false;
    const rows = event.target.value.split(" ").map((row) => ["chosen", row]);
    show(await Comments.send(bulk, null, [["decision", "undo"], ...rows]));
  });
  list.addEventListener("change", (event) => {
    if (event.target.name === "chosen") count();
  });
  const every = document.getElementById("bulk-all");
  if (every) {
    every.hidden = false;
    every.addEventListener("click", () => {
      for (const box of list.querySelectorAll(".card:not(.is-settled) [name=chosen]")) box.checked = true;
      count();
    });
    count();
  }
}
