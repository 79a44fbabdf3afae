import { CARD } from './connector-writes.js';
import { asObject, type Json } from './core.js';
import type { Answer, Dialog, InvokeName } from './server-types.js';
import type { CardJson } from './types.js';
import { faultsOf } from './valid-card.js';

const MESSAGE = 'application/vnd.microsoft.activity.message';
const ERROR = 'application/vnd.microsoft.error';
/** What the client says when the bot's answer is nothing that it could show. */
const CLIENT_ERROR = 'Unable to reach app. Please try again.';

type Understood = Pick<Answer, 'kind' | 'text' | 'card' | 'dialog'> & { faults: string[] };

/** The answer to an invoke as the client takes it, with all that is wrong about its form. */
export function understood(
  name: InvokeName,
  status: number | undefined,
  body: unknown,
  from: Dialog['from'],
): Understood {
  if (status === undefined) return nothing([]);
  if (status !== 200) return nothing([`HTTP ${status} instead of 200`]);
  const json = asObject(body);
  if (json === undefined || Object.keys(json).length === 0) return nothing(['it is empty']);
  if (name === 'adaptiveCard/action') return ofExecute(json);
  return 'composeExtension' in json ? ofExtension(json) : ofTask(json, from);
}

function nothing(faults: string[]): Understood {
  return { kind: 'none', text: CLIENT_ERROR, card: undefined, dialog: undefined, faults };
}

const shown = (more: Partial<Understood>, faults: string[] = []): Understood => ({
  kind: 'none',
  text: undefined,
  card: undefined,
  dialog: undefined,
  faults,
  ...more,
});

function ofExecute({ statusCode, type, value, ...more }: Json): Understood {
  const extra = Object.keys(more).map((name) => `an unknown field "${name}"`);
  if (statusCode === 200 && type === CARD) {
    const faults = faultsOf(value);
    return shown({ kind: 'card', card: value as CardJson }, [...extra, ...faults.map((fault) => `its card: ${fault}`)]);
  }
  if (statusCode === 200 && type === MESSAGE) {
    if (typeof value !== 'string' || value.trim() === '') return nothing([...extra, 'a message without words']);
    return shown({ kind: 'message', text: value }, extra);
  }
  const error = asObject(value);
  if (typeof statusCode === 'number' && statusCode >= 400 && type === ERROR) {
    const words = error?.['message'];
    if (typeof words !== 'string' || words === '' || typeof error?.['code'] !== 'string')
      return nothing([...extra, 'an error without code and message']);
    return shown({ kind: 'error', text: words }, extra);
  }
  return nothing([...extra, `statusCode ${JSON.stringify(statusCode)} with type ${JSON.stringify(type)}`]);
}

function ofTask(json: Json, from: Dialog['from']): Understood {
  const task = asObject(json['task']);
  const extra = Object.keys(json)
    .filter((name) => !['task', 'cacheInfo'].includes(name))
    .map((name) => `an unknown field "${name}"`);
  if (task?.['type'] === 'message') {
    const text = task['value'];
    if (typeof text !== 'string' || text.trim() === '') return nothing([...extra, 'a message without words']);
    return shown({ kind: 'message', text }, extra);
  }
  const value = asObject(task?.['value']);
  if (task?.['type'] !== 'continue' || value === undefined) return nothing([...extra, 'no task that Teams knows']);
  const attachment = asObject(value['card']);
  if (attachment?.['contentType'] !== CARD) return nothing([...extra, 'a dialog whose card is no attachment']);
  const card = attachment['content'] as CardJson;
  const { title = '', height, width } = value as { title?: string; height?: string | number; width?: string | number };
  const faults = [
    ...extra,
    ...faultsOf(card, 'dialog').map((fault) => `its card: ${fault}`),
    ...[height, width].filter((size) => !isSize(size)).map((size) => `a dialog's size ${JSON.stringify(size)}`),
    ...(title === '' ? ['a dialog without a title'] : []),
  ];
  return shown({ kind: 'dialog', dialog: { title, height, width, card, from } }, faults);
}

function isSize(size: unknown): boolean {
  return size === undefined || typeof size === 'number' || ['small', 'medium', 'large'].includes(String(size));
}

/** Of a message extension: words, or a result for the compose box, which we never give. */
function ofExtension(json: Json): Understood {
  const extension = asObject(json['composeExtension']);
  const text = extension?.['text'];
  if (extension?.['type'] === 'message' && typeof text === 'string' && text !== '')
    return shown({ kind: 'message', text });
  return nothing([`a composeExtension of type ${JSON.stringify(extension?.['type'])}`]);
}
