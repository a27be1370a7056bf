"use strict";
/* Text is edited in the page itself, in the article's language, and the form always holds what is seen. */
CKEDITOR.on("dialogDefinition", (event) => {
  event.data.definition.resizable = CKEDITOR.DIALOG_RESIZE_NONE;
});

CKEDITOR.plugins.add("newsarea", {
  init(editor) {
    const form = editor.element.$.form;
    const language = form && form.elements.namedItem("language");

    const speak = () => {
      const editable = editor.editable();
      const code = language && language.value;
      if (!editable) return;
      const rightToLeft = editor.config.newsroom.rightToLeft.includes((code || "").split("-")[0]);
      editable.setAttribute("dir", code ? (rightToLeft ? "rtl" : "ltr") : "auto");
      if (code) editable.setAttribute("lang", code);
    };
    if (language) language.addEventListener("change", speak);
    editor.on("contentDom", speak);

    let waiting = 0;
    const hand = () => {
      clearTimeout(waiting);
      waiting = 0;
      editor.updateElement();
      editor.element.$.dispatchEvent(new Event("input", { bubbles: true }));
    };
    editor.on("instanceReady", () => {
      editor.on("change", () => { waiting = waiting || setTimeout(hand, 300); });
      editor.on("blur", () => { if (waiting) hand(); });
    });
    editor.on("destroy", () => clearTimeout(waiting));
    /* CKEditor writes its own spelling of the text into the field when the form is sent. Before anyone reads the form
       on that occasion: else what is sent looks like something that was typed after it. */
    editor.element.$.form?.addEventListener("submit", () => { if (editor.status === "ready") editor.updateElement(); }, true);

    /* For whoever keeps or restores the form and knows no editor: "newsroom:read" brings the form's field up to date
       at once, "newsroom:write" shows what was put into it. */
    const ready = (act) => { if (editor.status === "ready") act(); else editor.once("instanceReady", act); };
    editor.element.$.addEventListener("newsroom:read", () => { if (waiting) hand(); });
    editor.element.$.addEventListener("newsroom:write", (event) => {
      const { value } = event.target;
      ready(() => editor.setData(value, { callback: hand }));
    });

    /* The browser's own menu holds the spelling suggestions; CKEditor's is not used. */
    editor.on("contentDom", () => {
      editor.editable().$.addEventListener("contextmenu", (event) => event.stopImmediatePropagation(), true);
    });
    editor.setKeystroke([[CKEDITOR.SHIFT + 121, null], [CKEDITOR.CTRL + CKEDITOR.SHIFT + 121, null]]);
  },

  afterInit(editor) {
    editor.addMode("wysiwyg", (ready) => {
      const area = new CKEDITOR.dom.element("div", CKEDITOR.document);
      area.addClass("cke_wysiwyg_div");
      area.addClass("cke_reset");
      area.addClass("prose");
      editor.ui.space("contents").append(area);
      const editable = editor.editable(area);
      const { detach } = editable;
      editable.detach = function (...rest) {
        detach.apply(this, rest);
        this.remove();
      };
      editor.setData(editor.getData(true), ready);
      editor.fire("contentDom");
    });
  },
});
