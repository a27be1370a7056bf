"use strict";
/* Takes files into the library of pictures, one after another, and says how far each is. Knows nothing of CKEditor. */
window.PictureUploading = class PictureUploading {
  /* `token()` gives the form's token: it changes when somebody signs in again. */
  constructor(address, token, words) {
    Object.assign(this, { address, token, words });
    this.last = Promise.resolve();
  }

  /* Resolves to {image, known}, or to {error}: one sentence that says why not. `tell` is called with parts of 1. */
  send(file, tell = () => {}) {
    const answer = this.last.then(() => this.#send(file, tell));
    this.last = answer;
    return answer;
  }

  async #send(file, tell) {
    const { status, answer, elsewhere } = await window.PictureSending.send(file, {
      address: this.address,
      token: this.token(),
      tell,
    });
    if (answer?.image || answer?.error) return answer;
    if (status === 401 || elsewhere) return { error: this.words.signedOut };
    return { error: { 403: this.words.forbidden, 413: this.words.tooLarge }[status] || this.words.failed };
  }

  /* Sends all of them and shows each as a line of `list`: its name, how far it is, or why it was refused. Calls
     `taken` with each picture as it comes. Refused ones stay in the list until the next time. */
  async all(files, list, taken) {
    for (const old of list.querySelectorAll("[data-done]")) old.remove();
    const lines = [...files].map((file) => ({ file, ...this.#line(file, list) }));
    let good = 0;
    for (const { file, line, progress, said } of lines) {
      const answer = await this.send(file, (part) => { progress.value = part; });
      line.dataset.done = "";
      progress.remove();
      if (answer.error) {
        line.classList.add("is-refused");
        said.textContent = `${file.name}: ${answer.error}`;
      } else {
        good += 1;
        line.remove();
        taken(answer.image, answer.known, file);
      }
    }
    return good;
  }

  #line(file, list) {
    const line = document.createElement("li");
    const said = document.createElement("span");
    said.dir = "auto";
    said.textContent = this.words.uploading.replace("%s", file.name);
    const progress = document.createElement("progress");
    progress.max = 1;
    progress.value = 0;
    progress.setAttribute("aria-label", said.textContent);
    line.append(said, progress);
    list.append(line);
    return { line, progress, said };
  }
};
