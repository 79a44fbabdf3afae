/** A setting's amount with the unit it is written in: `8`, `8g`, `512m`, `8Gi`, `1.5`. */
export interface Quantity {
  amount: number;
  suffix: string;
}

/** Reads an amount; undefined when the text is no number with a unit. */
export function parseQuantity(text: string): Quantity | undefined {
  const read = /^\s*(\d{1,15}(?:\.\d{1,6})?)\s*([A-Za-z]{0,4})\s*$/.exec(text);
  return read ? { amount: Number(read[1]), suffix: read[2] ?? '' } : undefined;
}

const BYTES: Record<string, number> = {
  k: 2 ** 10,
  ki: 2 ** 10,
  kb: 2 ** 10,
  m: 2 ** 20,
  mi: 2 ** 20,
  mb: 2 ** 20,
  g: 2 ** 30,
  gi: 2 ** 30,
  gb: 2 ** 30,
  gib: 2 ** 30,
  t: 2 ** 40,
  ti: 2 ** 40,
  tb: 2 ** 40,
};

/** Bytes of a memory amount; a bare number counts as bytes. Undefined when the unit is none of memory. */
export function bytesOf(quantity: Quantity): number | undefined {
  const factor = quantity.suffix === '' ? 1 : BYTES[quantity.suffix.toLowerCase()];
  return factor === undefined ? undefined : quantity.amount * factor;
}

/**
 * The number in which proposals and caps speak of a setting: the written amount, converted where the setting's unit is another
 * one of memory (`4096m` is 4 where the unit is `g`).
 */
export function amountIn(text: string, unit: string | undefined): number | undefined {
  const read = parseQuantity(text);
  if (!read) return undefined;
  if (unit === undefined || read.suffix === '' || read.suffix.toLowerCase() === unit.toLowerCase()) return read.amount;
  const [bytes, one] = [bytesOf(read), bytesOf({ amount: 1, suffix: unit })];
  return bytes === undefined || one === undefined ? read.amount : bytes / one;
}

/** The new value as it must be written: in the notation of the old one, so that `8g` becomes `12g` and 8 becomes 12. */
export function writtenAs(old: string, value: number, unit: string | undefined): string {
  const read = parseQuantity(old);
  if (!read || read.suffix === '') return String(value);
  if (unit === undefined || read.suffix.toLowerCase() === unit.toLowerCase()) return `${value}${read.suffix}`;
  const [one, old1] = [bytesOf({ amount: 1, suffix: unit }), bytesOf({ amount: 1, suffix: read.suffix })];
  if (one === undefined || old1 === undefined) return `${value}${read.suffix}`;
  const amount = (value * one) / old1;
  return Number.isInteger(amount) ? `${amount}${read.suffix}` : `${value}${unit}`;
}
