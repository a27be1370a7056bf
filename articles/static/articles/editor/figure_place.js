"use strict";
/* How pictures come into the text (library, drop, paste) and where they stand in it (moved by keys or buttons). */
CKEDITOR.plugins.add("newsfigureplace", {
  requires: "newsfigure,newsfigurebar",

  init(editor) {
    const figures = editor.newsFigures;
    const { known, library, words, say, fill } = figures;
    const line = document.createElement("div");
    line.className = "figure-drop";
    line.hidden = true;

    // Put into the text ----------------------------------------------------------------------

    const isBlock = (element) => Boolean(element) && !element.matches("[data-cke-temp], [data-cke-hidden-sel], .figure-drop, [data-cke-lineutils-line]");
    const blocks = () => [...editor.editable().$.children].filter(isBlock);

    function made(picture, put) {
      known.set(String(picture.id), picture);
      figures.step();
      const before = new Set(Object.keys(editor.widgets.instances));
      put(`<figure data-image="${Number(picture.id)}"><img alt=""><figcaption></figcaption></figure>`);
      const [found] = Object.entries(editor.widgets.instances).filter(([id]) => !before.has(id));
      if (!found) return null;
      figures.step();
      reveal(found[1].element.$);
      say(fill(words.inserted, figures.name(found[1])));
      return found[1];
    }

    /* Where the cursor is. */
    function insert(picture) {
      /* A picture never goes into another one, but behind it. */
      const around = figures.held();
      if (around) {
        const range = editor.createRange();
        range.moveToPosition(around.wrapper, CKEDITOR.POSITION_AFTER_END);
        range.select();
      } else if (isInWords()) {
        /* Nor does it cut a sentence in two: it comes behind the paragraph, as one that is pasted. */
        return insertAt(spotOfCursor(), picture);
      }
      return made(picture, (html) => editor.insertHtml(html));
    }

    /* Between two blocks. `spot`: {block, before}; without a block, or with one that is gone, at the end. */
    function insertAt(spot, picture) {
      return made(picture, (html) => {
        const figure = CKEDITOR.dom.element.createFromHtml(html, editor.document);
        const area = editor.editable().$;
        if (spot.block && area.contains(spot.block)) spot.block[spot.before ? "before" : "after"](figure.$);
        else area.append(figure.$);
        editor.widgets.initOn(figure, "newsfigure");
      });
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
        const around = figures.held();
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

    // Files ----------------------------------------------------------------------------------

    /* Uploads them and puts them at `spot`, in their order. Who refuses says why; the others come all the same. */
    async function take(files, spot) {
      for (const file of files) {
        const notice = editor.showNotification(fill(words.uploading, file.name), "progress", 0);
        const answer = await library.send(file, (progress) => notice.update({ progress }));
        notice.hide();
        if (editor.mode !== "wysiwyg") return;
        if (answer.error) {
          editor.showNotification(CKEDITOR.tools.htmlEncode(`${file.name}: ${answer.error}`), "warning");
          say(`${file.name}: ${answer.error}`);
          continue;
        }
        const widget = insertAt(spot, answer.image);
        if (!widget) continue;
        Object.assign(spot, { block: widget.wrapper.$, before: false });
        if (answer.known) editor.showNotification(CKEDITOR.tools.htmlEncode(fill(words.known, file.name)), "info");
      }
    }

    /* The block in which the cursor is: a picture comes after it, or before it where the cursor stands at its start. */
    function spotOfCursor() {
      const around = figures.held();
      if (around) return { block: around.wrapper.$, before: false };
      const [range] = editor.getSelection()?.getRanges() || [];
      const start = range?.startContainer.$;
      const block = start && blocks().find((one) => one.contains(start));
      if (!block) return { block: null };
      const isEmpty = !block.textContent.trim() && !block.querySelector("img");
      return { block, before: !isEmpty && range.checkStartOfBlock() };
    }

    /* Whether the cursor, without a selection, has words of its block before and behind it. */
    function isInWords() {
      const [range] = editor.getSelection()?.getRanges() || [];
      return Boolean(range?.collapsed) && !range.checkStartOfBlock() && !range.checkEndOfBlock();
    }

    /* Else CKEditor says that it does not know pictures. */
    CKEDITOR.plugins.clipboard.addFileMatcher(editor, (file) => file.type.startsWith("image/"));
    editor.on("paste", (event) => {
      const carried = event.data.dataTransfer;
      const files = Array.from({ length: carried.getFilesCount() }, (_, at) => carried.getFile(at));
      const pictures = files.filter((file) => file.type.startsWith("image/"));
      if (event.data.dataValue || !pictures.length) return;
      event.cancel();
      take(pictures, spotOfCursor());
    }, null, null, 1);

    /* The gap between two blocks that is nearest to the pointer. */
    function spotAt(y) {
      const gaps = blocks().flatMap((block) => {
        const { top, bottom } = block.getBoundingClientRect();
        return [{ block, before: true, y: top }, { block, before: false, y: bottom }];
      });
      return gaps.reduce((best, gap) => (Math.abs(gap.y - y) < Math.abs(best.y - y) ? gap : best), gaps[0] || { block: null, y });
    }

    function show(spot) {
      const area = editor.editable().$;
      const { top } = area.getBoundingClientRect();
      line.hidden = false;
      if (line.parentElement !== area.parentElement) area.after(line);
      line.style.insetBlockStart = `${spot.y - top + area.offsetTop}px`;
    }

    const hide = () => { line.hidden = true; };
    const { carries } = window.PictureSending;

    editor.on("contentDom", () => {
      const area = editor.editable().$;
      const listen = (type, act) => area.addEventListener(type, (event) => {
        if (!carries(event)) return;
        /* Before CKEditor, which would put the picture into the middle of a word. */
        event.preventDefault();
        event.stopImmediatePropagation();
        act(event);
      }, true);
      listen("dragenter", () => {});
      listen("dragover", (event) => {
        event.dataTransfer.dropEffect = "copy";
        show(spotAt(event.clientY));
      });
      listen("drop", (event) => {
        hide();
        const spot = spotAt(event.clientY);
        editor.focus();
        take([...event.dataTransfer.files], spot);
      });
      area.addEventListener("dragleave", (event) => { if (!area.contains(event.relatedTarget)) hide(); });
    });
    editor.on("contentDomUnload", () => line.remove());

    // Moved between the blocks -----------------------------------------------------------------

    const beside = (element, way) => {
      let next = element;
      do next = way < 0 ? next.previousElementSibling : next.nextElementSibling;
      while (next && !isBlock(next));
      return next;
    };

    figures.move = (widget, way) => {
      const wrapper = widget.wrapper.$;
      const area = editor.editable().$;
      const next = beside(wrapper, way) || (wrapper.parentElement !== area && wrapper.parentElement);
      if (!next) {
        say(way < 0 ? words.isFirst : words.isLast);
        return;
      }
      figures.step(widget);
      next[way < 0 ? "before" : "after"](wrapper);
      widget.focus();
      figures.step(widget);
      wrapper.scrollIntoView({ block: "nearest" });
      say(way < 0 ? words.movedUp : words.movedDown);
    };

    // Reached and left by keys -----------------------------------------------------------------

    const UP = 38;
    const DOWN = 40;
    const F2 = 113;
    const ESCAPE = 27;
    const BACKSPACE = 8;
    const DELETE = 46;
    const X = 88;

    /* Whether the cursor stands in the first or last line of its block. */
    function atEdge(block, way) {
      const range = getSelection().rangeCount ? getSelection().getRangeAt(0) : null;
      if (!range || !range.collapsed) return false;
      const rects = range.getClientRects();
      const box = block.getBoundingClientRect();
      const at = rects.length ? rects[0] : box;
      const lineHeight = parseFloat(getComputedStyle(block).lineHeight) || at.height || 20;
      return way < 0 ? at.top - box.top < lineHeight : box.bottom - at.bottom < lineHeight;
    }

    /* Chromium's cursor jumps over what it cannot edit. */
    function reach(way) {
      const start = editor.getSelection()?.getStartElement()?.$;
      const block = start && blocks().find((one) => one.contains(start));
      const next = block && beside(block, way);
      if (!next?.matches(".cke_widget_newsfigure") || !atEdge(block, way)) return false;
      editor.widgets.getByElement(new CKEDITOR.dom.element(next)).focus();
      next.scrollIntoView({ block: "nearest" });
      return true;
    }

    function leave(widget, way) {
      const range = editor.createRange();
      if (!range.moveToClosestEditablePosition(widget.wrapper, way > 0) && !range.moveToClosestEditablePosition(widget.wrapper, way < 0)) return false;
      range.select();
      return true;
    }

    editor.on("key", ({ data: { keyCode } }) => {
      if (![BACKSPACE, DELETE, CKEDITOR.CTRL + X].includes(keyCode)) return;
      const before = figures.all().length;
      setTimeout(() => { if (editor.mode === "wysiwyg" && figures.all().length < before) say(words.removed); }, 60);
    }, null, null, 0.5);

    editor.on("key", (event) => {
      const { keyCode } = event.data;
      const { focused, widgetHoldingFocusedEditable } = editor.widgets;
      const widget = figures.held();
      const ways = { [UP]: -1, [DOWN]: 1, [CKEDITOR.ALT + UP]: -1, [CKEDITOR.ALT + DOWN]: 1 };
      const way = ways[keyCode];
      const alt = keyCode > CKEDITOR.ALT;
      let done = false;
      if (widget && way && alt) {
        figures.move(widget, way);
        done = true;
      } else if (widget && keyCode === F2) {
        figures.open(widget);
        done = true;
      } else if (widgetHoldingFocusedEditable && !focused && keyCode === ESCAPE) {
        widget.focus();
        done = true;
      } else if (focused && widget && (keyCode === ESCAPE || (way && !alt))) {
        done = leave(widget, way || 1);
      } else if (!widget && way && !alt) {
        done = reach(way);
      }
      if (done) event.cancel();
    }, null, null, 0.5);
  },
});
