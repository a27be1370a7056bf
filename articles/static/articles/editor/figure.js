"use strict";
/* A picture of the library in the text: <figure data-image="ID"><img alt><figcaption>…</figcaption></figure>.
   Its caption is edited where it stands, its other words in the bar under the text. */
CKEDITOR.plugins.add("newsfigure", {
  requires: "widget,clipboard",

  init(editor) {
    const root = editor.element.$.closest(".django-ckeditor-widget");
    const { words, caption } = editor.config.newsroom;
    const library = window.PictureLibrary.of(root);
    const bar = root.querySelector(".picture-words");
    const fields = Object.fromEntries([...bar.querySelectorAll("[data-word]")].map((f) => [f.dataset.word, f]));
    const known = new Map();
    /* One transparent pixel, where there is no rendition to show. */
    const EMPTY = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7";
    const LAYOUTS = ["align-start", "align-end", "wide"];
    let current = null;

    // The picture in the text ---------------------------------------------------------------

    editor.widgets.add("newsfigure", {
      editables: { caption: { selector: "figcaption", allowedContent: caption } },
      upcast(element) {
        return element.name === "figure" && /^\d+$/.test(element.attributes["data-image"] || "");
      },
      init() {
        const figure = this.element;
        const image = figure.findOne("img");
        const key = figure.getAttribute("data-image");
        if (figure.hasAttribute("data-library-alt")) {
          known.set(key, {
            src: image.getAttribute("src") || EMPTY,
            alt: figure.getAttribute("data-library-alt"),
            caption: figure.getAttribute("data-library-caption"),
            credit: figure.getAttribute("data-library-credit"),
          });
        }
        this.setData({
          key,
          alt: image.getAttribute("alt") || "",
          credit: figure.getAttribute("data-credit") || "",
          decorative: figure.getAttribute("data-decorative") === "true",
          layout: LAYOUTS.find((name) => figure.hasClass(name)) || "",
        });
        if (!known.has(key)) learn(key);
        this.on("focus", look);
        this.on("edit", (event) => {
          event.cancel();
          look();
          fields.alt.focus();
        });
      },
      data() {
        draw(this);
      },
      downcast(element) {
        const { key, alt, credit, decorative, layout } = this.data;
        element.attributes = { "data-image": key };
        if (credit) element.attributes["data-credit"] = credit;
        if (decorative) element.attributes["data-decorative"] = "true";
        if (layout) element.attributes.class = layout;
        for (const child of element.children) {
          if (child.name === "img") child.attributes = { alt };
          if (child.name === "figcaption") child.attributes = {};
        }
      },
    });

    function draw(widget) {
      const { key, alt, credit, decorative, layout } = widget.data;
      const own = known.get(key) || {};
      const figure = widget.element.$;
      const image = figure.querySelector("img");
      const line = figure.querySelector("figcaption");
      figure.dataset.image = key;
      figure.classList.remove(...LAYOUTS);
      widget.wrapper.$.classList.remove(...LAYOUTS);
      if (layout) {
        figure.classList.add(layout);
        widget.wrapper.$.classList.add(layout);
      }
      image.setAttribute("src", own.src || EMPTY);
      image.removeAttribute("data-cke-saved-src");
      image.alt = alt;
      line.dataset.placeholder = own.caption || words.caption;
      line.dataset.credit = credit || own.credit || "";
      figure.classList.toggle("lacks-alt", !decorative && !alt && known.has(key) && !own.alt && !own.decorative);
      figure.classList.toggle("lacks-picture", own.missing === true);
      figure.dataset.said = own.missing ? words.missing : words.noAlt;
    }

    async function learn(key) {
      known.set(key, {});
      const [picture] = await library.known([key]);
      known.set(key, picture || { missing: true });
      for (const widget of Object.values(editor.widgets.instances)) {
        if (widget.name === "newsfigure" && widget.data.key === key) draw(widget);
      }
    }

    // The bar with its words ---------------------------------------------------------------

    /* The picture that is selected, or whose caption is. */
    function held() {
      const { focused, widgetHoldingFocusedEditable } = editor.widgets;
      return [focused, widgetHoldingFocusedEditable].find((one) => one && one.name === "newsfigure") || null;
    }

    function look() {
      const widget = held();
      if (!widget && bar.contains(document.activeElement)) return;
      if (widget === current) return;
      current = widget;
      bar.hidden = !current;
      if (!current) return;
      /* The form's own row of buttons may stick to the window's edge. */
      const row = editor.element.$.form.querySelector(".submit-row");
      const sticks = row && getComputedStyle(row).position === "sticky";
      bar.style.insetBlockEnd = sticks ? `${row.offsetHeight + 8}px` : "0";
      const own = known.get(current.data.key) || {};
      fields.alt.value = current.data.alt;
      fields.alt.placeholder = own.alt || "";
      fields.alt.disabled = current.data.decorative;
      fields.credit.value = current.data.credit;
      fields.credit.placeholder = own.credit || "";
      fields.decorative.checked = current.data.decorative;
      fields.layout.value = current.data.layout;
    }

    function back() {
      const widget = current;
      editor.focus();
      if (widget) widget.focus();
    }

    function remove() {
      const widget = current;
      current = null;
      bar.hidden = true;
      editor.focus();
      editor.fire("saveSnapshot");
      const range = editor.createRange();
      range.moveToPosition(widget.wrapper, CKEDITOR.POSITION_AFTER_END);
      editor.widgets.del(widget);
      range.select();
      editor.fire("saveSnapshot");
    }

    for (const [word, field] of Object.entries(fields)) {
      const typed = field.matches("input[type=text], textarea");
      field.addEventListener(typed ? "input" : "change", () => {
        if (!current) return;
        current.setData(word, field.type === "checkbox" ? field.checked : field.value.replace(/\s+/g, " ").trim());
        fields.alt.disabled = current.data.decorative;
        if (typed) editor.fire("change");
        else editor.fire("saveSnapshot");
      });
      if (typed) field.addEventListener("change", () => editor.fire("saveSnapshot"));
    }
    bar.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && event.target.matches("input, textarea")) event.preventDefault();
      if (event.key === "Escape") back();
    });
    bar.addEventListener("click", (event) => {
      const { act } = event.target.dataset;
      if (!current) return;
      if (act === "remove") remove();
      if (act === "close") back();
      if (act === "replace") {
        const widget = current;
        library.open((picture) => {
          known.set(String(picture.id), picture);
          widget.setData({ key: String(picture.id), alt: "", credit: "" });
          editor.fire("saveSnapshot");
        }, () => {
          editor.focus();
          widget.focus();
        });
      }
    });
    editor.on("selectionChange", look);
    editor.on("contentDom", () => {
      editor.widgets.on("checkSelection", () => setTimeout(look, 0));
      bar.hidden = true;
      current = null;
    });
    editor.on("contentDomUnload", () => {
      bar.hidden = true;
      current = null;
    });
    editor.on("instanceReady", () => {
      editor.container.$.append(bar);
    });

    // How pictures come into the text ------------------------------------------------------

    function insert(picture) {
      const key = String(picture.id);
      known.set(key, picture);
      /* A picture never goes into another one, but behind it. */
      const around = held();
      if (around) {
        const range = editor.createRange();
        range.moveToPosition(around.wrapper, CKEDITOR.POSITION_AFTER_END);
        range.select();
      }
      const before = new Set(Object.keys(editor.widgets.instances));
      editor.insertHtml(`<figure data-image="${Number(key)}"><img alt=""><figcaption></figcaption></figure>`);
      const [made] = Object.entries(editor.widgets.instances).filter(([id]) => !before.has(id));
      if (made) reveal(made[1].element.$);
    }

    /* At once, and again when the picture has its height. */
    function reveal(figure) {
      const show = () => figure.scrollIntoView({ block: "center" });
      show();
      const image = figure.querySelector("img");
      if (!image.complete) image.addEventListener("load", show, { once: true });
    }

    editor.addCommand("newsfigure", {
      exec() {
        const around = held();
        const ranges = editor.getSelection() ? editor.getSelection().getRanges() : [];
        const stand = () => {
          editor.focus();
          if (around) around.focus();
          else if (ranges.length) editor.getSelection().selectRanges(ranges);
        };
        let given = false;
        library.open((picture) => {
          given = true;
          library.dialog.close();
          stand();
          insert(picture);
        }, () => { if (!given) stand(); });
      },
    });
    editor.ui.addButton("NewsFigure", { label: words.figure, command: "newsfigure" });

    editor.on("paste", (event) => {
      const carried = event.data.dataTransfer;
      const files = Array.from({ length: carried.getFilesCount() }, (_, at) => carried.getFile(at));
      const pictures = files.filter((file) => file.type.startsWith("image/"));
      if (event.data.dataValue || !pictures.length) return;
      event.cancel();
      const notice = editor.showNotification(words.uploading, "progress", 0);
      (async () => {
        for (const [at, file] of pictures.entries()) {
          const answer = await library.send(file);
          notice.update({ progress: (at + 1) / pictures.length });
          if (answer.error) editor.showNotification(answer.error, "warning");
          else insert(answer.image);
        }
        notice.hide();
      })();
    }, null, null, 1);

    /* Brought into its one form before CKEditor's own filter, which drops an <img> without an address.
       A picture that is not of the library goes. */
    editor.on("toHtml", (event) => {
      const pictures = [];
      event.data.dataValue.forEach((element) => {
        if (element.name === "img" && !inFigure(element)) pictures.push(element);
        if (isFigure(element)) complete(element);
      }, CKEDITOR.NODE_ELEMENT, true);
      for (const picture of pictures) picture.remove();
    }, null, null, 5.5);

    function isFigure(element) {
      return element.name === "figure" && /^\d+$/.test(element.attributes["data-image"] || "");
    }

    function inFigure(element) {
      for (let up = element.parent; up; up = up.parent) if (isFigure(up)) return true;
      return false;
    }

    function complete(figure) {
      const image = figure.find("img", true)[0] || new CKEDITOR.htmlParser.element("img", { alt: "" });
      const line = figure.find("figcaption", true)[0] || new CKEDITOR.htmlParser.element("figcaption", {});
      if (!image.attributes.src) image.attributes.src = EMPTY;
      if (!image.parent) figure.add(image, 0);
      if (!line.parent) figure.add(line);
    }
  },
});
