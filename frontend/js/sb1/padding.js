// Padmé: padding that leaves little to learn from a length, at a cost of at most 12 % (see kernel/sealing/padding.py).

// The Padmé size of `size` bytes. Sizes are up to 2^40, where 32-bit operators would lie: powers of two divide exactly.
export function paddedSize(size) {
  if (size < 2) return size;
  const exponent = size.toString(2).length - 1;
  const kept = exponent.toString(2).length;
  const step = 2 ** Math.max(exponent - kept, 0);
  return Math.ceil(size / step) * step;
}
