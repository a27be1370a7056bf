"use strict";
/* What comes from other programs: structure stays, their languages, styles and mistakes go. */
CKEDITOR.plugins.add("newspasting", {
  requires: "clipboard",

  init(editor) {
    const RENAMED = { h1: "h2", h5: "h4", h6: "h4" };

    /* Levels that an article does not have become those that it has, before CKEditor's own filter. */
    editor.on("toHtml", (event) => {
      event.data.dataValue.forEach((element) => {
        element.name = RENAMED[element.name] || element.name;
      }, CKEDITOR.NODE_ELEMENT, true);
    }, null, null, 5.4);

    /* CKEditor's filter for Google Docs, loaded at the first use, breaks on a span that lacks the styles which
       Google's own spans have. */
    const styled = (html) => html
      .replace(/<span(?![^>]*\sstyle\s*=)/gi, '<span style=""')
      .replace(/(<span[^>]*\sstyle\s*=\s*["'])/gi, "$1white-space:normal;");
    editor.on("paste", () => {
      const filters = CKEDITOR.pasteFilters || {};
      const { gdocs } = filters;
      if (!gdocs || gdocs.mended) return;
      filters.gdocs = (html, ...rest) => gdocs(styled(html), ...rest);
      filters.gdocs.mended = true;
    }, null, null, 2);

    /* Browsers put a non-breaking space where a space is typed at the edge of bold or leaning words. */
    editor.on("pluginsLoaded", () => {
      const beside = (node) => Boolean(node) && node.name in CKEDITOR.dtd.$inline && node.name !== "br";
      editor.dataProcessor.htmlFilter.addRules({
        text(value, node) {
          let words = value;
          if (beside(node.previous)) words = words.replace(/^(?:&nbsp;|\u00a0)(?=\S)/, " ");
          if (beside(node.next)) words = words.replace(/(?<=\S)(?:&nbsp;|\u00a0)$/, " ");
          return words;
        },
      });
    });

    /* Word marks nearly every word with a language, which says nothing about the text. */
    editor.on("paste", (event) => {
      const { dataValue, dataTransfer } = event.data;
      if (!dataValue || dataTransfer.getTransferType(editor) !== CKEDITOR.DATA_TRANSFER_EXTERNAL) return;
      const fragment = CKEDITOR.htmlParser.fragment.fromHtml(dataValue);
      fragment.forEach((element) => {
        delete element.attributes.lang;
        delete element.attributes.dir;
      }, CKEDITOR.NODE_ELEMENT, true);
      const writer = new CKEDITOR.htmlParser.basicWriter();
      fragment.writeHtml(writer);
      event.data.dataValue = writer.getHtml();
    }, null, null, 900);
  },
});
