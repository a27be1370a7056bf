// Has a worker solve what the server asks for before it reads a suspicious comment. Loaded only when that happens.

const EVERY = 3000; // milliseconds between two sentences about how far it is
export const UNABLE = "-"; // sent in place of a solution: the comment waits for a moderator instead

// The solution as the server takes it. `tell` is called with a sentence now and then.
export async function solve(challenge, field, tell) {
  try {
    const number = await find(challenge, field.dataset.worker, (percent) =>
      tell(field.dataset.progress.replace("{}", percent)),
    );
    const { algorithm, challenge: wanted, salt, signature } = challenge;
    return btoa(JSON.stringify({ algorithm, challenge: wanted, number, salt, signature }));
  } catch {
    return UNABLE; // no worker, or no WebCrypto, which browsers keep for HTTPS
  }
}

function find({ challenge, salt, maxNumber }, address, tell) {
  return new Promise((resolve, reject) => {
    const worker = new Worker(address);
    let told = Date.now();
    const end = (settle, value) => {
      worker.terminate();
      settle(value);
    };
    worker.addEventListener("error", () => end(reject));
    worker.addEventListener("message", ({ data }) => {
      if (data.failed) return end(reject);
      if (Number.isInteger(data.number)) return end(resolve, data.number);
      if (Date.now() - told < EVERY) return;
      told = Date.now();
      tell(Math.round(data.done * 100));
    });
    worker.postMessage({ challenge, salt, most: maxNumber });
  });
}
