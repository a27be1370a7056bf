// Tries numbers until the SHA-256 of salt and number is the challenge. Tells how many of them are tried.

const AT_ONCE = 500;

self.addEventListener("message", async ({ data: { challenge, salt, most } }) => {
  try {
    self.postMessage(await find(challenge, salt, most));
  } catch {
    self.postMessage({ failed: true });
  }
});

async function find(challenge, salt, most) {
  const wanted = challenge.match(/../g).map((pair) => parseInt(pair, 16));
  const encoder = new TextEncoder();
  for (let first = 0; first <= most; first += AT_ONCE) {
    const numbers = Array.from({ length: Math.min(AT_ONCE, most + 1 - first) }, (_, place) => first + place);
    const hashes = await Promise.all(
      numbers.map((number) => crypto.subtle.digest("SHA-256", encoder.encode(`${salt}${number}`))),
    );
    const found = hashes.findIndex((hash) => same(new Uint8Array(hash), wanted));
    if (found >= 0) return { number: first + found };
    self.postMessage({ done: Math.min(1, (first + AT_ONCE) / most) });
  }
  return { failed: true };
}

function same(hash, wanted) {
  return wanted.length === hash.length && wanted.every((byte, place) => byte === hash[place]);
}
