import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { AppError } from '../../src/domain/errors.js';

const Price = z.strictObject({ input: z.number().positive(), output: z.number().positive() });

/** What models cost, in US dollars per million tokens, and the day on which that was so. Nothing is free. */
export const PriceTable = z.strictObject({
  date: z.iso.date(),
  unit: z.literal('US dollars per million tokens'),
  models: z.record(z.string(), Price).refine((models) => Object.keys(models).length > 0, 'at least one model'),
});
export type PriceTable = z.infer<typeof PriceTable>;

/** Reads a price table; the one that ships with Countersign without a path. @throws AppError `misconfigured` naming the field. */
export function readPrices(path?: string): PriceTable {
  let raw: unknown;
  try {
    raw = JSON.parse(readFileSync(path ?? new URL('./prices.json', import.meta.url), 'utf8'));
  } catch (cause) {
    throw new AppError('misconfigured', { safeText: 'The price table can not be read as JSON.', cause });
  }
  const read = PriceTable.safeParse(raw);
  if (read.success) return read.data;
  const field = read.error.issues[0]?.path.join('.') ?? '';
  throw new AppError('misconfigured', { field, safeText: `The price table is not valid at ${field || 'its top'}.` });
}

/**
 * US dollars of one turn. A dated or tagged name costs what its longest known beginning costs; a model that is not in the
 * table costs as much as the dearest one, so that a ceiling holds too early and never too late.
 */
export function priceOf(
  table: PriceTable,
  model: string,
  usage: { inputTokens: number; outputTokens: number },
): number {
  const known = Object.keys(table.models)
    .filter((name) => model === name || model.startsWith(`${name}-`) || model.startsWith(`${name}:`))
    .sort((a, b) => b.length - a.length)[0];
  const prices = Object.values(table.models);
  const price = (known === undefined ? undefined : table.models[known]) ?? {
    input: Math.max(...prices.map((each) => each.input)),
    output: Math.max(...prices.map((each) => each.output)),
  };
  return (usage.inputTokens * price.input + usage.outputTokens * price.output) / 1_000_000;
}
