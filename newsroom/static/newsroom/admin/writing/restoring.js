"use strict";
/* Puts what was typed back into the form: fields, choices out of a search, the editor's text, and rows, found by their
   keys, so that what a colleague added or took away meanwhile stands as it is. Rows that no button adds are asked for by
   the event newsroom:add-row at their group (in its detail what was typed by name, and room for the `index` of the row);
   after newsroom:rows-restored the group may put its rows in order. */
{
  const Writing = (window.Writing ??= {});
  const ROW = /^(.+)-(\d+)-([^-]+)$/;

  /* {prefix: [{fields: Map(name -> entries)}]} of the rows, and the entries of all other fields. */
  function parted(typed) {
    const groups = new Map();
    const single = new Map();
    for (const entry of typed) {
      const [name] = entry;
      const found = ROW.exec(name);
      if (/_FORMS$/.test(name)) continue;
      if (!found) {
        single.set(name, [...(single.get(name) || []), entry]);
        continue;
      }
      const [, prefix, index, field] = found;
      const rows = groups.get(prefix) || groups.set(prefix, new Map()).get(prefix);
      const row = rows.get(index) || rows.set(index, new Map()).get(index);
      row.set(field, [...(row.get(field) || []), entry]);
    }
    return { single, groups };
  }

  function tell(field) {
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.dispatchEvent(new Event("change", { bubbles: true }));
    /* select2 hears jQuery alone. */
    window.django?.jQuery?.(field).trigger("change");
  }

  function choose(select, entries) {
    const wanted = new Set(entries.map(([, value]) => value));
    for (const [, value, label] of entries) {
      const known = [...select.options].some((option) => option.value === value);
      if (value && !known && label !== undefined) select.add(new Option(label, value));
    }
    for (const option of select.options) option.selected = wanted.has(option.value);
  }

  function fill(field, entries) {
    const value = entries.length ? entries[0][1] : "";
    if (field.options) choose(field, entries);
    else if (field.type === "checkbox" || field.type === "radio") field.checked = entries.some((one) => one[1] === field.value);
    else field.value = value;
    field.dispatchEvent(new CustomEvent("newsroom:write"));
    tell(field);
  }

  const fieldsOf = (form, name) => [...form.elements].filter((field) => field.name === name);

  function fillSingle(form, single) {
    for (const [name, entries] of single) {
      for (const field of fieldsOf(form, name)) fill(field, entries);
    }
    /* What was chosen or ticked in the form, and was not when this was typed. */
    for (const field of form.elements) {
      const open = field.type === "checkbox" || field.type === "select-multiple";
      if (open && field.name && !ROW.test(field.name) && !single.has(field.name) && !field.name.includes("__prefix__")) fill(field, []);
    }
  }

  const valueOf = (row, field) => (row.get(field) || [["", ""]])[0][1];

  /* The numbers of the form's rows: by key those that are stored, and the others in their order. */
  function rowsOf(form, prefix) {
    const total = Number(form.elements.namedItem(`${prefix}-TOTAL_FORMS`)?.value || 0);
    const stored = new Map();
    const fresh = [];
    for (let index = 0; index < total; index += 1) {
      const key = form.elements.namedItem(`${prefix}-${index}-id`)?.value;
      if (key) stored.set(key, index);
      else fresh.push(index);
    }
    return { total, stored, fresh };
  }

  const groupOf = (form, prefix) => form.querySelector(`#${CSS.escape(prefix)}-group`);

  /* The number of a row for this one, or null where it cannot have one. */
  function addRow(form, prefix, row) {
    const before = rowsOf(form, prefix).total;
    groupOf(form, prefix)?.querySelector(".add-row a")?.click();
    const asked = { row, index: null };
    groupOf(form, prefix)?.dispatchEvent(new CustomEvent("newsroom:add-row", { detail: asked }));
    return asked.index ?? (rowsOf(form, prefix).total > before ? before : null);
  }

  function fillRow(form, prefix, index, row) {
    for (const field of [...form.elements]) {
      const found = ROW.exec(field.name || "");
      if (!found || found[1] !== prefix || Number(found[2]) !== index) continue;
      /* The keys are the form's own. */
      if (found[3] === "id" || found[3] === "article") continue;
      fill(field, row.get(found[3]) || []);
    }
  }

  function fillRows(form, prefix, rows) {
    if (!form.elements.namedItem(`${prefix}-TOTAL_FORMS`)) return;
    const { stored, fresh } = rowsOf(form, prefix);
    for (const row of rows.values()) {
      const known = stored.get(valueOf(row, "id"));
      const gone = valueOf(row, "id") && known === undefined;
      if (gone && row.has("DELETE")) continue;
      const index = known ?? fresh.shift() ?? addRow(form, prefix, row);
      if (index !== null) fillRow(form, prefix, index, row);
    }
    for (const index of fresh) fillRow(form, prefix, index, new Map());
    groupOf(form, prefix)?.dispatchEvent(new CustomEvent("newsroom:rows-restored"));
  }

  Writing.restore = (form, { typed, basedOn }) => {
    const { single, groups } = parted(typed);
    fillSingle(form, single);
    for (const [prefix, rows] of groups) fillRows(form, prefix, rows);
    const began = form.elements.namedItem("based_on");
    if (began && basedOn) began.value = basedOn;
  };
}
