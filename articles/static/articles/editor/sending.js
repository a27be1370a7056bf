"use strict";
/* One file on its way to the library of pictures, for the grid and for the editor. */
window.PictureSending = {
  /* Resolves in any case, to {status, answer, elsewhere}: the server's JSON or null, and whether it led to another
     page, as it does whoever is signed out. `tell` is called with parts of 1 while the file travels. */
  send: (file, { address, token, tell }) =>
    new Promise((resolve) => {
      const request = new XMLHttpRequest();
      const body = new FormData();
      body.append("file", file, file.name);
      const pathOf = (url) => new URL(url, location.href).pathname;
      request.upload.addEventListener("progress", ({ loaded, total }) => tell(total ? loaded / total : 0));
      request.upload.addEventListener("load", () => tell(1));
      request.addEventListener("loadend", () => {
        let answer = null;
        try {
          answer = JSON.parse(request.responseText);
        } catch {
          /* A page, or nothing. */
        }
        resolve({ status: request.status, answer, elsewhere: pathOf(request.responseURL || address) !== pathOf(address) });
      });
      request.open("POST", address);
      request.setRequestHeader("X-CSRFToken", token);
      request.setRequestHeader("Accept", "application/json");
      request.send(body);
    }),

  /* Whether files are dragged, from outside of the browser. */
  carries: (event) => [...(event.dataTransfer?.types || [])].includes("Files"),
};
