import { instructionsIn } from '../checks/instructions.js';
import { regulatedText } from '../checks/regulated.js';
import { type Finding, finding } from '../finding.js';
import { shown } from '../shown.js';
import { type IntentCard, isDraftable } from './intent.js';
import { beyond, type Limit, languageOf, reviews } from './limits.js';
import { cardOf } from './request-card.js';
import type { RequestOptions } from './request-options.js';

const MAX_LENGTH = 4_000;

/**
 * What becomes of a request. `draft`: a config can be written, questions may stand beside it. `ask`: nothing before an answer.
 * `review`: a person writes this. `refuse`: it goes to risk and compliance, or is not done.
 */
export interface RequestReading {
  outcome: 'draft' | 'ask' | 'review' | 'refuse';
  card: IntentCard | undefined;
  findings: readonly Finding[];
  /** What the grammar can not do here, and what to do instead. */
  limits: readonly Limit[];
}

/** Reads a request in English without a model. What it does not understand it says; it never guesses in silence. */
export function readRequest(request: string, options: RequestOptions): RequestReading {
  const refused = [...regulatedText(request, 'request'), ...instructionsIn(request, 'request')];
  if (refused.length > 0) return { outcome: 'refuse', card: undefined, findings: refused, limits: [] };
  const unread = unreadable(request);
  if (unread !== undefined) return { outcome: 'ask', card: undefined, findings: [saidAs(unread)], limits: [unread] };
  const byHand = reviews(spoken(request));
  if (byHand.length > 0) return { outcome: 'review', card: undefined, findings: byHand.map(saidAs), limits: byHand };
  const limits = beyond(spoken(request));
  const card = cardOf(request, options);
  const closed = closedSources(card, options);
  if (closed.length > 0) return { outcome: 'refuse', card: undefined, findings: closed, limits: [] };
  const findings = [...limits.map(saidAs), ...card.open.map(questionOf)];
  return { outcome: limits.length === 0 && isDraftable(card) ? 'draft' : 'ask', card, findings, limits };
}

/** Tags of data protection: kept by levels and masks, not by one group of authors. */
const PROTECTION = new Set(['none', 'gdpr', 'pci', 'sox']);

/** Data that only the people of risk and compliance draft over: its columns are not even shown. */
function closedSources({ sources, owner }: IntentCard, { catalog, author }: RequestOptions): Finding[] {
  const team = author?.team ?? owner?.team;
  if (team !== undefined && catalog.riskAndCompliance.includes(team)) return [];
  return sources.flatMap(({ dataset: name }) => {
    const dataset = catalog.datasets.find((each) => each.name === name);
    if (dataset === undefined || PROTECTION.has(dataset.regulated)) return [];
    return [
      finding('REG006', {
        message: `'${shown(name)}' is tagged '${dataset.regulated}': risk and compliance draft over it`,
      }),
    ];
  });
}

/** Quoted values and places are names of somebody, not words of the request. */
const spoken = (request: string): string =>
  request.replaceAll(/(?<!\w)(['"])[^'"\n]{1,80}\1(?!\w)/g, ' ').replaceAll(/(?<!\w)(?:\w+:\/)?\/[\w.-]+\/\S*/g, ' ');

function unreadable(request: string): Limit | undefined {
  const limit = (what: string, instead: string): Limit => ({ rule: 'INT001', what, instead });
  if (request.trim() === '')
    return limit('the request is empty', 'say what to read, what to do with it and where to write it');
  if (request.length > MAX_LENGTH)
    return limit(`the request has ${request.length} characters, ${MAX_LENGTH} is the most`, 'say it in fewer words');
  const language = languageOf(request);
  return language === 'English'
    ? undefined
    : limit(`the request is in ${language}`, 'say it in English, or let a model read it');
}

const saidAs = ({ rule, what, instead }: Limit): Finding =>
  finding(rule, { message: `not drafted without a model: ${what}`, suggestion: instead });

function questionOf({ rule, what, choices, assumed }: IntentCard['open'][number]): Finding {
  const suggestion = [
    choices.length > 0 ? choices.join(', ') : '',
    assumed === undefined ? '' : `taken for now: ${assumed}`,
  ];
  return finding(rule, { message: what, suggestion: suggestion.filter((part) => part !== '').join('; ') || undefined });
}
