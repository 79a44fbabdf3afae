import { isIP } from 'node:net';
import { electronicFormatIBAN, getCountrySpecifications, isValidIBAN } from 'ibantools';
import { parsePhoneNumberFromString } from 'libphonenumber-js';
import { type Rule, replacing } from './rule.js';

/** Structured personal fields: the name says what the value is, because no expression knows a name or an address by its look. */
const FIELD =
  '(?:(?:customer|client|cardholder|account[_-]?holder|holder|beneficiary|patient|employee|contact|billing|shipping|recipient)[_-]?name|first[_-]?name|last[_-]?name|full[_-]?name|given[_-]?name|family[_-]?name|sur[_-]?name|middle[_-]?name|maiden[_-]?name|(?:customer|home|street|postal|billing|shipping|delivery|mailing)[_-]?address|street|post[_-]?code|postal[_-]?code|zip[_-]?code|date[_-]?of[_-]?birth|birth[_-]?date|birthday|dob|ssn|social[_-]?security[_-]?(?:number|no)|nino|national[_-]?(?:id|insurance)(?:[_-]?(?:number|no))?|tax[_-]?id|passport(?:[_-]?(?:number|no))?|driver[_-]?licen[cs]e(?:[_-]?(?:number|no))?|cvv2?|cvc2?|card[_-]?(?:number|no|pin)|pan|msisdn|phone(?:[_-]?(?:number|no))?|mobile(?:[_-]?(?:number|no))?|tel(?:ephone)?|e-?mail(?:[_-]?address)?|iban|account[_-]?(?:number|no))';

const TYPES: readonly [RegExp, string][] = [
  [/e-?mail/i, 'EMAIL'],
  [/phone|mobile|tel|msisdn/i, 'PHONE'],
  [/card|pan$|cv[vc]/i, 'CARD'],
  [/iban|account/i, 'IBAN'],
  [/name/i, 'NAME'],
  [/address|street|code/i, 'ADDRESS'],
];
const typeOf = (name: string): string => TYPES.find(([pattern]) => pattern.test(name))?.[1] ?? 'PERSONAL';

/** `"customer_name": "x"`, `dob=x`; an unquoted value goes on to a comma, a bracket or the next `name=`. */
const fields: readonly Rule[] = [
  new RegExp(
    `(?<![A-Za-z0-9])((?:[a-z]{1,20}_)?${FIELD})\\\\?["']\\s{0,4}(?::|=>|=)\\s{0,4}\\\\?["']([^"'\\\\]{1,300})`,
    'gi',
  ),
  new RegExp(`(?<![A-Za-z0-9])((?:[a-z]{1,20}_)?${FIELD})\\s{0,2}[=:]\\s{0,2}\\\\?["']([^"'\\\\]{1,300})`, 'gi'),
  new RegExp(
    `(?<![A-Za-z0-9])((?:[a-z]{1,20}_)?${FIELD})["']?\\s{0,4}(?:=|:\\s{1,2}|":\\s{0,2})([^\\s"'&;,|(){}[\\]<>=:][^"'&;,|(){}[\\]<>=\\r\\n]{0,120})`,
    'gi',
  ),
].map((expression, index): Rule => {
  return (line, token) =>
    line.replace(expression, (match: string, name: string, raw: string) => {
      // Unquoted: what follows may be the next field's name.
      const value =
        index < 2
          ? raw
          : raw.replace(/\s+[\w.-]{1,40}$/, (tail, at: number) =>
              line[line.indexOf(match) + match.length] === '=' ? '' : tail && at >= 0 ? tail : '',
            );
      const plain = value.trimEnd();
      if (!isPersonalValue(name, plain)) return match;
      const from = match.lastIndexOf(raw);
      return `${match.slice(0, from)}${token(typeOf(name), plain)}${match.slice(from + plain.length)}`;
    });
});

/** Types, null and the like describe a column of that name, they are not somebody's data. */
function isPersonalValue(name: string, value: string): boolean {
  if (value === '' || /^[\ue000-\uf8ff]/.test(value)) return false;
  if (
    /^(?:string|varchar|char|text|int|integer|bigint|long|date|timestamp|decimal|double|float|boolean|binary|null|none|true|false|required|missing|invalid|not|is|in|column|field|type|unknown)\b/i.test(
      value,
    )
  )
    return false;
  if (/cv[vc]|dob|date|birth|ssn|pan|card|phone|mobile|tel|msisdn|iban|account|tax|code/i.test(name))
    return /\d/.test(value);
  return /\p{L}{2}/u.test(value);
}

