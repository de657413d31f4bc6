// Shamir's secret sharing over GF(2^8), polynomial 0x11b, byte by byte. A share is { x, y }: x its place in the roster
// (1 to n), y as many bytes as the secret. Without tables: no address depends on a secret.

// Shares for x = 1 to n, any m of which give the secret; fewer give nothing. RangeError unless 2 <= m <= n <= 15.
export function split(secret, m, n) {
  if (!(m >= 2 && m <= n && n <= 15)) throw new RangeError("2 <= m <= n <= 15");
  const higher = crypto.getRandomValues(new Uint8Array((m - 1) * secret.length)); // the coefficients above the secret
  return Array.from({ length: n }, (_, place) => ({ x: place + 1, y: along(secret, higher, m, place + 1) }));
}

// The secret from m shares or more. Wrong or too few shares give other bytes, silently: always compare the public key.
export const join = (shares) => valueAt(shares, 0);

// What the polynomial through these shares is at `x`: the secret at 0, another member's y elsewhere.
// RangeError for an x that stands twice or is no place.
export function valueAt(shares, x) {
  const places = shares.map((share) => share.x);
  const odd = places.some((place) => !Number.isInteger(place) || place < 1 || place > 255);
  if (odd || new Set(places).size !== places.length) throw new RangeError("each share has its own place");
  const weights = places.map((place) => weight(places, place, x));
  return shares[0].y.map((_, at) => shares.reduce((sum, share, one) => sum ^ times(share.y[at], weights[one]), 0));
}

function along(secret, higher, m, x) {
  return secret.map((lowest, at) => {
    let value = 0;
    for (let power = m - 2; power >= 0; power--) value = times(value ^ higher[power * secret.length + at], x);
    return value ^ lowest;
  });
}

// Lagrange: the product over the other places of (x - other) / (place - other); minus is XOR here.
function weight(places, place, x) {
  return places.filter((other) => other !== place).reduce((product, other) => times(product, over(x ^ other, place ^ other)), 1);
}

function times(a, b) {
  let product = 0;
  for (let bit = 0; bit < 8; bit++) {
    product ^= -((b >> bit) & 1) & a;
    a = (a << 1) ^ (-(a >> 7) & 0x11b);
  }
  return product;
}

// a / b: b^254 is the inverse of b, because b^255 is 1.
function over(a, b) {
  let inverse = 1;
  for (let step = 0; step < 254; step++) inverse = times(inverse, b);
  return times(a, inverse);
}
