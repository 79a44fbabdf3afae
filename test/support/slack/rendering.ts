/** For tests of what Slack is sent: payloads as a person or a suspicious reader sees them. */

type Part = Record<string, unknown>;

function parts(value: unknown): Part[] {
  if (Array.isArray(value)) return value.flatMap(parts);
  if (typeof value !== 'object' || value === null) return [];
  return [value as Part, ...Object.values(value).flatMap(parts)];
}

/** Blocks as indented text: `┃` is a box of somebody's words, `▒` one of code. */
export function asLines(blocks: readonly unknown[]): string[] {
  return blocks.flatMap((block) => blockLines(block as Part));
}

function blockLines(block: Part): string[] {
  const texts = (value: unknown): string => (Array.isArray(value) ? value.map(elementText).join('') : '');
  switch (block['type']) {
    case 'rich_text':
      return (block['elements'] as Part[]).flatMap((one) => {
        if (one['type'] === 'rich_text_list')
          return (one['elements'] as Part[]).flatMap((item) => indented(texts(item['elements']), '  • '));
        const signs: Record<string, string> = { rich_text_quote: '  ┃ ', rich_text_preformatted: '  ▒ ' };
        return indented(texts(one['elements']), signs[String(one['type'])] ?? '');
      });
    case 'actions':
      return [(block['elements'] as Part[]).map((one) => `[${elementText(one['text'] as Part)}]`).join(' ')];
    case 'plan':
      return [`plan: ${block['title']}`, ...(block['tasks'] as Part[]).flatMap((one) => indented(taskText(one), '  '))];
    case 'input':
      return [
        `${elementText(block['label'] as Part)}: [${JSON.stringify((block['element'] as Part)['initial_value'] ?? '')}]`,
        ...(block['hint'] === undefined ? [] : [`  (${elementText(block['hint'] as Part)})`]),
      ];
    case 'context':
      return (block['elements'] as Part[]).map(elementText);
    case 'divider':
      return ['---'];
    default:
      return [elementText(block['text'] as Part)];
  }
}

function taskText(task: Part): string {
  const rich = [task['details'], task['output']].filter((one) => one !== undefined);
  return [`${task['status']}: ${task['title']}`, ...asLines(rich).map((text) => `    ${text}`)].join('\n');
}

function elementText(element: Part): string {
  if (element['type'] === 'emoji') return `:${element['name']}:`;
  // An instant in the reader's own time zone, as a reader without one sees it.
  return String((element['type'] === 'date' ? element['fallback'] : element['text']) ?? '');
}

function indented(text: string, by: string): string[] {
  return text.split('\n').map((line) => `${by}${line}`);
}

const DATES = /<!date\^\d+\^\{date_short_pretty\} \{time\}\|[\d :-]+ UTC>/g;

/**
 * Everything in a payload that Slack would read as more than letters: mentions, links, emoji codes. `call` is the one mention that is
 * ours. Empty when there is nothing.
 */
export function readings(payload: unknown, call = ''): string[] {
  const found: string[] = [];
  for (const part of parts(payload)) {
    const { type, text, title } = part;
    if (['link', 'user', 'usergroup', 'channel', 'team', 'broadcast'].includes(String(type))) found.push(String(type));
    if (typeof text === 'string' && (type === 'mrkdwn' || type === undefined)) found.push(...marksIn(text, call));
    // A title is plain letters: an ampersand in it is nothing else.
    if (typeof title === 'string') found.push(...marksIn(title.replaceAll('&', ' '), ''));
    if (type === 'plain_text' && part['emoji'] !== false) found.push('plain_text with emoji');
  }
  return found;
}

function marksIn(text: string, call: string): string[] {
  const rest = (call === '' ? text : text.replaceAll(call, '')).replaceAll(DATES, '');
  return rest.match(/<[^>]*>?|:[\w+'-]+:|@(?:here|channel|everyone)\b|\w:\/\/|&(?!amp;|lt;|gt;)/g) ?? [];
}

/** All texts of a payload, in order, as people see them. */
export function allText(payload: unknown): string {
  return parts(payload)
    .map(({ text }) => (typeof text === 'string' ? text : ''))
    .join('\n');
}

/** The longest single text. */
export function longestText(payload: unknown): number {
  return Math.max(0, ...parts(payload).map(({ text }) => (typeof text === 'string' ? [...text].length : 0)));
}
