import type { Evidence, RootCause } from '../domain/diagnosis.js';
import type { ObservationStore } from '../domain/ports.js';
import { parseObservation } from './logfmt.js';

/**
 * Who made the commits that the evidence of a config regression quotes: they may not approve the repair of their own
 * change. E-mail addresses where the history gives them; empty when no commit is quoted.
 */
export async function authorsOfCause(
  causes: readonly RootCause[],
  evidence: readonly Evidence[],
  observations: ObservationStore,
): Promise<string[]> {
  if (!causes.some((cause) => cause.category === 'config_regression')) return [];
  const authors = new Set<string>();
  for (const quote of evidence) {
    if (quote.tool !== 'git_blame') continue;
    const { records } = parseObservation((await observations.get(quote.observation)) ?? '');
    const quoted = parseObservation(quote.quote).records.map(({ fields }) => fields['sha']);
    for (const { fields } of records) {
      const { sha, author } = fields;
      if (sha === undefined || author === undefined || !quoted.includes(sha)) continue;
      authors.add(/<([^<>\s]+@[^<>\s]+)>/.exec(author)?.[1] ?? author);
    }
  }
  return [...authors].sort();
}
