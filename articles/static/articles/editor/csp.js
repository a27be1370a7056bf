"use strict";
/* CKEditor 4 writes its buttons with on* attributes, which a Content Security Policy without
   'unsafe-inline' does not run. Here they are renamed before the browser sees them, and where one is a call
   of CKEditor's own and nothing else, the call is made when the event comes. Nothing is ever evaluated. */
(() => {
  const CALL = /^\s*(?:return\s+)?CKEDITOR\.tools\.callFunction\(\s*(\d+)\s*((?:,\s*(?:this|event|null|-?\d+|'(?:[^'\\]|\\.)*')\s*)*)\);?\s*(?:return false;?)?\s*$/;
  const ARGUMENT = /'(?:[^'\\]|\\.)*'|[^,\s]+/g;
  const SHIMMED = Symbol("shimmed");

  function read(word, element, event) {
    if (word === "this") return element;
    if (word === "event") return event && new CKEDITOR.dom.event(event).$;
    if (word === "null") return null;
    if (word.startsWith("'")) return word.slice(1, -1).replace(/\\(.)/g, "$1");
    return Number(word);
  }

  /* CKEditor's own interface, never the text that is edited in it. */
  const ofInterface = (element) => !element.closest(".cke_wysiwyg_div");

  function run(element, type, event) {
    const source = element.getAttribute(`data-cke-on${type}`);
    if (!source || !ofInterface(element)) return;
    const call = CALL.exec(source);
    let result;
    if (call) {
      const words = call[2].match(ARGUMENT) || [];
      result = CKEDITOR.tools.callFunction(Number(call[1]), ...words.map((word) => read(word, element, event)));
    }
    if (event && (/return false;?\s*$/.test(source) || (/^\s*return /.test(source) && result === false))) {
      event.preventDefault();
    }
  }

  function attach(target) {
    if (target[SHIMMED]) return;
    target[SHIMMED] = true;
    for (const type of ["click", "keydown", "keyup", "mousedown", "mouseup", "mouseover", "mouseout", "dragstart"]) {
      target.addEventListener(type, (event) => {
        for (let element = event.target; element && element.nodeType === 1; element = element.parentElement) {
          run(element, type, event);
        }
      });
    }
    /* Its links lead nowhere: javascript:void(...). */
    target.addEventListener("click", (event) => {
      if (event.target.nodeType === 1 && event.target.closest("a[href^='javascript:void']")) event.preventDefault();
    }, true);
    for (const type of ["focus", "blur"]) {
      target.addEventListener(type, (event) => {
        if (event.target.nodeType === 1) run(event.target, type, event);
      }, true);
    }
  }

  const renamed = (html) => html.replace(/(\s)on([a-z]+)=(?="[^"]*"|'[^']*')/g, "$1data-cke-on$2=");

  const { output } = CKEDITOR.template.prototype;
  CKEDITOR.template.prototype.output = function (data, buffer) {
    const html = renamed(output.call(this, data));
    if (!buffer) return html;
    buffer.push(html);
    return buffer;
  };

  attach(document);
  const { write } = CKEDITOR.dom.document.prototype;
  CKEDITOR.dom.document.prototype.write = function (html) {
    write.call(this, renamed(html));
    attach(this.$);
    const { body } = this.$;
    if (body && body.hasAttribute("data-cke-onload")) setTimeout(() => run(body, "load"), 0);
  };
})();
