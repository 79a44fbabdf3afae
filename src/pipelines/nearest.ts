import { closest, distance } from 'fastest-levenshtein';

/** The word that was probably meant: near in letters, not only the least far. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  if (known.length === 0 || word.length > 200) return undefined;
  const near = closest(word.toLowerCase(), [...known]);
  return distance(word.toLowerCase(), near.toLowerCase()) <= Math.max(2, Math.floor(near.length / 3))
    ? near
    : undefined;
}
