"use strict";
/* A moderator's deed, sent without leaving the page: what came of it is shown at the comment and told aloud.
   Without this script the same forms load pages. */
{
  const Comments = (window.Comments ??= {});
  const words = document.getElementById("queue-words").dataset;
  // After these a moderator goes on to the next comment.
  const GO_ON = ["approve", "reject", "spam", "hold", "leave", "yes", "no"];
  // Cards that were decided on here, the last one last.
  Comments.decided = [];
  Comments.words = words;

  /* Told by screen readers; the same sentence twice is told twice. */
  Comments.say = (sentence) => {
    const place = document.getElementById("queue-said");
    place.textContent = place.textContent === sentence ? `${sentence}\u00a0` : sentence;
  };

  const post = (form, button, more) => {
    const body = new FormData(form);
    if (button?.name) body.append(button.name, button.value);
    for (const [name, value] of more) body.append(name, value);
    return fetch(form.action, { method: "POST", body, headers: { Accept: "application/json" }, redirect: "manual" });
  };

  /* Whoever signed in again in another tab has a new token, and all forms here still hold the old one. */
  const renewToken = async () => {
    const answer = await fetch(location.href, { redirect: "manual" });
    if (!answer.ok) return answer;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const token = page.querySelector("[name=csrfmiddlewaretoken]")?.value;
    for (const field of document.querySelectorAll("[name=csrfmiddlewaretoken]")) field.value = token || field.value;
    return answer;
  };

  /* Resolves in any case: {state: answered | signedOut | refused | unreachable, and what the server said}. */
  Comments.send = async (form, button, more = []) => {
    try {
      let answer = await post(form, button, more);
      if (answer.status === 403) {
        const renewed = await renewToken();
        answer = renewed.type === "opaqueredirect" ? renewed : await post(form, button, more);
      }
      if (answer.type === "opaqueredirect") return { state: "signedOut" };
      if (answer.ok) return { state: "answered", ...(await answer.json()) };
      return { state: answer.status < 500 ? "refused" : "unreachable" };
    } catch {
      return { state: "unreachable" };
    }
  };

  /* What went wrong without an answer, as a sentence with what to do next. */
  Comments.trouble = (state) => {
    const place = document.createElement("p");
    place.className = "card-said is-refused";
    place.setAttribute("role", "alert");
    place.textContent = { signedOut: words.signedOut, refused: words.refused }[state] || words.unreachable;
    if (state === "signedOut") {
      const link = document.createElement("a");
      Object.assign(link, { href: words.signInAt, target: "_blank", rel: "noopener", textContent: words.signIn });
      place.append(" ", link);
    }
    return place;
  };

  /* What was typed at a comment stays, though the comment is shown anew. */
  const carry = (old, fresh) => {
    for (const panel of old.querySelectorAll("details.deed[open]")) {
      const same = fresh.querySelector(`details.deed[data-deed-of="${panel.dataset.deedOf}"]`);
      if (!same) continue;
      same.open = true;
      for (const field of panel.querySelectorAll("textarea, select, input:not([type=hidden])")) {
        const radio = field.type === "radio";
        const to = same.querySelector(`[name="${field.name}"]${radio ? `[value="${CSS.escape(field.value)}"]` : ""}`);
        if (to && radio) to.checked = field.checked;
        else if (to) to.value = field.value;
      }
    }
  };

  /* Show the comment as the server has it now; the focus stays where it was seen. */
  Comments.put = (card, html, { keep = false } = {}) => {
    const made = document.createElement("template");
    made.innerHTML = html;
    const fresh = made.content.querySelector("article");
    if (!fresh) {
      card.closest("li")?.remove();
      return null;
    }
    if (keep) carry(card, fresh);
    const focused = card.contains(document.activeElement);
    card.replaceWith(fresh);
    if (focused) fresh.focus({ preventScroll: true });
    return fresh;
  };

  const answered = (card, answer, name) => {
    if (answer.state !== "answered") {
      card.querySelector(":scope > .card-said")?.remove();
      const place = Comments.trouble(answer.state);
      card.querySelector(".card-head").after(place);
      Comments.say(`${name}: ${place.textContent}`);
      return;
    }
    Comments.put(card, answer.card, { keep: !answer.done });
    Comments.say(answer.done ? answer.said : `${name}: ${answer.said}`);
    if (answer.settles) Comments.decided.push(card.dataset.comment);
  };

  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!form.matches("[data-deed]")) return;
    event.preventDefault();
    const card = form.closest(".card");
    const button = event.submitter || form.querySelector("[type=submit]");
    if (card.getAttribute("aria-busy") === "true") return;
    card.setAttribute("aria-busy", "true");
    if (GO_ON.includes(button.value)) Comments.goOn(card);
    const answer = await Comments.send(form, button);
    card.removeAttribute("aria-busy");
    answered(card, answer, card.querySelector("h2").textContent.trim());
  });
}
