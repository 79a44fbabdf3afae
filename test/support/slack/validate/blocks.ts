import type {
  ActionsBlock,
  AlertBlock,
  CardBlock,
  CarouselBlock,
  ContainerBlock,
  ContextActionsBlock,
  ContextBlock,
  DividerBlock,
  FileBlock,
  HeaderBlock,
  InputBlock,
  KnownBlock,
  MarkdownBlock,
  PlanBlock,
  SectionBlock,
  TaskCardBlock,
  URLSourceElement,
  VideoBlock,
} from '@slack/types';
import { blockId, imageSource, oneImageSource, plainText, textObject } from './composition.js';
import { ACCESSORIES, ACTION_ELEMENTS, button, CONTEXT_ACTIONS, INPUT_ELEMENTS, image } from './elements.js';
import { below, type Checking, fault, isObject, type Rule, type Surface } from './fault.js';
import { richText, singleRichText } from './rich-text.js';
import { byType, flag, list, may, need, object, oneOf, text, typed, url } from './rules.js';
import { dataTable, table } from './tables.js';

/** The limit table of Block Kit. Lengths are code points; what nobody published a length for has none here. */

const own = { block_id: may(blockId) };
const anyLength = Number.MAX_SAFE_INTEGER;
const anyObject: Rule = byType({ plain_text: plainText(3000), mrkdwn: textObject(3000) });
const https = url(3000, ['https:']);

const actions = typed<ActionsBlock>(
  'actions',
  { ...own, elements: need(list(byType(ACTION_ELEMENTS), 1, 25)) },
  uniqueActions,
);

const section = typed<SectionBlock>(
  'section',
  {
    ...own,
    text: may(textObject(3000)),
    fields: may(list(textObject(2000), 1, 10)),
    accessory: may(byType(ACCESSORIES)),
    expand: may(flag),
  },
  (value, at, checking) => {
    if (value['text'] === undefined && value['fields'] === undefined)
      fault(checking, below(at, 'type'), 'must define either `text` or `fields`');
  },
);

const input = typed<InputBlock>(
  'input',
  {
    ...own,
    label: need(plainText(2000)),
    hint: may(plainText(2000)),
    optional: may(flag),
    dispatch_action: may(flag),
    element: need(byType(INPUT_ELEMENTS)),
  },
  (value, at, checking) => {
    const element = value['element'];
    if (isObject(element) && element['type'] === 'file_input' && checking.surface !== 'modal')
      fault(checking, below(below(at, 'element'), 'type'), 'unsupported type: file_input');
  },
);

const source = typed<URLSourceElement>('url', { url: need(url()), text: need(text(1, anyLength)) });
const taskCard = typed<TaskCardBlock>('task_card', {
  ...own,
  task_id: need(text(1, 255)),
  title: need(text(1, anyLength)),
  details: may(singleRichText),
  output: may(singleRichText),
  sources: may(list(byType({ url: source }), 1, anyLength)),
  status: need(oneOf('pending', 'in_progress', 'complete', 'error')),
});

const plan = typed<PlanBlock>(
  'plan',
  { ...own, title: need(text(1, anyLength)), tasks: may(list(byType({ task_card: taskCard }), 0, anyLength)) },
  (value, at, checking) => {
    const seen = new Set<unknown>();
    for (const [index, task] of (Array.isArray(value['tasks']) ? value['tasks'] : []).entries()) {
      const id = isObject(task) ? task['task_id'] : undefined;
      if (id !== undefined && seen.has(id))
        fault(checking, `${at}/tasks/${index}/task_id`, '`task_id` must be unique within a plan');
      seen.add(id);
    }
  },
);

const card = typed<CardBlock>(
  'card',
  {
    ...own,
    hero_image: may(image),
    icon: may(image),
    title: may(textObject(150)),
    subtitle: may(textObject(150)),
    body: may(textObject(200)),
    actions: may(list(byType({ button }), 1, 3)),
  },
  (value, at, checking) => {
    if (!['hero_image', 'title', 'actions', 'body'].some((key) => value[key] !== undefined))
      fault(checking, at, 'must define at least one of `hero_image`, `title`, `actions`, `body`');
    uniqueActions({ elements: value['actions'] }, at, checking, 'actions');
  },
  { subtext: may(textObject(200)) },
);

