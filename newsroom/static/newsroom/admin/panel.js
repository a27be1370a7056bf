"use strict";
/* What stands beside an article's fields: notes and verbs are sent without leaving what is being typed, the time to
   undo is counted down, and "More…" closes again. Without this script all of it works by loading pages. */
{
  const PARTS = [".panel", ".states", ".undo", ".verbs"];

  const part = (page, selector) => page.querySelector(selector);

  /* Take the parts that tell of the article from `page`; the fields of the form stay as they are. */
  function refresh(page) {
    for (const selector of PARTS) {
      const [old, fresh] = [part(document, selector), part(page, selector)];
      if (old && fresh) {
        old.replaceWith(document.adoptNode(fresh));
      } else if (old) {
        old.remove();
      } else if (fresh) {
        part(document, ".states")?.after(document.adoptNode(fresh));
      }
    }
    countDown();
  }

  /* Say what was done where it was asked for. */
  function tell(messages, sectionId) {
    const section = document.getElementById(sectionId) || part(document, ".panel");
    const list = document.createElement("ul");
    list.className = "messagelist";
    list.setAttribute("role", "status");
    list.tabIndex = -1;
    section.querySelector("h2")?.after(list);
    list.append(...messages);
    list.focus({ preventScroll: true });
    list.scrollIntoView({ block: "nearest" });
  }

  async function send(form) {
    const button = form.querySelector("button");
    button.disabled = true;
    try {
      const answer = await fetch(form.action, { method: "POST", body: new FormData(form) });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (!answer.ok || !part(page, ".panel")) {
        return false;
      }
      const sectionId = form.closest("section")?.id || "timeline";
      const messages = [...page.querySelectorAll(".messagelist > li")];
      refresh(page);
      tell(messages, sectionId);
      return true;
    } catch {
      return false;
    } finally {
      button.disabled = false;
    }
  }

  /* Whether leaving would lose something; else a page is loaded as ever. */
  let typed = false;
  document.getElementById("article_form")?.addEventListener("input", () => { typed = true; });

  document.addEventListener("submit", (event) => {
    const form = event.target;
    const own = form.method === "post" && form.closest(".panel, .undo");
    if (!own || !typed || event.defaultPrevented) {
      return;
    }
    event.preventDefault();
    /* What is not understood is asked again as a page: it says what is the matter. */
    send(form).then((done) => { if (!done) HTMLFormElement.prototype.submit.call(form); });
  });

  let counting;
  function countDown() {
    clearInterval(counting);
    const banner = part(document, ".undo[data-undo]");
    const left = banner?.querySelector(".undo-left");
    if (!left) {
      return;
    }
    const ends = performance.now() + Number(banner.dataset.undo) * 1000;
    const show = () => {
      const seconds = Math.ceil((ends - performance.now()) / 1000);
      if (seconds > 0) {
        left.textContent = left.dataset.pattern.replace("%s", seconds);
        return;
      }
      clearInterval(counting);
      const over = document.createElement("p");
      over.textContent = banner.dataset.over;
      over.setAttribute("role", "status");
      banner.replaceChildren(over);
    };
    left.hidden = false;
    show();
    counting = setInterval(show, 250);
  }
  countDown();

  const closeMore = (except) => {
    for (const more of document.querySelectorAll(".more-verbs[open]")) {
      if (!except || !more.contains(except)) {
        more.open = false;
      }
    }
  };
  document.addEventListener("click", (event) => closeMore(event.target));
  document.addEventListener("keydown", (event) => {
    const more = event.key === "Escape" && document.querySelector(".more-verbs[open]");
    if (more) {
      closeMore();
      more.querySelector("summary").focus();
    }
  });
}
