/** A form that only credentials have. */
interface Shape {
  what: string;
  pattern: RegExp;
}

/** Every quantifier is bounded: a text of the author must not slow the check down. */
const SHAPES: readonly Shape[] = [
  { what: 'a login in a URL', pattern: /\b[a-z][a-z0-9+.-]{1,30}:\/\/[^\s:/?#@'"]{1,100}:[^\s/?#@'"]{1,200}@/gi },
  { what: 'a login in a database URL', pattern: /\bjdbc:oracle:[a-z]{2,6}:[^\s/@'"]{1,60}\/[^\s@'"]{1,100}@/gi },
  { what: 'an AWS access key', pattern: /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/g },
  { what: 'a private key', pattern: /-----BEGIN (?:[A-Z]{2,20} ){0,2}PRIVATE KEY-----/g },
  { what: 'a storage account key', pattern: /\b(?:AccountKey|SharedAccessKey)=[A-Za-z0-9+/=]{16,200}/g },
  { what: 'a shared access signature', pattern: /[?&]sig=[A-Za-z0-9%+/=_-]{16,200}/g },
  { what: 'a Slack token', pattern: /\bxox[abeoprs]-[A-Za-z0-9-]{10,200}/g },
  { what: 'a GitHub token', pattern: /\b(?:gh[oprsu]_[A-Za-z0-9]{30,100}|github_pat_\w{30,120})/g },
  { what: 'a GitLab token', pattern: /\bglpat-[\w-]{18,60}/g },
  { what: 'a Databricks token', pattern: /\bdapi[0-9a-f]{32}\b/g },
  { what: 'a Vault token', pattern: /\bhvs\.[\w-]{20,200}/g },
  { what: 'a Google API key', pattern: /\bAIza[\w-]{35}\b/g },
  { what: 'an API key', pattern: /\bsk-[A-Za-z0-9_-]{20,200}/g },
  { what: 'a signed token', pattern: /\beyJ[\w-]{8,500}\.eyJ[\w-]{8,2000}\.[\w-]{8,1000}/g },
  { what: 'a bearer token', pattern: /\bBearer\s{1,4}[A-Za-z0-9._~+/=-]{20,500}/g },
];

const NAMED =
  /(?<![A-Za-z])(?:password|passwd|pwd|passphrase|secret|client[_-]?secret|api[_-]?key|access[_-]?key|account[_-]?key|auth[_-]?token|access[_-]?token|kennwort|passwort)\s{0,3}[=:]\s{0,3}["']?(?!["'\s$])([^\s"';,&]{3,200})/gi;

/** Where a credential stands in a text, and what it seems to be. */
export interface Credential {
  what: string;
  start: number;
  end: number;
}

/**
 * Finds credentials by their form. `named` also takes `password=…`: right for URLs, options and comments; in SQL the same words
 * compare a column.
 */
export function findCredentials(text: string, named: boolean): Credential[] {
  const found = SHAPES.flatMap(({ what, pattern }) => matches(text, pattern, what));
  return named ? [...found, ...matches(text, NAMED, 'a credential')] : found;
}

function matches(text: string, pattern: RegExp, what: string): Credential[] {
  return [...text.matchAll(pattern)].map((match) => ({ what, start: match.index, end: match.index + match[0].length }));
}

/** A text without what looks like a credential: a finding must not carry on what it warns of. */
export function withoutCredentials(text: string): string {
  return findCredentials(text, true)
    .sort((a, b) => b.start - a.start)
    .reduce((kept, { start, end }) => `${kept.slice(0, start)}[credential]${kept.slice(end)}`, text);
}
