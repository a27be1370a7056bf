"use strict";
/* Single keys for moderators. They can be switched off (WCAG 2.1.4), and stay silent while somebody types, with any
   modifier, and under a dialog. */
{
  const Comments = (window.Comments ??= {});
  const STORE = "comments.keys";
  const dialog = document.getElementById("queue-keys");
  const box = document.getElementById("queue-keys-on");
  const help = document.getElementById("queue-help");
  const { words } = Comments;

  const stored = () => {
    try {
      return localStorage.getItem(STORE) !== "off";
    } catch {
      return true; // a browser that keeps nothing
    }
  };
  const store = (on) => {
    try {
      localStorage.setItem(STORE, on ? "on" : "off");
    } catch {
      // It holds for this page then.
    }
  };

  const types = (target) =>
    target.isContentEditable || target.matches?.("textarea, select, input:not([type=radio], [type=checkbox], [type=submit], [type=button])");

  /* Press the button of the card that decides so, if it has one. */
  const press = (card, value) => {
    const button = card?.querySelector(`.deeds-main button[value="${value}"]`);
    if (button) button.click();
    else Comments.say(words.closed);
  };

  const open = (card, name) => {
    const panel = card?.querySelector(`details[data-deed-of="${name}"]`);
    if (!panel) return Comments.say(words.closed);
    panel.open = true;
    const first = panel.querySelector("input[type=radio]:checked, input[type=radio], textarea");
    first.focus();
    return panel.scrollIntoView({ block: "nearest" });
  };

  const undo = (card) => {
    const last = document.getElementById(`comment-${Comments.decided.pop()}`);
    const target = card?.classList.contains("is-settled") ? card : last || card;
    const button = target?.querySelector('.deeds-main button[value="undo"]');
    if (!button) return Comments.say(words.nothing);
    Comments.focus(target);
    return button.click();
  };

  const choose = (card) => {
    const mark = card?.querySelector("[name=chosen]");
    if (mark) mark.click();
  };

  const search = () => document.getElementById("id_q")?.focus();

  const KEYS = {
    j: (card) => Comments.move(document.activeElement?.closest(".card") || Comments.at ? card : null, 1),
    k: (card) => Comments.move(card, -1),
    a: (card) => press(card, "approve"),
    s: (card) => press(card, "spam"),
    h: (card) => press(card, "hold"),
    l: (card) => press(card, "leave"),
    p: (card) => press(card, card?.querySelector('.deeds-main button[value="unpick"]') ? "unpick" : "pick"),
    r: (card) => open(card, "reject"),
    b: (card) => open(card, "ban"),
    u: undo,
    x: choose,
    "/": search,
    "?": () => dialog.showModal(),
  };

  /* A digit chooses a rule where rules are shown. */
  const digit = (target, key) => {
    const panel = target.closest?.('details[data-deed-of="reject"][open]');
    const radio = panel?.querySelectorAll("input[type=radio]")[Number(key) - 1];
    if (!radio) return false;
    radio.checked = true;
    radio.focus();
    return true;
  };

  /* The Latin letter or digit: on a keyboard of another script, the one in its place. */
  const pressed = ({ key, code, shiftKey }) => {
    if (/^[\x20-\x7e]$/.test(key)) return key;
    const place = shiftKey ? null : /^(?:Key|Digit)([A-Z0-9])$/.exec(code);
    return place ? place[1].toLowerCase() : "";
  };

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") {
      const panel = event.target.closest?.("details.deed[open]");
      if (!panel) return;
      panel.open = false;
      panel.closest(".card").focus();
      return;
    }
    if (!box?.checked || dialog.open || types(event.target)) return;
    const key = pressed(event);
    if (/^[1-9]$/.test(key) ? digit(event.target, key) : KEYS[key] && (KEYS[key](Comments.current()), true)) {
      event.preventDefault();
    }
  });

  if (box) {
    box.checked = stored();
    box.addEventListener("change", () => store(box.checked));
  }
  if (help) {
    help.hidden = !dialog;
    help.addEventListener("click", () => dialog.showModal());
  }
}
