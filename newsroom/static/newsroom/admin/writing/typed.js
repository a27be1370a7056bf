"use strict";
/* What stands in the form, as a list of [name, value], or [name, value, label] for a choice out of a search. */
{
  const Writing = (window.Writing ??= {});
  /* What is no part of the text: who sends it, what this script keeps of it, and the answers on the page of two texts. */
  const APART = new Set(["csrfmiddlewaretoken", "window", "restored", "based_on", "seen", "writer"]);
  const BUTTONS = new Set(["submit", "button", "image", "reset", "file", "password"]);
  const HTML = new Set(["body"]);

  const counts = (field) => Boolean(field.name) && !field.disabled && !APART.has(field.name)
    && !field.name.includes("__prefix__") && !field.name.startsWith("choice-") && !BUTTONS.has(field.type);

  const entry = (select, option) => (select.classList.contains("admin-autocomplete")
    ? [select.name, option.value, option.text] : [select.name, option.value]);

  function chosen(select, asLoaded) {
    const options = [...select.options];
    if (!asLoaded) return options.filter((option) => option.selected);
    const marked = options.filter((option) => option.defaultSelected);
    return marked.length || select.multiple ? marked : options.slice(0, 1);
  }

  function values(field, asLoaded) {
    if (field.options) return chosen(field, asLoaded).map((option) => entry(field, option));
    if (field.type === "checkbox" || field.type === "radio") {
      return (asLoaded ? field.defaultChecked : field.checked) ? [[field.name, field.value]] : [];
    }
    const label = field.dataset.label ? [field.dataset.label] : [];
    return [[field.name, asLoaded && field.type !== "hidden" ? field.defaultValue : field.value, ...label]];
  }

  const read = (form, asLoaded) => [...form.elements].filter(counts).flatMap((field) => values(field, asLoaded));

  /* HTML in one spelling: without what is only shown, and without white space that means nothing. */
  function plainHtml(html) {
    const { body } = new DOMParser().parseFromString(html, "text/html");
    for (const picture of body.querySelectorAll("img")) picture.removeAttribute("src");
    for (const element of body.querySelectorAll("*")) {
      const names = element.getAttributeNames().filter((name) => name.startsWith("data-library-") || name.startsWith("data-cke"));
      for (const name of names) element.removeAttribute(name);
      const sorted = element.getAttributeNames().sort().map((name) => [name, element.getAttribute(name)]);
      for (const [name] of sorted) element.removeAttribute(name);
      for (const [name, value] of sorted) element.setAttribute(name, value);
    }
    return body.innerHTML.replace(/(?:\s|&nbsp;)+/g, " ").replace(/ ?(<\/?(?:p|h\d|ul|ol|li|figure|figcaption|table|t\w+|blockquote|hr|img)\b[^>]*>) ?/g, "$1").trim();
  }

  const plain = (name, value) => (HTML.has(name) ? plainHtml(value) : value.replace(/\r\n?/g, "\n").trim());

  /* What a reader would call the same: {name: values in one spelling}. What tells of the form alone is left out. */
  function spelled(typed) {
    const found = new Map();
    for (const [name, value] of typed) {
      if (name === "arranged" || name.startsWith("initial-") || /-(?:TOTAL|INITIAL|MIN_NUM|MAX_NUM)_FORMS$/.test(name)) continue;
      const said = plain(name, value);
      if (said) found.set(name, [...(found.get(name) || []), said]);
    }
    return found;
  }

  /* Names of the fields in which two of them differ, in the order of the form. */
  function differences(one, other) {
    const [mine, theirs] = [spelled(one), spelled(other)];
    const names = new Set([...mine.keys(), ...theirs.keys()]);
    return [...names].filter((name) => {
      const [left, right] = [mine.get(name) || [], theirs.get(name) || []];
      return left.length !== right.length || [...left].sort().join("\n") !== [...right].sort().join("\n");
    });
  }

  /* What the form shows the text of, as the server names it: a save of something older is not taken as it is. */
  const basedOn = (form) => (form.elements.namedItem("based_on") ?? form.elements.namedItem("seen"))?.value || "";

  Object.assign(Writing, { read, differences, basedOn, HTML });
}
