"use strict";
/* Many pictures at once: chosen, dropped anywhere on the page, or pasted. Each has its own progress and result. */
{
  const { filesOf, send } = window.Library;
  const place = document.querySelector("[data-upload]");
  const AT_ONCE = 2; // one travels while another is read by the server
  const texts = place.querySelector("[data-texts]").dataset;
  const find = (name) => place.querySelector(`[data-${name}]`);
  const token = place.querySelector("[name=csrfmiddlewaretoken]").value;
  const counts = { taken: 0, known: 0, refused: 0 };
  const waiting = [];
  const fresh = [];
  let running = 0;

  const left = () => waiting.length + running;

  const sum = () => {
    const numbers = { ...counts, left: left() };
    find("sum").textContent = texts.sum.replace(/%\((\w+)\)s/g, (_whole, name) => numbers[name]);
  };

  const lead = () => {
    const link = find("next").querySelector("a");
    const query = fresh.slice(-Number(place.dataset.most)).map((key) => `id=${key}`);
    link.href = `${place.dataset.words}?${query.join("&")}`;
    find("next").hidden = fresh.length === 0;
  };

  /* A line of the list for one file. */
  const rowOf = (file) => {
    const row = find("row").content.firstElementChild.cloneNode(true);
    const part = (name) => row.querySelector(name);
    part(".sent-name").textContent = file.name;
    part("progress").setAttribute("aria-label", file.name);
    part(".sent-said").textContent = texts.waiting;
    find("sent").append(row);
    return { row, part };
  };

  const progressOf = ({ part }) => (share) => {
    const bar = part("progress");
    if (share < 1) bar.value = Math.round(share * 100);
    else bar.removeAttribute("value");
    part(".sent-said").textContent = share < 1 ? texts.sending : texts.reading;
  };

  const conclude = (line, file, result) => {
    const { row, part } = line;
    row.dataset.state = result.state;
    part("progress").remove();
    part(".sent-said").textContent = result.said;
    if (result.state in counts) counts[result.state] += 1;
    if (result.again) offerAgain(line, file);
    if (["refused", "failed"].includes(result.state)) putForward(row);
    if (!result.image) return;
    if (result.image.src) {
      part(".sent-picture").src = result.image.src;
      part(".sent-picture").hidden = false;
    }
    part(".sent-link").textContent = texts.open;
    part(".sent-link").setAttribute("aria-label", `${texts.open}: ${file.name}`);
    part(".sent-link").href = place.dataset.form.replace("/0/", `/${result.image.id}/`);
    part(".sent-link").hidden = false;
    if (result.state === "taken") fresh.push(result.image.id);
  };

  /* To the top, behind those that are there for the same: among fifty that were taken nobody would look for it. */
  const putForward = (row) => {
    const before = [...find("sent").children].find((one) => one !== row && !["refused", "failed"].includes(one.dataset.state));
    if (before && row.compareDocumentPosition(before) & Node.DOCUMENT_POSITION_PRECEDING) before.before(row);
  };

  const offerAgain = ({ row, part }, file) => {
    const again = part(".sent-again");
    again.hidden = false;
    again.addEventListener("click", () => {
      row.remove();
      take([file]);
    });
  };

  const next = async () => {
    if (running >= AT_ONCE || !waiting.length) return;
    const { file, line } = waiting.shift();
    running += 1;
    line.part(".sent-said").textContent = texts.sending;
    const result = await send(file, { address: place.dataset.address, token, texts, progress: progressOf(line) });
    running -= 1;
    conclude(line, file, result);
    sum();
    lead();
    next();
  };

  const take = (files) => {
    if (!files.length) {
      find("sum").textContent = texts.noFile;
      return;
    }
    waiting.push(...files.map((file) => ({ file, line: rowOf(file) })));
    for (let slot = 0; slot < AT_ONCE; slot += 1) next();
    sum();
  };

  // Chosen: sent at once, and the button is not needed.
  const chooser = place.querySelector("input[type=file]");
  chooser.addEventListener("change", () => {
    take([...chooser.files]);
    chooser.value = "";
  });
  place.querySelector("form button").hidden = true;
  for (const help of place.querySelectorAll("[data-script]")) help.hidden = false;

  // Dropped, anywhere.
  const { carries } = window.PictureSending;
  const show = (shown) => { find("drop").hidden = !shown; };
  document.addEventListener("dragover", (event) => {
    if (!carries(event)) return;
    event.preventDefault();
    show(true);
  });
  document.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) show(false);
  });
  document.addEventListener("drop", async (event) => {
    show(false);
    if (!carries(event)) return;
    event.preventDefault();
    take(await filesOf(event.dataTransfer));
  });

  // Pasted: text that goes into a field is none of ours.
  document.addEventListener("paste", async (event) => {
    if (!event.clipboardData?.files.length) return;
    event.preventDefault();
    take(await filesOf(event.clipboardData));
  });

  window.addEventListener("beforeunload", (event) => {
    if (left()) event.preventDefault();
  });
}
