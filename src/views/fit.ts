import type { Action, Card, Section } from '../domain/card.js';
import type { Field, Form } from '../domain/form.js';

/**
 * What the tightest chat shows of one card (Slack Block Kit, Adaptive Cards within 28 KB). A card that fits here fits everywhere,
 * so every chat shows the same. A patch is an attachment and does not count: chats send it as a file.
 */
export const LIMITS = {
  title: 150,
  sectionText: 3000,
  rows: 10,
  rowName: 80,
  rowValue: 1900,
  /** Name and text of one row with tags; ten of them fit one message text. */
  tagged: 120,
  tags: 4,
  sections: 40,
  buttonLabel: 75,
  formTitle: 24,
  fieldText: 150,
  fieldMaxLength: 3000,
  options: 100,
  optionText: 75,
} as const;

/** At most `max` characters (code points); what is cut ends in an ellipsis. */
export function clip(text: string, max: number): string {
  if (text.length <= max) return text;
  const points = [...text];
  return points.length <= max ? text : `${points.slice(0, max - 1).join('')}…`;
}

/** A text in pieces of at most `max` characters, broken at line ends where there are any. Nothing is lost. */
export function pieces(text: string, max: number): string[] {
  const found: string[] = [];
  let rest = [...text];
  while (rest.length > max) {
    const line = rest.lastIndexOf('\n', max - 1);
    const end = line > 0 ? line + 1 : max;
    found.push(rest.slice(0, end).join('').replace(/\n$/, ''));
    rest = rest.slice(end);
  }
  return [...found, rest.join('')];
}

/**
 * The card within the limits. What an approver must have seen (before and after, effects, preconditions) is split into more
 * sections, never cut; only text from outside and from the model is cut.
 */
export function fitCard(card: Card): Card {
  const sections = card.sections.flatMap(fitSection);
  const shown =
    sections.length <= LIMITS.sections
      ? sections
      : [
          ...sections.slice(0, LIMITS.sections - 1),
          ours(`${sections.length - LIMITS.sections + 1} more parts of this card are only in the log.`),
        ];
  return { ...card, title: clip(card.title, LIMITS.title), sections: shown, actions: card.actions.map(fitAction) };
}

function ours(text: string): Section {
  return { kind: 'text', voice: 'ours', text };
}

function fitSection(section: Section): Section[] {
  switch (section.kind) {
    case 'text':
      return section.voice === 'ours'
        ? pieces(section.text, LIMITS.sectionText).map((text) => ({ ...section, text }))
        : [{ ...section, text: clip(section.text, LIMITS.sectionText) }];
    case 'facts':
      return chunks(section.rows, LIMITS.rows).map((rows) => ({
        ...section,
        rows: rows.map((row) => ({
          ...row,
          name: clip(row.name, LIMITS.rowName),
          value: clip(row.value, LIMITS.rowValue),
        })),
      }));
    case 'quote':
      return [{ ...section, text: clip(section.text, 1000), supports: clip(section.supports, 300) }];
    case 'diff':
      return fitDiff(section);
    case 'list':
      return listPieces(section.items).map((items) => ({
        ...section,
        items,
        title: clip(section.title, LIMITS.title),
      }));
    case 'tagged':
      return [fitTagged(section)];
    case 'patch':
      return [section];
  }
}

/** Rows that a chat has no room for are counted with those that were left out before. */
function fitTagged(section: Extract<Section, { kind: 'tagged' }>): Section {
  const rows = section.rows.slice(0, LIMITS.rows).map(({ name, tags, text }) => ({
    name: clip(name, LIMITS.tagged),
    tags: tags.slice(0, LIMITS.tags),
    text: clip(text, LIMITS.tagged),
  }));
  return {
    ...section,
    title: clip(section.title, LIMITS.title),
    rows,
    more: section.more + section.rows.length - rows.length,
  };
}

/** Both sides go into one message text, so each side gets a little less than half. */
function fitDiff(section: Extract<Section, { kind: 'diff' }>): Section[] {
  const half = LIMITS.sectionText / 2 - 100;
  const before = pieces(section.before, half);
  const after = pieces(section.after, half);
  const count = Math.max(before.length, after.length);
  return Array.from({ length: count }, (_, at) => ({
    ...section,
    title: clip(count === 1 ? section.title : `${section.title} (part ${at + 1} of ${count})`, LIMITS.title),
    before: before[at] ?? '',
    after: after[at] ?? '',
  }));
}

function listPieces(items: readonly string[]): string[][] {
  const lists: string[][] = [[]];
  let size = 0;
  for (const item of items.flatMap((one) => pieces(one, LIMITS.sectionText - 200))) {
    if (size + item.length + 2 > LIMITS.sectionText - 200) {
      lists.push([]);
      size = 0;
    }
    lists.at(-1)?.push(item);
    size += item.length + 2;
  }
  return lists;
}

function chunks<T>(items: readonly T[], size: number): T[][] {
  const found: T[][] = [];
  for (let at = 0; at < items.length; at += size) found.push(items.slice(at, at + size));
  return found;
}

function fitAction(action: Action): Action {
  const label = clip(action.label, LIMITS.buttonLabel);
  return action.form === undefined ? { ...action, label } : { ...action, label, form: fitForm(action.form) };
}

function fitForm(form: Form): Form {
  return {
    title: clip(form.title, LIMITS.formTitle),
    submit: clip(form.submit, LIMITS.formTitle),
    fields: form.fields.map(fitField),
  };
}

function fitField(field: Field): Field {
  const base = {
    label: clip(field.label, LIMITS.fieldText),
    ...(field.hint === undefined ? {} : { hint: clip(field.hint, LIMITS.fieldText) }),
  };
  if (field.kind === 'text') return { ...field, ...base, maxLength: Math.min(field.maxLength, LIMITS.fieldMaxLength) };
  if (field.kind === 'number') return { ...field, ...base };
  const options = field.options.slice(0, LIMITS.options);
  return {
    ...field,
    ...base,
    options: options.map(({ value, label }) => ({ value, label: clip(label, LIMITS.optionText) })),
  };
}
