import type { RuleId } from '../rules.js';

/** Something that the grammar does not draft, and what the asker can do instead. */
export interface Limit {
  rule: RuleId;
  what: string;
  instead: string;
}

const HAND = 'a person writes this query; ask for the part without it, and it is drafted around theirs';
const MODEL =
  'say it as read, filter, join, aggregate and write; or let a model draft it; or write the SQL and have it checked';

const REVIEW: readonly (readonly [RegExp, RuleId, string])[] = [
  [
    /\b(?:row_number|dense_rank|ranks?|ranked|ranking|ntile|running (?:total|sum|count)|cumulative|rolling|moving (?:average|sum)|sliding|window function|lag|lead|previous (?:row|value|transaction|month|day)|next (?:row|value)|top[- ]?\d+ (?:\w+ )?(?:per|by|for each|in each)|percent_rank|year[- ]over[- ]year|month[- ]over[- ]month)\b/i,
    'WIN001',
    'a window over rows',
  ],
  [
    /\b(?:dedup\w*|(?:latest|last|newest|most recent|first) (?:row|record|version|entry|\w+) (?:per|for each|by|of each))\b/i,
    'WIN001',
    'one row chosen of many, which is a window',
  ],
  [
    /\b(?:session(?:s|i[sz]e\w*)? (?:window|of|by|per)?|sessioni[sz]\w+|watermark\w*|stateful|streaming (?:aggregation|join|window)|structured streaming|real[- ]?time|exactly[- ]once|recursive\w*|hierarchy|mapgroupswithstate)\b/i,
    'WIN002',
    'stateful or streaming work',
  ],
  [
    /\bself[- ]?join\w*\b|\bwithin \d+ (?:minutes?|hours?|days?) (?:of|after|before) (?:each other|one another|the)\b|\b(?:slowly changing|scd ?2?|as[- ]of join)\b/i,
    'WIN003',
    'rows of a table compared with others of its own over time',
  ],
  [/\b(?:scala|udf|user[- ]defined function|jar|python|pyspark|java class)\b/i, 'SCA001', 'code of your own'],
];

const BEYOND: readonly (readonly [RegExp, string])[] = [
  [
    /\b(?:pars(?:e|ing)|flatten\w*|explod\w+|unnest\w*|pivot\w*|unpivot\w*|transpos\w+|regex\w*|extract\w*)\b/i,
    'a change of the shape of values or rows',
  ],
  [
    /\b(?:classif(?:y|ies)|categori[sz]\w+|bucket\w*|segment them|label(?:s|led)?|scor(?:e|es|ing)|predict\w*|cluster\w*|detect\w*|fuzzy|similar\w*|sentiment)\b/i,
    'a judgement about rows',
  ],
  [
    /\b(?:convert\w*|translat\w+|normali[sz]\w+|standardi[sz]\w+|round(?:s|ed|ing)?|calculat\w+ the (?:ratio|share|difference|percentage)|percentages?|ratio|share of|difference between|multipl\w+|divid\w+|minus|plus|net of)\b/i,
    'a computation with columns',
  ],
  [/\b(?:mask\w*|hash\w*|anonymi[sz]\w+|pseudonymi[sz]\w+|encrypt\w*|tokeni[sz]\w+)\b/i, 'protection of personal data'],
  [
    /\b(?:unions?|append(?:s|ing)? both|stack\w*|concat\w*|merge the two (?:tables|files))\b/i,
    'rows of several tables put under each other',
  ],
  [/\b(?:if .{1,60} then|otherwise|depending on|case when|unless|in case)\b/i, 'a choice by cases'],
  [
    /\b(?:dead[- ]?letter\w*|quarantin\w*|reject(?:ed|s)? (?:rows|records)|bad (?:rows|records))\b/i,
    'a dead letter, whose expectations must be stated one by one',
  ],
  [
    /\b(?:last|past|previous|next|current|this|recent|trailing) (?:\d+ )?(?:minutes?|hours?|days?|weeks?|months?|quarters?|years?)\b|\b(?:yesterday|today|recently|year[- ]to[- ]date|ytd|mtd|recent)\b/i,
    'a period that moves with the day of the run',
  ],
  [/(?<![\d/])\d{1,2}[./]\d{1,2}[./]\d{2,4}\b/, 'a date that can be read in two ways'],
  [
    /\b(?:january|february|march|april|june|july|august|september|october|november|december|easter|christmas|quarter[- ]end|fiscal|financial year|q[1-4])\b/i,
    'a date or period in words',
  ],
];
const INSTEAD: Record<string, string> = {
  'a period that moves with the day of the run':
    'a config has no "today": give fixed dates as 2026-01-31, or leave the period out and read everything',
  'a date that can be read in two ways': 'write dates as 2026-01-31',
  'a date or period in words': 'write both ends as dates, as 2026-01-31',
};

