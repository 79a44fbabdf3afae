import { createHmac } from 'node:crypto';
import type { Redaction, Redactor } from '../../src/domain/ports.js';
import { PERSONAL_RULES, publicAddressRule } from './personal-rules.js';
import type { Rule } from './rule.js';
import { SECRET_RULES } from './secret-rules.js';

export interface RedactorOptions {
  /** Keys the tokens; whoever has it can test guesses, so it is a secret of the installation. */
  secret: string;
  /** Also replace public IP addresses; private ones and host names stay, an investigator needs them. Default true. */
  publicAddresses?: boolean;
}

/** No rule ever sees a longer line: what is beyond is dropped, not passed through. */
export const LONGEST_LINE = 16_384;
const BEGIN = /-----BEGIN ([A-Z0-9 ]{0,40})(?:PRIVATE KEY|PGP PRIVATE KEY BLOCK)-----/;
const END = /-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/;
/** A line of a PEM body that lost its header: 64 or 76 characters of base64 and nothing else. */
const KEY_BODY =
  /^(?:\| )?\s{0,8}(?![0-9a-f]+$)(?=[A-Za-z0-9+/]*[a-z])(?=[A-Za-z0-9+/]*[A-Z])(?=[A-Za-z0-9+/]*\d)[A-Za-z0-9+/]{64}(?:[A-Za-z0-9+/]{12})?$/;

/**
 * Removes secrets and personal data from text: known secret shapes, values of telling names, and identifiers that pass their
 * checksum. The same value gives the same `<TYPE:7f3a>` within one scope and another in the next. Names and postal addresses in
 * running text are not found by any rule.
 */
export function createRedactor(options: RedactorOptions): Redactor {
  const rules: readonly Rule[] = [
    ...SECRET_RULES,
    ...PERSONAL_RULES,
    ...(options.publicAddresses === false ? [] : [publicAddressRule]),
  ];
  return {
    redact(text, scope) {
      const key = createHmac('sha256', options.secret).update(scope).digest();
      let count = 0;
      const token = (type: string, value: string): string => {
        count += 1;
        const tag = createHmac('sha256', key).update(`${type}\n${value}`).digest('hex').slice(0, 4);
        return `<${type}:${tag}>`;
      };
      const lines = withoutKeys(text.split('\n'), token).map((line) => redactLine(line, rules, token));
      return { text: lines.join('\n'), count } satisfies Redaction;
    },
  };
}

type Token = (type: string, value: string) => string;

/** Replaces whole private keys, also those whose end was cut off; the marks that fence outside text stay. */
function withoutKeys(lines: readonly string[], token: Token): string[] {
  const out: string[] = [];
  let inside = false;
  for (const line of lines) {
    const fence = line.startsWith('| ') ? '| ' : '';
    if (inside) {
      inside = !END.test(line);
      continue;
    }
    const begin = line.length <= LONGEST_LINE ? BEGIN.exec(line) : BEGIN.exec(line.slice(0, LONGEST_LINE));
    if (begin) {
      const rest = line.slice(begin.index);
      const end = END.exec(rest);
      inside = end === null && !/\\n/.test(rest);
      out.push(
        line.slice(0, begin.index) + token('PRIVATE_KEY', rest) + (end ? rest.slice(end.index + end[0].length) : ''),
      );
    } else if (KEY_BODY.test(line)) out.push(`${fence}${token('PRIVATE_KEY', line)}`);
    else out.push(line);
  }
  return out;
}

const TOKEN = /<[A-Z_]{2,20}:[0-9a-f]{4}>/g;
const FIRST_MARK = 0xe000;
const MARKS = /[\ue000-\uf8ff]/g;

/**
 * While rules run, each token is one private-use character, so that no rule takes `<SECRET:7f3a>` for a name and its value. Such
 * characters of the text itself are replaced.
 */
function redactLine(line: string, rules: readonly Rule[], token: Token): string {
  const bounded = line.length <= LONGEST_LINE ? line : cutLine(line);
  // Cheap: no rule can match a line without a digit, an @, a colon or an equals sign, or one of the few words below.
  if (!/[0-9@:=]|passw|secret|token|bearer|basic|identified/i.test(bounded)) return bounded;
  const tokens: string[] = [];
  const mark = (text: string): string => String.fromCharCode(FIRST_MARK + Math.min(tokens.push(text) - 1, 6_399));
  const shown = (text: string): string =>
    text.replace(MARKS, (char) => tokens[char.charCodeAt(0) - FIRST_MARK] ?? char);
  const marked = bounded.replace(MARKS, '\ufffd').replace(TOKEN, mark);
  return shown(rules.reduce((text, rule) => rule(text, (type, value) => mark(token(type, shown(value)))), marked));
}

/** Cut where a word ends, so that no half of a secret is left that a rule would not know. */
function cutLine(line: string): string {
  const head = line.slice(0, LONGEST_LINE);
  const end = Math.max(head.lastIndexOf(' '), head.lastIndexOf(','), head.lastIndexOf('"'));
  const kept = head.slice(0, Math.max(end, LONGEST_LINE / 2));
  return `${kept} [${line.length - kept.length} characters cut]`;
}
