import { isPlaceholder, type Rule, replacing } from './rule.js';

/** Shapes that a provider gives to its secrets: found anywhere, whatever stands before them. */
const SHAPES: readonly RegExp[] = [
  /(?<![A-Za-z0-9])(?:AKIA|ASIA|AGPA|AIDA|AROA)[A-Z0-9]{16}(?![A-Za-z0-9])/g,
  /(?<![A-Za-z0-9])gh[pousr]_[A-Za-z0-9]{30,255}/g,
  /(?<![A-Za-z0-9])github_pat_[A-Za-z0-9_]{22,255}/g,
  /(?<![A-Za-z0-9])glpat-[A-Za-z0-9_-]{20,255}/g,
  /(?<![A-Za-z0-9])xox[abeprs]-[A-Za-z0-9-]{10,255}/g,
  /(?<![A-Za-z0-9])xapp-[A-Za-z0-9-]{10,255}/g,
  /(?<![A-Za-z0-9])sk-[A-Za-z0-9_-]{20,255}/g,
  /(?<![A-Za-z0-9])(?:sk|rk|pk)_(?:live|test)_[A-Za-z0-9]{16,255}/g,
  /(?<![A-Za-z0-9])AIza[A-Za-z0-9_-]{35}/g,
  /(?<![A-Za-z0-9])ya29\.[A-Za-z0-9_-]{20,255}/g,
  /(?<![A-Za-z0-9])npm_[A-Za-z0-9]{36}/g,
  /(?<![A-Za-z0-9])pypi-[A-Za-z0-9_-]{16,255}/g,
  /(?<![A-Za-z0-9])dapi[0-9a-f]{32}(?:-\d)?/g,
  /(?<![A-Za-z0-9])SG\.[A-Za-z0-9_-]{16,64}\.[A-Za-z0-9_-]{16,64}/g,
  /(?<![A-Za-z0-9])hv[sb]\.[A-Za-z0-9_-]{20,255}/g,
  /(?<![A-Za-z0-9])whsec_[A-Za-z0-9+/=]{20,255}/g,
  /(?<![A-Za-z0-9])dop_v1_[0-9a-f]{64}/g,
  /(?<![A-Za-z0-9])hf_[A-Za-z0-9]{30,64}/g,
  /hooks\.slack\.com\/services\/[A-Za-z0-9/_-]{20,100}/g,
];

