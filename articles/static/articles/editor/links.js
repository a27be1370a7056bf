"use strict";
/* The dialog of links offers what a saved text may hold: web addresses, paths of this site, mail and telephone.
   The server takes anything else out of the text (newsroom/lib/html.py), so here it is refused with a sentence. */
CKEDITOR.on("dialogDefinition", ({ data: { name, definition }, editor }) => {
  if (name !== "link") return;
  const { words } = editor.config.newsroom;
  const info = definition.getContents("info");
  info.remove("anchorOptions");

  const type = info.get("linkType");
  type.items = type.items.filter(([, value]) => value !== "anchor");
  type.setup = function (link) {
    /* A place in the page is an address like others. */
    if (link.type === "anchor") {
      link.type = "url";
      link.url = { protocol: "", url: `#${link.anchor.name || link.anchor.id || ""}` };
    }
    this.setValue(link.type || "url");
  };

  const protocol = info.get("protocol");
  protocol.items = protocol.items.filter(([, value]) => ["http://", "https://", ""].includes(value));

  const url = info.get("url");
  const { validate } = url;
  url.onKeyUp = function () {
    this.allowOnChange = false;
    const written = this.getValue().trim();
    const chosen = this.getDialog().getContentElement("info", "protocol");
    const web = /^https?:\/\/(?=.)/i.exec(written);
    if (web) {
      this.setValue(written.slice(web[0].length));
      chosen.setValue(web[0].toLowerCase());
    } else if (/^([#/.?]|(mailto|tel):)/i.test(written)) {
      chosen.setValue("");
    }
    this.allowOnChange = true;
  };
  url.validate = function () {
    const dialog = this.getDialog();
    if (dialog.getValueOf("info", "linkType") !== "url") return true;
    const written = this.getValue().trim();
    const found = validate.call(this);
    if (found !== true) return found;
    return leadsSomewhere(dialog.getValueOf("info", "protocol"), written) || words.badLink;
  };

  function leadsSomewhere(begin, written) {
    const scheme = /^([a-z][a-z0-9+.-]*):(?!\d)/i.exec(written);
    if (begin) return !scheme && !/^[/\\]|^[^/?#]*@/.test(written);
    if (/^[/\\]{2}/.test(written)) return false;
    return scheme ? /^(mailto|tel)$/i.test(scheme[1]) : !/^[^/?#]*:/.test(written) || /^tel:/i.test(written);
  }
});
