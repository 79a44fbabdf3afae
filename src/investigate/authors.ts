import type { Evidence, RootCause } from '../domain/diagnosis.js';
import type { ObservationStore } from '../domain/ports.js';
import type { ProposalStep } from '../domain/proposal.js';
import { parseObservation } from './logfmt.js';

/**
 * Who made the change under repair, and so may not approve it: the authors that drafted steps name, and those of the
 * commits that the evidence of a config regression quotes. E-mail addresses where the history gives them.
 */
export async function authorsOfCause(
  causes: readonly RootCause[],
  evidence: readonly Evidence[],
  steps: readonly ProposalStep[],
  observations: ObservationStore,
): Promise<string[]> {
  const authors = new Set(steps.flatMap((step) => step.authors ?? []).map(addressOf));
  if (!causes.some((cause) => cause.category === 'config_regression')) return [...authors].sort();
  for (const quote of evidence) {
    if (quote.tool !== 'git_blame') continue;
    const { records } = parseObservation((await observations.get(quote.observation)) ?? '');
    const quoted = parseObservation(quote.quote).records.map(({ fields }) => fields['sha']);
    for (const { fields } of records) {
      const { sha, author, email } = fields;
      if (sha === undefined || author === undefined || !quoted.includes(sha)) continue;
      const address = email === undefined || REDACTED.test(email) ? undefined : email;
      // Tool text hides addresses. Where the drafted steps name theirs, a name beside them says nothing more.
      if (address !== undefined) authors.add(address);
      else if (authors.size === 0 || email === undefined) authors.add(addressOf(author));
    }
  }
  return [...authors].sort();
}

/** As the redactor marks what it took out. */
const REDACTED = /^<[A-Z_]+:[0-9a-f]+>$/;

function addressOf(author: string): string {
  return /<([^<>\s]+@[^<>\s]+)>/.exec(author)?.[1] ?? author;
}