const imageBlock: Rule = object(
  {
    ...own,
    type: need(oneOf('image')),
    alt_text: need(text(1, 2000)),
    title: may(plainText(2000)),
    ...imageSource,
  },
  oneImageSource,
);
const header = typed<HeaderBlock>('header', { ...own, text: need(plainText(150)) });
const context = typed<ContextBlock>('context', {
  ...own,
  elements: need(list(byType({ image, plain_text: anyObject, mrkdwn: anyObject }), 1, 10)),
});
const divider = typed<DividerBlock>('divider', { ...own });
const file = typed<FileBlock>('file', { ...own, source: need(oneOf('remote')), external_id: need(text(1, 255)) });
const video = typed<VideoBlock>('video', {
  ...own,
  video_url: need(https),
  thumbnail_url: need(url()),
  alt_text: need(text(1, 2000)),
  title: need(plainText(199)),
  title_url: may(https),
  author_name: may(text(1, 49)),
  provider_name: may(text(1, 49)),
  provider_icon_url: may(url()),
  description: may(plainText(199)),
});

const CHILDREN: Record<ContainerBlock['child_blocks'][number]['type'], Rule> = {
  actions,
  context,
  divider,
  file,
  header,
  image: imageBlock,
  input,
  rich_text: richText,
  section,
  table,
  video,
};
const container = typed<ContainerBlock>(
  'container',
  {
    ...own,
    title: may(plainText(150)),
    rich_text_title: may(richText),
    subtitle: may(textObject(150)),
    child_blocks: need(list(byType(CHILDREN), 1, 10)),
    width: may(oneOf('narrow', 'standard', 'wide', 'full')),
    icon: may(image),
    is_collapsible: may(flag),
    default_collapsed: may(flag),
    has_header_divider: may(flag),
  },
  (value, at, checking) => {
    if (value['title'] === undefined && value['rich_text_title'] === undefined)
      fault(checking, at, 'must define either `title` or `rich_text_title`');
    if (value['default_collapsed'] === true && value['is_collapsible'] !== true)
      fault(checking, below(at, 'default_collapsed'), 'needs `is_collapsible`');
  },
);

/** Every block the types know, with the rule of its fields. */
const BLOCKS: Record<KnownBlock['type'], Rule> = {
  actions,
  alert: typed<AlertBlock>('alert', {
    ...own,
    text: need(textObject(200)),
    level: may(oneOf('default', 'info', 'warning', 'error', 'success')),
  }),
  card,
  carousel: typed<CarouselBlock>('carousel', { ...own, elements: need(list(byType({ card }), 1, 10)) }),
  container,
  context,
  context_actions: typed<ContextActionsBlock>(
    'context_actions',
    { ...own, elements: need(list(byType(CONTEXT_ACTIONS), 1, 5)) },
    uniqueActions,
  ),
  data_table: dataTable,
  divider,
  file,
  header,
  image: imageBlock,
  input,
  markdown: typed<MarkdownBlock>('markdown', { ...own, text: need(text(1, 12_000)) }),
  plan,
  rich_text: richText,
  section,
  table,
  task_card: taskCard,
  video,
};

/** Blocks that are not taken everywhere. */
const ONLY: Partial<Record<KnownBlock['type'], readonly Surface[]>> = {
  alert: ['modal'],
  context_actions: ['message'],
  data_table: ['message'],
  file: ['message'],
  markdown: ['message'],
  plan: ['message'],
  table: ['message'],
  task_card: ['message'],
};

/** A block by its own rule, if it may stand on this surface at all. */
export const block: Rule = (value, at, checking) => {
  const surfaces = isObject(value) ? ONLY[value['type'] as KnownBlock['type']] : undefined;
  if (surfaces !== undefined && !surfaces.includes(checking.surface))
    return fault(checking, below(at, 'type'), `unsupported type: ${String((value as { type: unknown }).type)}`);
  byType(BLOCKS)(value, at, checking);
};

/** An `action_id` names one thing within its block. */
function uniqueActions(value: Record<string, unknown>, at: string, checking: Checking, key = 'elements'): void {
  const seen = new Set<unknown>();
  for (const [index, element] of (Array.isArray(value['elements']) ? value['elements'] : []).entries()) {
    const id = isObject(element) ? element['action_id'] : undefined;
    if (id === undefined) continue;
    if (seen.has(id)) fault(checking, `${at}/${key}/${index}/action_id`, '`action_id` must be unique within a block');
    seen.add(id);
  }
}
