"use strict";
/* What is typed, kept by the browser itself: one entry for each user, article and window, in IndexedDB.
   An entry: {user, article ("" while new), window, address, typed, basedOn, number, sent, at}. `sent` is the number that
   the server has confirmed. What is no article has a journal of its own, named by its `kind`, and its own key there. */
{
  const Writing = (window.Writing ??= {});
  const STORE = "entries";
  const PATIENCE = 3_000; // ms: a storage that hangs must not keep the text from the server

  const settled = (request) => new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

  async function open(kind) {
    const request = indexedDB.open(["newsroom-writing", kind].filter(Boolean).join("-"), 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: ["user", "article", "window"] });
    return settled(request);
  }

  Writing.Journal = class Journal {
    /* Of one user: what others typed on this machine is neither read nor touched. */
    constructor({ user, kind }) {
      this.user = user;
      this.base = open(kind);
      this.base.catch(() => {});
    }

    async #store(mode, work) {
      const change = (await this.base).transaction(STORE, mode, { durability: "strict" });
      const done = new Promise((resolve, reject) => {
        setTimeout(() => reject(new Error("The browser's storage does not answer.")), PATIENCE);
        change.oncomplete = resolve;
        change.onerror = change.onabort = () => reject(change.error);
      });
      const answer = work(change.objectStore(STORE));
      await done;
      return answer && answer.result;
    }

    /* Resolves when the entry is on the disk. */
    put(entry) {
      return this.#store("readwrite", (store) => store.put({ ...entry, user: this.user }));
    }

    /* Marks what the server has confirmed, unless a later text was written meanwhile. */
    confirm({ article, window: name }, number) {
      return this.#store("readwrite", (store) => {
        const found = store.get([this.user, article, name]);
        found.onsuccess = () => {
          const entry = found.result;
          if (entry && !(entry.sent >= number)) store.put({ ...entry, sent: number });
        };
      });
    }

    forget(article, names) {
      return this.#store("readwrite", (store) => { for (const name of names) store.delete([this.user, article, name]); });
    }

    /* Every entry of the user, of whichever article. */
    all() {
      return this.#store("readonly", (store) => store.getAll(IDBKeyRange.bound([this.user], [this.user, []])));
    }
  };
}
