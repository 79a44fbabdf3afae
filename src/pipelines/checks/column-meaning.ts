import type { InputColumn } from '../sql/bound.js';
import { isNumeric, isTemporal } from '../sql/type.js';
import { nameWords } from './words.js';

const AMOUNT = new Set([
  'amount',
  'amt',
  'betrag',
  'montant',
  'importe',
  'importo',
  'valor',
  'bedrag',
  'kwota',
  'tutar',
]);
const CURRENCY = new Set(['currency', 'ccy', 'curr', 'waehrung', 'wahrung', 'devise', 'moneda', 'valuta', 'moeda']);
const RATE = new Set(['rate', 'fx', 'kurs', 'taux', 'tasa', 'tasso', 'koers']);
const CODES = new Set([
  'eur',
  'usd',
  'gbp',
  'chf',
  'jpy',
  'cny',
  'sek',
  'nok',
  'dkk',
  'pln',
  'czk',
  'huf',
  'cad',
  'aud',
]);

const has = (words: readonly string[], set: ReadonlySet<string>): boolean => words.some((word) => set.has(word));

/** Holds amounts of money: declared, or a decimal that is called so. */
export function isAmount({ name, type, money }: InputColumn): boolean {
  return money === 'amount' || (money === undefined && type.kind === 'decimal' && has(nameWords(name), AMOUNT));
}

/** Holds a currency code: declared, or a text that is called so. */
export function isCurrency({ name, type, money }: InputColumn): boolean {
  return money === 'currency' || (money === undefined && type.kind === 'string' && has(nameWords(name), CURRENCY));
}

/** The name says which currency it is, as `amount_eur` does: nothing is mixed there. */
export function namesCurrency({ name }: { name: string }): boolean {
  return has(nameWords(name), CODES);
}

/** An exchange rate or another price of money. */
export function isRate({ name, type }: InputColumn): boolean {
  return isNumeric(type) && has(nameWords(name), RATE);
}

/** A key or a reference to something: declared, or a name that ends in `id`. */
export function isIdentifier({ name, identifier }: Pick<InputColumn, 'name' | 'identifier'>): boolean {
  return identifier ?? nameWords(name).at(-1) === 'id';
}

/** A date or an instant. */
export function isTime({ type }: Pick<InputColumn, 'type'>): boolean {
  return isTemporal(type);
}
