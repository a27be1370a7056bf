"use strict";
/* Headings as buttons: three levels under the headline, which is the page's own.
   And rows and columns as buttons, in a bar that is there while the cursor is in a table. */
CKEDITOR.plugins.add("newsstructure", {
  init(editor) {
    const { words } = editor.config.newsroom;
    for (const level of ["h2", "h3", "h4"]) {
      const style = new CKEDITOR.style({ element: level });
      const command = new CKEDITOR.styleCommand(style);
      editor.addCommand(level, command);
      editor.attachStyleStateChange(style, (state) => {
        if (!editor.readOnly) editor.getCommand(level).setState(state);
      });
      editor.ui.addButton(`News${level.toUpperCase()}`, { label: words[level], command: level });
      editor.setKeystroke(CKEDITOR.CTRL + CKEDITOR.ALT + 48 + Number(level[1]), level);
    }

    const bar = editor.element.$.closest(".django-ckeditor-widget").querySelector(".table-acts");
    const look = () => {
      const path = editor.elementPath();
      bar.hidden = !(path && path.contains("table", 1));
    };
    bar.addEventListener("click", (event) => {
      const { command } = event.target.dataset;
      if (!command) return;
      editor.focus();
      editor.execCommand(command);
      look();
    });
    editor.on("selectionChange", look);
    editor.on("contentDomUnload", () => { bar.hidden = true; });
    editor.on("instanceReady", () => editor.container.$.append(bar));
  },
});
