"use strict";
/* The bar with the words of the picture that is selected, or whose caption is edited. */
CKEDITOR.plugins.add("newsfigurebar", {
  requires: "newsfigure",

  init(editor) {
    const figures = editor.newsFigures;
    const { known, library, words, root, say, fill } = figures;
    const bar = root.querySelector(".picture-words");
    const title = bar.querySelector(".picture-title");
    const fields = Object.fromEntries([...bar.querySelectorAll("[data-word]")].map((field) => [field.dataset.word, field]));
    const place = (word) => bar.querySelector(`[data-linked="${word}"]`);
    const linked = Object.fromEntries(["alt", "credit"].map((word) => [word, window.LinkedWord.over(place(word), fields[word], words)]));
    let current = null;
    let atFocus = "";

    linked.caption = new window.LinkedWord(place("caption"), {
      read: () => (current ? figures.captionText(current) : ""),
      write(text) {
        if (!current) return;
        const widget = current;
        figures.step(widget);
        /* The cursor may stand in what goes. */
        editor.focus();
        widget.focus();
        figures.captionOf(widget).textContent = text;
        figures.redraw([widget]);
        figures.step(widget);
      },
      focus() {
        if (!current) return;
        const line = current.editables.caption;
        const range = editor.createRange();
        line.focus();
        range.moveToElementEditEnd(line);
        range.select();
      },
    }, words);

    // What it shows --------------------------------------------------------------------------

    function fillIn() {
      const own = known.get(current.data.key) || {};
      const bare = current.data.decorative || own.decorative;
      title.textContent = own.name || "";
      fields.alt.value = current.data.alt;
      fields.alt.disabled = Boolean(bare);
      fields.credit.value = current.data.credit;
      fields.decorative.checked = current.data.decorative || Boolean(own.decorative);
      fields.decorative.disabled = Boolean(own.decorative);
      fields.layout.value = current.data.layout;
      linked.alt.show(own.alt, bare);
      linked.credit.show(own.credit);
      linked.caption.show(own.caption);
    }

    function look() {
      const widget = figures.held();
      if (!widget && bar.contains(document.activeElement)) return;
      if (widget !== current) {
        current = widget;
        bar.hidden = !current;
        if (current) {
          stick();
          setTimeout(uncover, 150);
          say(fill(words.selected, figures.name(current)));
        }
      }
      if (current) fillIn();
    }

    /* The form's own row of buttons may stick to the window's edge. */
    function stick() {
      const row = editor.element.$.form.querySelector(".submit-row");
      const sticks = row && getComputedStyle(row).position === "sticky";
      bar.style.insetBlockEnd = sticks ? `${row.offsetHeight + 8}px` : "0";
    }

    /* What is written about is seen: the bar does not stand over it. */
    function uncover() {
      if (!current || bar.hidden) return;
      const figure = current.wrapper.$.getBoundingClientRect();
      const top = root.querySelector(".cke_top").getBoundingClientRect().bottom + 16;
      const covered = figure.bottom + 16 - bar.getBoundingClientRect().top;
      if (covered > 0 && figure.top > top) window.scrollBy({ top: Math.min(covered, figure.top - top) });
    }

    function forget() {
      current = null;
      bar.hidden = true;
    }

    function back() {
      const widget = current;
      editor.focus();
      if (widget) widget.focus();
    }

    figures.open = (widget) => {
      current = widget;
      bar.hidden = false;
      stick();
      fillIn();
      fields[fields.alt.disabled ? "credit" : "alt"].focus();
    };

    // What is typed in it --------------------------------------------------------------------

    for (const [word, field] of Object.entries(fields)) {
      const typed = field.matches("input[type=text], textarea");
      /* What was done before is a step of its own; what is typed into one field is one. */
      field.addEventListener("focus", () => {
        atFocus = field.value;
        figures.step(current);
      });
      field.addEventListener(typed ? "input" : "change", () => {
        if (!current) return;
        current.setData(word, field.type === "checkbox" ? field.checked : field.value.replace(/\s+/g, " ").trim());
        if (typed) {
          editor.fire("change");
          return;
        }
        figures.step(current);
        fillIn();
      });
      if (typed) field.addEventListener("change", () => figures.step(current));
    }

    /* Undo: of the letters typed here first, as in every field; then of the steps before, and the bar stays open. */
    function takeBack(event) {
      const redo = event.key.toLowerCase() === "y" || event.shiftKey;
      const { target } = event;
      if (target.matches("input[type=text], textarea") && (redo || target.value !== atFocus)) return;
      event.preventDefault();
      const at = figures.all().indexOf(current);
      editor.execCommand(redo ? "redo" : "undo");
      setTimeout(() => {
        const widget = figures.all()[at];
        if (!widget) return;
        widget.focus();
        current = widget;
        bar.hidden = false;
        fillIn();
        target.focus();
      }, 0);
    }

    bar.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && event.target.matches("input, textarea")) event.preventDefault();
      if (event.key === "Escape") {
        event.preventDefault();
        back();
      }
      if ((event.ctrlKey || event.metaKey) && !event.altKey && /^[zy]$/i.test(event.key)) takeBack(event);
    });

    // What its buttons do --------------------------------------------------------------------

    function replace() {
      const widget = current;
      library.open((picture) => {
        known.set(String(picture.id), picture);
        figures.step(widget);
        /* The caption was written for the article, and is seen. Alt text and credit belong to the picture that goes. */
        widget.setData({ key: String(picture.id), alt: "", credit: "", decorative: false });
        figures.step(widget);
        say(fill(words.replaced, figures.name(widget)));
      }, () => {
        editor.focus();
        widget.focus();
      });
    }

    function remove() {
      const widget = current;
      forget();
      editor.focus();
      figures.step(widget);
      const range = editor.createRange();
      range.moveToPosition(widget.wrapper, CKEDITOR.POSITION_AFTER_END);
      editor.widgets.del(widget);
      range.select();
      figures.step(widget);
      say(words.removed);
    }

    const acts = {
      replace,
      remove,
      close: back,
      up: () => figures.move(current, -1),
      down: () => figures.move(current, 1),
    };
    bar.addEventListener("click", (event) => {
      const button = event.target.closest("[data-act]");
      if (!current || !button) return;
      acts[button.dataset.act]();
      if (["up", "down"].includes(button.dataset.act)) button.focus();
    });

    // When it looks ------------------------------------------------------------------------

    editor.widgets.onWidget("newsfigure", "focus", look);
    editor.widgets.onWidget("newsfigure", "edit", function (event) {
      event.cancel();
      figures.open(this);
    });
    editor.widgets.on("instanceDestroyed", ({ data: widget }) => {
      if (widget === current) forget();
    });
    editor.on("selectionChange", look);
    editor.on("contentDom", () => {
      editor.widgets.on("checkSelection", () => setTimeout(look, 0));
      forget();
    });
    editor.on("contentDomUnload", forget);
    editor.on("instanceReady", () => {
      editor.container.$.append(bar);
      /* Part of the editor: who types in it has not left the text, and the picture stays selected. */
      for (const part of bar.querySelectorAll("input, textarea, select, button")) {
        editor.focusManager.add(new CKEDITOR.dom.element(part), true);
      }
    });
  },
});