const JWT = /(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{8,4000}\.eyJ[A-Za-z0-9_-]{4,8000}(?:\.[A-Za-z0-9_-]{0,2000})?/g;

/** Names whose value is a secret; the last part of a dotted or dashed name decides. */
const SECRET_NAME =
  '(?:pass(?:word|wd|phrase|code)?|pwd|secret|token|api[_-]?key|access[_-]?key(?:[_-]?id)?|secret[_-]?(?:access[_-]?)?key|account[_-]?key|private[_-]?key|shared[_-]?access[_-]?key|signing[_-]?key|encryption[_-]?key|client[_-]?secret|credentials?|auth[_-]?key|session[_-]?(?:key|id)|sas)';
/** What may stand before the name, as in `spark.hadoop.fs.s3a.secret.key` or `DB_PASSWORD`. */
const NAME = `(?:[A-Za-z0-9]{1,40}[._-]){0,8}[A-Za-z0-9]{0,24}${SECRET_NAME}(?:\\.(?:key|value))?`;

/** Numbers are counts, not tokens; short or plain words are prose. */
function isSecretValue(value: string): boolean {
  const plain = value.trim();
  if (plain.length < 3 || isPlaceholder(plain)) return false;
  return !/^-?\d{1,5}(?:\.\d+)?$/.test(plain);
}

const named: readonly Rule[] = [
  // JSON and Python: "password": "x", 'token' => 'x', \"secret\":\"x\"
  replacing(
    'SECRET',
    new RegExp(`(?<![A-Za-z0-9])${NAME}\\\\?["']\\s{0,4}(?::|=>|=)\\s{0,4}\\\\?["']([^"'\\\\]{1,2000})`, 'gi'),
    isSecretValue,
  ),
  // password=x, PASSWORD: "x", --token=x, ;AccountKey=x;
  replacing(
    'SECRET',
    new RegExp(`(?<![A-Za-z0-9])${NAME}\\s{0,2}[=:]\\s{0,2}\\\\?["']([^"'\\\\]{1,2000})`, 'gi'),
    isSecretValue,
  ),
  replacing(
    'SECRET',
    new RegExp(`(?<![A-Za-z0-9])${NAME}(?:=|:\\s{0,2})([^\\s"'&;,)\\]}<]{3,2000})`, 'gi'),
    (value) =>
      (isSecretValue(value) && !/^[A-Za-z]{1,20}$/.test(value.replace(/[.:]$/, ''))) ||
      /^(?=.*[A-Z])(?=.*[a-z])[A-Za-z]{8,20}$/.test(value),
  ),
  // password hunter2 after a flag: --password x
  replacing('SECRET', new RegExp(`(?<=\\s|^)--?(?:${NAME})\\s{1,3}([^\\s"'-][^\\s"']{2,500})`, 'gi'), isSecretValue),
  // IDENTIFIED BY 'x', PASSWORD 'x'
  replacing(
    'SECRET',
    /\b(?:identified\s{1,3}by|password|passphrase)\s{1,3}(?:is\s{1,3})?['"]([^'"]{3,500})['"]/gi,
    isSecretValue,
  ),
  // {"name":"DB_PASSWORD","value":"x"} and key=fs.s3a.secret.key value=x: name and value in two fields
  replacing(
    'SECRET',
    new RegExp(
      `(?:key|name|from)\\\\?["']?\\s{0,2}[=:]\\s{0,2}\\\\?["']?${NAME}\\\\?["']?[\\s,]{1,4}\\\\?["']?(?:value|from|to)\\\\?["']?\\s{0,2}[=:]\\s{0,2}(?:\\\\?["']([^"'\\\\]{3,2000})|([^\\s"'\\\\,}]{3,2000}))`,
      'gi',
    ),
    isSecretValue,
  ),
];

/** Secrets by shape, by header, by URL part and by the name before them; in this order. */
export const SECRET_RULES: readonly Rule[] = [
  ...SHAPES.map((shape) => replacing('SECRET', shape)),
  replacing('JWT', JWT),
  replacing(
    'SECRET',
    /\b(?:proxy-)?authorization\\?["']?\s{0,2}[:=]\s{0,2}\\?["']?(?:(?:bearer|basic|token|digest|negotiate|aws4-hmac-sha256|apikey)\s{1,3})?([^\s"'\\,]{6,4000})/gi,
    (value) => !/^(?:bearer|basic|token|digest|negotiate|apikey)$/i.test(value),
  ),
  replacing(
    'SECRET',
    /\b(?:bearer|basic)\s{1,3}([A-Za-z0-9+/_.=-]{16,4000})/gi,
    (value) => /\d/.test(value) || /[a-z][A-Z]|[A-Z][a-z]+[A-Z]/.test(value),
  ),
  replacing('SECRET', /\b(?:set-)?cookie\\?["']?\s{0,2}:\s{0,2}\\?["']?([^\r\n"']{4,4000})/gi),
  replacing(
    'SECRET',
    /\bx-(?:api-key|auth-token|vault-token|amz-security-token|functions-key)\\?["']?\s{0,2}[:=]\s{0,2}\\?["']?([^\s"'\\,]{4,4000})/gi,
  ),
  replacing(
    'SECRET',
    /[?&;]?\b(?:sig|x-amz-signature|x-amz-credential|x-amz-security-token|x-goog-signature|signature)=([A-Za-z0-9%+/_=.-]{8,4000})/gi,
  ),
  // scheme://user:password@host and jdbc:oracle:thin:user/password@host
  replacing('SECRET', /\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s:/@"']{0,100}:([^\s@/"']{1,300})@/gi),
  replacing('SECRET', /\bjdbc:[a-z0-9:]{1,40}:[^\s/@"']{1,60}\/([^\s@/"']{1,200})@/gi),
  ...named,
];
