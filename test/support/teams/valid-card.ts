import { createRequire } from 'node:module';
import type * as AdaptiveCards from 'adaptivecards';
import { asObject, type Json } from './core.js';

/** The package's own entry is for bundlers; the bundle is what Node can load. */
const cards = createRequire(import.meta.url)('adaptivecards/dist/adaptivecards.js') as typeof AdaptiveCards;

const { Versions } = cards;
const MOST_VISIBLE = 6;
const MOST_REFRESHED = 60;
/** Read by hosts or by containers, so that the library's schemas do not name them. */
const ALSO: Record<string, string[]> = {
  AdaptiveCard: ['$schema', 'msteams', 'body', 'actions', 'refresh', 'authentication', 'metadata'],
  Column: ['items', 'width'],
  ColumnSet: ['columns'],
  Container: ['items'],
  FactSet: ['facts'],
  ImageSet: ['images'],
  RichTextBlock: ['inlines'],
  Table: ['rows', 'columns'],
  TableRow: ['cells'],
  TableCell: ['items'],
  ActionSet: ['actions'],
  'Action.ShowCard': ['card'],
  'Action.Execute': ['data', 'verb', 'associatedInputs'],
  'Action.Submit': ['data', 'associatedInputs', 'msteams'],
};
const EVERYWHERE = ['type', 'id', 'fallback', 'requires', 'rtl', 'lang'];
const NESTED = [
  'body',
  'items',
  'columns',
  'rows',
  'cells',
  'inlines',
  'actions',
  'images',
  'card',
  'selectAction',
  'inlineAction',
];

/**
 * What Teams would not show, or not as meant: unknown elements, actions, properties and values of version 1.5, inputs without a name of
 * their own, too many buttons, an Execute that nobody could tell apart. Empty when the card is good. `dialog` is the narrower rule there.
 */
export function faultsOf(card: unknown, where: 'message' | 'dialog' = 'message'): string[] {
  const json = asObject(card);
  if (json === undefined || json['type'] !== 'AdaptiveCard') return ['it is no AdaptiveCard'];
  return [...headFaults(json), ...librarysFaults(json), ...partsOf(json).flatMap((part) => partFaults(part, where))];
}

function headFaults(card: Json): string[] {
  const found: string[] = [];
  if (card['version'] !== '1.5') found.push(`version ${JSON.stringify(card['version'])} instead of "1.5"`);
  const refresh = asObject(card['refresh']);
  const userIds = refresh?.['userIds'];
  if (Array.isArray(userIds) && userIds.length > MOST_REFRESHED) found.push(`${userIds.length} people to refresh for`);
  if (refresh !== undefined && asObject(refresh['action'])?.['type'] !== 'Action.Execute')
    found.push('refresh without an Action.Execute');
  const width = asObject(card['msteams'])?.['width'];
  if (width !== undefined && width !== 'Full') found.push(`msteams.width ${JSON.stringify(width)}`);
  return found;
}

function librarysFaults(json: Json): string[] {
  const card = new cards.AdaptiveCard();
  const context = new cards.SerializationContext(Versions.v1_5);
  card.parse(structuredClone(json), context);
  const found: string[] = [];
  for (let at = 0; at < context.eventCount; at++) found.push(context.getEventAt(at).message);
  const TOO_MANY = cards.ValidationEvent.TooManyActions;
  const events = card.validateProperties().validationEvents;
  return [...found, ...events.filter(({ event }) => event !== TOO_MANY).map(({ message }) => message)];
}

/** The card and everything in it that has a type. Data of actions is nobody's business. */
export function partsOf(json: Json): Json[] {
  const below = NESTED.flatMap((name) => {
    const value = json[name];
    if (Array.isArray(value)) return value.flatMap((one) => (asObject(one) === undefined ? [] : partsOf(one as Json)));
    const one = asObject(value);
    return one === undefined ? [] : partsOf(one);
  });
  return [json, ...below];
}

function partFaults(part: Json, where: 'message' | 'dialog'): string[] {
  const type = String(part['type'] ?? '');
  const found = unknownProperties(part, type);
  const actions = part['actions'];
  if (Array.isArray(actions)) {
    const visible = actions.filter((one) => asObject(one)?.['mode'] !== 'secondary');
    if (visible.length > MOST_VISIBLE) found.push(`${visible.length} buttons in one row, ${MOST_VISIBLE} are visible`);
  }
  if (type === 'Action.Execute') {
    if (typeof part['verb'] !== 'string' || part['verb'] === '') found.push('an Action.Execute without a verb');
    if (where === 'dialog') found.push('an Action.Execute in a dialog, which answers to Action.Submit alone');
  }
  if (type.startsWith('Action.') && String(part['title'] ?? '') === '' && part['iconUrl'] === undefined)
    found.push(`${type} without a title`);
  for (const name of ['url', 'iconUrl']) {
    const url = part[name];
    if (url !== undefined && !/^(https:\/\/|data:image\/)/.test(String(url)))
      found.push(`${type}.${name} is not https`);
  }
  if (type === 'TextBlock' && String(part['text'] ?? '') === '') found.push('a TextBlock without text');
  return found;
}

const known = new Map<string, Set<string>>();

function unknownProperties(part: Json, type: string): string[] {
  if (type === '') return [];
  const names = known.get(type) ?? propertiesOf(type);
  if (names === undefined) return [];
  known.set(type, names);
  return Object.keys(part)
    .filter((name) => !names.has(name))
    .map((name) => `${type} has no property "${name}"`);
}

/** By the library's own schema; undefined for a type that it does not have. */
function propertiesOf(type: string): Set<string> | undefined {
  const { elements, actions } = cards.GlobalRegistry;
  const made =
    instanceOf(type) ?? elements.createInstance(type, Versions.v1_5) ?? actions.createInstance(type, Versions.v1_5);
  if (made === undefined) return undefined;
  const schema = made.getSchema();
  const names = new Set([...EVERYWHERE, ...(ALSO[type] ?? [])]);
  for (let at = 0; at < schema.getCount(); at++) {
    const { name, targetVersion } = schema.getItemAt(at);
    if (targetVersion.compareTo(Versions.v1_5) <= 0) names.add(name);
  }
  return names;
}

/** Types that stand inside another one only are in no registry. */
function instanceOf(type: string): AdaptiveCards.SerializableObject | undefined {
  if (type === 'AdaptiveCard') return new cards.AdaptiveCard();
  if (type === 'Column') return new cards.Column();
  if (type === 'TextRun') return new cards.TextRun();
  if (type === 'TableRow') return new cards.TableRow();
  if (type === 'TableCell') return new cards.TableCell();
  return undefined;
}
