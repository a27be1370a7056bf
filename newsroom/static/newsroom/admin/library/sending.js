"use strict";
/* One file on its way to the library, and what became of it. */
{
  const Library = (window.Library ??= {});

  const json = (text) => {
    try {
      return JSON.parse(text);
    } catch {
      return null;
    }
  };

  /* What the server's answer means: {state: taken | known | refused | failed, image, said, again}. */
  const understood = (request, texts) => {
    const answer = json(request.responseText);
    if (request.status === 201 && answer?.image) return { state: "taken", image: answer.image, said: texts.taken };
    if (request.status === 200 && answer?.image) {
      return { state: "known", image: answer.image, said: answer.image.down ? texts.down : texts.known };
    }
    if (answer?.error) return { state: "refused", said: answer.error };
    if (request.status === 413) return { state: "refused", said: texts.tooLarge };
    if (request.status === 403) return { state: "failed", said: texts.forbidden };
    // The page for signing in, to which the server leads whoever is not.
    if (request.status === 200) return { state: "failed", said: texts.signedOut };
    return { state: "failed", said: texts.failed, again: true };
  };

  /* Resolves in any case; `progress` is called with 0 to 1 while the file travels. */
  Library.send = (file, { address, token, texts, progress }) =>
    new Promise((resolve) => {
      const request = new XMLHttpRequest();
      const body = new FormData();
      body.append("file", file, file.name);
      request.upload.addEventListener("progress", (event) => {
        if (event.lengthComputable) progress(event.loaded / event.total);
      });
      request.upload.addEventListener("load", () => progress(1));
      request.addEventListener("loadend", () => resolve(understood(request, texts)));
      request.open("POST", address);
      request.setRequestHeader("X-CSRFToken", token);
      request.send(body);
    });

  const entriesOf = (reader) =>
    new Promise((resolve) => {
      reader.readEntries(resolve, () => resolve([]));
    });
  const fileOf = (entry) =>
    new Promise((resolve) => {
      entry.file(resolve, () => resolve(null));
    });

  const below = async (entry) => {
    if (entry.isFile) return [await fileOf(entry)];
    const [found, reader] = [[], entry.createReader()];
    // A folder is told in parts, and the last one is empty.
    for (let part = await entriesOf(reader); part.length; part = await entriesOf(reader)) {
      for (const inner of part) found.push(...(await below(inner)));
    }
    return found;
  };

  /* The files of what was dropped or pasted, those in folders included. */
  Library.filesOf = async (transfer) => {
    // To be asked for at once: the browser forgets them when the event is over.
    const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
    const files = [...transfer.files];
    if (!entries.some((entry) => entry.isDirectory)) return files;
    const found = [];
    for (const entry of entries) found.push(...(await below(entry)));
    return found.filter((file) => file && !file.name.startsWith("."));
  };
}
