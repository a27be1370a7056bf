"use strict";
/* A picture of the library in the text: <figure data-image="ID"><img alt><figcaption>…</figcaption></figure>.
   Its caption is edited where it stands, its other words in the bar under the text (figure_bar.js); how it comes into the
   text and moves there is in figure_place.js. */
CKEDITOR.plugins.add("newsfigure", {
  requires: "widget,clipboard",

  init(editor) {
    const root = editor.element.$.closest(".django-ckeditor-widget");
    const { words, caption } = editor.config.newsroom;
    const library = window.PictureLibrary.of(root);
    const said = root.querySelector(".picture-said");
    /* By key, what the library says of a picture. */
    const known = new Map();
    /* One transparent pixel, where there is no rendition to show. */
    const EMPTY = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7";
    const LAYOUTS = ["align-start", "align-end", "wide"];
    const fill = (sentence, ...parts) => parts.reduce((text, part) => text.replace("%s", () => part), sentence);

    editor.widgets.add("newsfigure", {
      editables: { caption: { selector: "figcaption", allowedContent: caption } },
      upcast: isFigure,
      init() {
        const figure = this.element;
        const image = figure.findOne("img");
        const key = figure.getAttribute("data-image");
        if (figure.hasAttribute("data-library-alt")) {
          const word = (name) => figure.getAttribute(`data-library-${name}`) || "";
          known.set(key, {
            width: image.getAttribute("width"),
            height: image.getAttribute("height"),
            name: word("name"),
            src: image.getAttribute("src") || EMPTY,
            alt: word("alt"),
            caption: word("caption"),
            credit: word("credit"),
            decorative: word("decorative") === "true",
            barred: word("barred"),
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
        this.on("data", () => this.wrapper.setAttribute("role", "group"), null, null, 10000);
      },
      getLabel() {
        return name(this);
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

    const captionOf = (widget) => widget.element.$.querySelector("figcaption");
    /* Without the signs that CKEditor puts where the cursor stands. */
    const captionText = (widget) => captionOf(widget).textContent.replace(/\u200b/g, "").trim();
    const lacksAlt = ({ data: { key, alt, decorative } }, own) => known.has(key) && !decorative && !own.decorative && !own.missing && !(alt || own.alt);

    /* What a screen reader calls it. */
    function name(widget) {
      const { key, alt, decorative } = widget.data;
      const own = known.get(key) || {};
      const shown = alt || own.alt || captionText(widget) || own.caption || own.name || words.nameless;
      const state = [
        lacksAlt(widget, own) && words.lacksAlt,
        (decorative || own.decorative) && words.isDecorative,
      ].filter(Boolean);
      return [fill(words.named, shown), ...state].join("; ");
    }

    function draw(widget) {
      const { key, alt, credit, layout } = widget.data;
      const own = known.get(key) || {};
      const figure = widget.element.$;
      const image = figure.querySelector("img");
      const line = captionOf(widget);
      figure.dataset.image = key;
      figure.classList.remove(...LAYOUTS);
      widget.wrapper.$.classList.remove(...LAYOUTS);
      if (layout) {
        figure.classList.add(layout);
        widget.wrapper.$.classList.add(layout);
      }
      image.setAttribute("src", own.large || own.src || EMPTY);
      /* With its sides, so that nothing moves under the pointer when it has come. */
      for (const side of ["width", "height"]) {
        if (own[side]) image.setAttribute(side, own[side]);
      }
      image.removeAttribute("data-cke-saved-src");
      image.alt = alt; // the library’s would become the article’s own when the picture is copied
      line.dataset.placeholder = own.caption || words.caption;
      line.classList.toggle("is-linked", Boolean(own.caption));
      line.classList.toggle("has-words", Boolean(captionText(widget)));
      line.dataset.credit = credit || own.credit || "";
      line.setAttribute("role", "textbox");
      line.setAttribute("aria-multiline", "true");
      line.setAttribute("aria-label", words.caption);
      line.setAttribute("aria-placeholder", own.caption ? fill(words.linked, own.caption) : words.caption);
      widget.wrapper.setAttribute("aria-label", name(widget));
      drawState(widget, own);
    }

    /* One line under the picture: what those read who do not see it, what comes from the library, what is wrong. */
    function drawState(widget, own) {
      const { alt, credit, decorative } = widget.data;
      const wrapper = widget.wrapper.$;
      const line = wrapper.querySelector(":scope > .figure-state") || wrapper.appendChild(document.createElement("div"));
      line.className = "figure-state";
      line.setAttribute("contenteditable", "false");
      const lacks = lacksAlt(widget, own);
      const wrong = own.missing ? words.missing : own.barred || (lacks ? words.noAlt : "");
      const bare = decorative || own.decorative;
      const linked = [
        own.caption && !captionText(widget) && words.caption,
        !bare && own.alt && !alt && words.alt,
        own.credit && !credit && words.credit,
      ].filter(Boolean);
      const sentences = [
        !wrong && !lacks && (bare ? words.decorative : (alt || own.alt) && fill(words.says, alt || own.alt)),
        linked.length && fill(words.linkedOnes, linked.join(", ")),
      ];
      line.replaceChildren(...[wrong, ...sentences].filter(Boolean).map((sentence, at) => {
        const part = document.createElement("span");
        part.dir = "auto";
        part.textContent = sentence;
        if (wrong && at === 0) part.className = "is-wrong";
        return part;
      }));
      widget.element.$.classList.toggle("lacks-alt", lacks);
      widget.element.$.classList.toggle("lacks-picture", own.missing === true);
    }

    /* What is only shown is no step of undo. */
    function redraw(widgets) {
      editor.fire("lockSnapshot");
      widgets.forEach(draw);
      editor.fire("unlockSnapshot");
    }

    function all() {
      const found = [...editor.editable().$.querySelectorAll(".cke_widget_newsfigure")];
      return found.map((wrapper) => editor.widgets.getByElement(new CKEDITOR.dom.element(wrapper))).filter(Boolean);
    }

    async function learn(key) {
      known.set(key, {});
      const [picture] = await library.known([key]);
      known.set(key, picture || { missing: true });
      if (editor.mode === "wysiwyg") redraw(all().filter((widget) => widget.data.key === key));
    }

    /* The picture that is selected, or whose caption is. */
    function held() {
      const { focused, widgetHoldingFocusedEditable } = editor.widgets;
      return [focused, widgetHoldingFocusedEditable].find((one) => one && one.name === "newsfigure") || null;
    }

    /* For the ear; twice the same is said twice. */
    function say(sentence) {
      said.textContent = "";
      setTimeout(() => { said.textContent = sentence; }, 50);
    }

    /* A step of undo, where the text is another one. Where only the cursor is, what was undone can still be redone. */
    function step(widget) {
      editor.fire("saveSnapshot", { contentOnly: true });
      const image = editor.undoManager.currentImage;
      if (!image || !widget?.wrapper || !editor.editable().contains(widget.wrapper)) return;
      /* Undo selects the picture again: while its words are typed in the bar the text has no cursor to remember. */
      const range = editor.createRange();
      range.setStartBefore(widget.wrapper);
      range.setEndAfter(widget.wrapper);
      image.bookmarks = Object.assign(new CKEDITOR.dom.rangeList([range]).createBookmarks2(true), { isFake: 1 });
    }

    editor.newsFigures = { known, library, words, root, fill, name, held, all, say, captionOf, captionText, redraw, step };

    /* A caption that is typed or emptied changes what the picture is called, and what comes from the library. */
    let waiting = 0;
    editor.on("change", () => {
      clearTimeout(waiting);
      waiting = setTimeout(() => { if (editor.mode === "wysiwyg" && editor.editable()) redraw(all()); }, 400);
    });
    editor.on("destroy", () => clearTimeout(waiting));

    /* What stands in an empty caption goes with the first letter: CSS cannot tell text before the editor's <br>. */
    editor.on("contentDom", () => editor.editable().attachListener(editor.editable(), "input", () => {
      const widget = held();
      if (!widget) return;
      editor.fire("lockSnapshot");
      captionOf(widget).classList.toggle("has-words", Boolean(captionText(widget)));
      editor.fire("unlockSnapshot");
    }));

    /* CKEditor learns some time after a click into a caption that the picture itself is selected no longer, and takes
       the letters typed until then for commands to the picture. Before the first letter it has to look. */
    editor.on("key", () => {
      const { focused, widgetHoldingFocusedEditable } = editor.widgets;
      const typed = document.activeElement?.closest("figcaption");
      if (typed && editor.editable().$.contains(typed) && (focused || widgetHoldingFocusedEditable?.element.$ !== typed.parentElement)) {
        editor.selectionChange(true);
        editor.widgets.checkSelection();
      }
    }, null, null, 0);

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
