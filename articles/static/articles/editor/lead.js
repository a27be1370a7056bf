"use strict";
/* A picture beside the text (lead image, gallery) is chosen from the same library as one in it, and seen at once. */
document.addEventListener("DOMContentLoaded", () => {
  const $ = window.django.jQuery;
  const widget = document.querySelector(".django-ckeditor-widget");
  const library = widget && window.PictureLibrary.of(widget);
  const SELECT = "select[name^='image_uses-'][name$='-image']";
  const WORDS = ["caption", "alt", "credit"];

  const rowOf = (select) => select.closest(".inline-related");

  /* Thumbnail and words as the library has them; those typed here stay. */
  function show(select, picture) {
    const row = rowOf(select);
    const place = row.querySelector(".field-shown .readonly");
    const image = document.createElement("img");
    image.className = "thumb";
    image.alt = "";
    if (picture && picture.src) image.src = picture.src;
    if (place) place.replaceChildren(...(image.src ? [image] : []));
    for (const word of WORDS) {
      const field = row.querySelector(`[name$="-${word}"]`);
      if (field) field.placeholder = (picture && picture[word]) || "";
    }
  }

  async function look(select) {
    const key = select.value;
    const [picture] = key ? await library.known([key]) : [];
    if (select.value === key) show(select, picture);
  }

  function choose(select, picture) {
    const key = String(picture.id);
    if (![...select.options].some((option) => option.value === key)) select.add(new Option(picture.name, key));
    select.value = key;
    select.dispatchEvent(new Event("change", { bubbles: true }));
  }

  function equip(select) {
    const wrapper = select.closest(".related-widget-wrapper") || select.parentElement;
    if (select.name.includes("__prefix__") || wrapper.querySelector(".picture-choose")) return;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "picture-choose";
    button.textContent = library.words.fromLibrary;
    button.addEventListener("click", () => library.open((picture) => choose(select, picture), () => button.focus()));
    wrapper.append(button);
  }

  if (library) {
    document.querySelectorAll(SELECT).forEach(equip);
    document.addEventListener("formset:added", (event) => event.target.querySelectorAll(SELECT).forEach(equip));
    /* select2 and the window in which a picture is added tell jQuery alone. */
    $(document).on("change", SELECT, (event) => look(event.target));
    /* What the browser, or a refused form, has kept. */
    for (const select of document.querySelectorAll(SELECT)) {
      if (select.value && !rowOf(select).querySelector("img.thumb")) look(select);
    }
  }
});
