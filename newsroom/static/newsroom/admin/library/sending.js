"use strict";
/* One file on its way to the library, and what became of it. */
{
  const Library = (window.Library ??= {});

  /* What the server's answer means: {state: taken | known | refused | failed, image, said, again}. */
  const understood = ({ status, answer, elsewhere }, texts) => {
    if (status === 201 && answer?.image) return { state: "taken", image: answer.image, said: texts.taken };
    if (status === 200 && answer?.image) {
      return { state: "known", image: answer.image, said: answer.image.down ? texts.down : texts.known };
    }
    if (answer?.error) return { state: "refused", said: answer.error };
    if (status === 413) return { state: "refused", said: texts.tooLarge };
    if (status === 401 || elsewhere) return { state: "failed", said: texts.signedOut };
    if (status === 403) return { state: "failed", said: texts.forbidden };
    return { state: "failed", said: texts.failed, again: true };
  };

  /* Resolves in any case; `progress` is called with 0 to 1 while the file travels. */
  Library.send = async (file, { address, token, texts, progress }) =>
    understood(await window.PictureSending.send(file, { address, token, tell: progress }), texts);

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