/** What a person must write by hand. */
export function reviews(request: string): Limit[] {
  return REVIEW.flatMap(([pattern, rule, what]) => {
    const found = pattern.exec(request)?.[0];
    return found === undefined ? [] : [{ rule, what: `${what} ('${found.trim().slice(0, 60)}')`, instead: HAND }];
  });
}

/** What needs a model, or an answer in other words: the grammar drafts reading, filters, joins, aggregates and writing. */
export function beyond(request: string): Limit[] {
  return BEYOND.flatMap(([pattern, what]): Limit[] => {
    const found = pattern.exec(request)?.[0];
    return found === undefined
      ? []
      : [{ rule: 'INT001', what: `${what} ('${found.trim().slice(0, 60)}')`, instead: INSTEAD[what] ?? MODEL }];
  });
}

const LANGUAGES: Record<string, readonly string[]> = {
  English: [
    'the',
    'and',
    'from',
    'reads',
    'read',
    'by',
    'with',
    'to',
    'of',
    'for',
    'that',
    'create',
    'write',
    'writes',
    'into',
    'per',
    'each',
    'only',
    'where',
    'at',
    'in',
    'on',
  ],
  German: [
    'der',
    'die',
    'das',
    'und',
    'aus',
    'nach',
    'mit',
    'eine',
    'einen',
    'für',
    'von',
    'erstelle',
    'liest',
    'schreibt',
    'pro',
    'jede',
    'jeden',
    'nur',
    'den',
    'dem',
    'bitte',
    'monat',
    'tabelle',
    'summe',
    'anzahl',
  ],
  French: [
    'le',
    'la',
    'les',
    'et',
    'des',
    'du',
    'de',
    'une',
    'un',
    'pour',
    'par',
    'dans',
    'vers',
    'avec',
    'crée',
    'créer',
    'créez',
    'lit',
    'écrit',
    'mois',
    'table',
    'somme',
    'nombre',
    'qui',
  ],
  Spanish: [
    'el',
    'la',
    'los',
    'las',
    'y',
    'de',
    'del',
    'una',
    'un',
    'para',
    'por',
    'con',
    'en',
    'que',
    'crea',
    'crear',
    'lee',
    'escribe',
    'mes',
    'tabla',
    'suma',
    'cada',
  ],
  Italian: [
    'il',
    'lo',
    'gli',
    'e',
    'di',
    'del',
    'della',
    'una',
    'un',
    'per',
    'con',
    'che',
    'crea',
    'legge',
    'scrive',
    'mese',
    'tabella',
    'somma',
    'ogni',
  ],
};

/** The language of a request, by its small words; the grammar reads English only. */
export function languageOf(request: string): string {
  const words = request.toLowerCase().match(/\p{L}+/gu) ?? [];
  const counted = Object.entries(LANGUAGES).map(([language, common]) => ({
    language,
    count: words.filter((word) => common.includes(word)).length,
  }));
  const [english] = counted;
  const best = counted.reduce(
    (most, each) => (each.count > most.count ? each : most),
    english ?? { language: 'English', count: 0 },
  );
  if (best.count > 0) return best.language;
  return words.length > 0 && !/[a-z]/i.test(request) ? 'another language' : 'English';
}