/** Card numbers: issuer ranges with their lengths, then Luhn. */
const ISSUERS: readonly [RegExp, readonly number[]][] = [
  [/^4/, [13, 16, 19]],
  [/^(?:5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720)/, [16]],
  [/^3[47]/, [15]],
  [/^(?:6011|64[4-9]|65)/, [16, 19]],
  [/^35(?:2[89]|[3-8])/, [16]],
  [/^3(?:0[0-5]|[689])/, [14, 16]],
  [/^62/, [16, 17, 18, 19]],
];
/** Words before a number that say it is none of a card. */
const COUNTED =
  /(?:offset|position|lsn|seq(?:uence)?|version|partition|timestamp|time|_?ts|epoch|nanos?|micros?|millis|bytes|rows|size|length|checksum|hash|duration|pid|tid|port|trace|span|run|job|txn|batch|query|snapshot|sequenceNumber)(?:[_-]?id)?["']?\s{0,2}[=:#]?\s{0,2}["']?$/i;

function isCard(text: string, line: string, at: number): boolean {
  const digits = text.replace(/[ -]/g, '');
  if (!ISSUERS.some(([prefix, lengths]) => prefix.test(digits) && lengths.includes(digits.length))) return false;
  if (COUNTED.test(line.slice(Math.max(0, at - 40), at))) return false;
  if (/[ -]/.test(text) && !/^\d{4}([ -])\d{4,6}\1\d{4,5}(?:\1\d{1,4})?(?:\1\d{1,3})?$/.test(text)) return false;
  const sum = [...digits].reverse().reduce((total, digit, index) => {
    const value = Number(digit) * (index % 2 === 1 ? 2 : 1);
    return total + (value > 9 ? value - 9 : value);
  }, 0);
  return sum % 10 === 0;
}

const COUNTRIES = getCountrySpecifications();

/** An IBAN is as long as its country says, spaces or not, and passes mod 97. */
const ibans: Rule = (line, token) =>
  line.replace(/(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]){11,34}/g, (match) => {
    const length = COUNTRIES[match.slice(0, 2)]?.chars;
    if (!length) return match;
    let taken = 0;
    let end = 0;
    while (end < match.length && taken < length) {
      if (/[A-Z0-9]/.test(match[end] ?? '')) taken += 1;
      end += 1;
    }
    const value = match.slice(0, end);
    const plain = electronicFormatIBAN(value);
    if (taken < length || /^[A-Z0-9]/.test(match.slice(end)) || plain === null || !isValidIBAN(plain)) return match;
    return token('IBAN', plain) + match.slice(end);
  });

const phones: Rule = replacing(
  'PHONE',
  /(?<![\w.:+/-])(?:\+|00(?=[1-9]\d?[ .-]))[1-9](?:[ ().-]{0,2}\d){6,14}(?!\w)/g,
  (value) => {
    const number = parsePhoneNumberFromString(value.replace(/^00/, '+'));
    return number?.isValid() === true;
  },
);

/** Addresses in a URL's authority (`abfss://container@account…`) and `git@host:` are not mail. */
const emails: Rule = replacing(
  'EMAIL',
  /(?<![A-Za-z0-9._%+-])[A-Za-z0-9][A-Za-z0-9._%+-]{0,63}@(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,24}(?![A-Za-z0-9-])/g,
  (value, line, at) =>
    !/:\/\/$/.test(line.slice(Math.max(0, at - 3), at)) &&
    !(value.startsWith('git@') && line[at + value.length] === ':'),
);

/** Personal data by field name, then by shape and checksum. */
export const PERSONAL_RULES: readonly Rule[] = [
  emails,
  ibans,
  phones,
  replacing('CARD', /(?<![\w.-])\d(?:[ -]?\d){12,18}(?![\w-]|\.\d)/g, isCard),
  replacing('PERSONAL', /(?<![\w-])(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![\w-])/g),
  replacing(
    'PERSONAL',
    /(?<![A-Za-z0-9])[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D](?![A-Za-z0-9])/g,
    (value) => !/^(?:BG|GB|KN|NK|NT|TN|ZZ)/.test(value),
  ),
  ...fields,
];

const PRIVATE =
  /^(?:0|10|127|192\.168|169\.254|172\.(?:1[6-9]|2\d|3[01])|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])|22[4-9]|2[3-5]\d)\./;

/** Public addresses only: private ones name machines of the platform. Four small numbers are a version (`4.0.1.2`). */
export const publicAddressRule: Rule = replacing(
  'IP',
  /(?<![\w.@/-])(?:\d{1,3}\.){3}\d{1,3}(?![\w-]|\.\d)/g,
  (value, line, at) =>
    isIP(value) === 4 &&
    !PRIVATE.test(value) &&
    value.split('.').some((octet) => Number(octet) > 31) &&
    !/(?:version|release|build|v)["']?\s{0,2}[=:]?\s{0,2}["']?$/i.test(line.slice(Math.max(0, at - 16), at)),
);
