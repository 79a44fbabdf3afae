import type {
  ActionsBlock,
  Button,
  ContextActionsBlock,
  InputBlock,
  KnownBlock,
  PlainTextElement,
  RichTextBlock,
  SectionBlock,
} from '@slack/types';

/** One good block of each kind and one good element of each kind, typed by Slack's own types. */

export const plain = (text: string): PlainTextElement => ({ type: 'plain_text', text });
export const richText = (...texts: string[]): RichTextBlock => ({
  type: 'rich_text',
  elements: texts.map((text) => ({ type: 'rich_text_section', elements: [{ type: 'text', text }] })),
});
const option = { text: plain('one'), value: '1' };
const image = { type: 'image', alt_text: 'a graph', image_url: 'https://example.com/graph.png' } as const;
const button: Button = { type: 'button', action_id: 'press', text: plain('Press'), value: 'v', style: 'primary' };
const confirm = { title: plain('Sure?'), text: plain('It restarts.'), confirm: plain('Yes'), deny: plain('No') };

export const BLOCKS: Record<KnownBlock['type'], KnownBlock> = {
  actions: { type: 'actions', elements: [button, { ...button, action_id: 'other', confirm }] },
  alert: { type: 'alert', text: plain('Too late.'), level: 'warning' },
  card: { type: 'card', title: { type: 'mrkdwn', text: '*Card*' }, actions: [button] },
  carousel: { type: 'carousel', elements: [{ type: 'card', body: { type: 'mrkdwn', text: 'one' } }] },
  container: {
    type: 'container',
    title: plain('More'),
    is_collapsible: true,
    default_collapsed: true,
    child_blocks: [{ type: 'divider' }],
  },
  context: { type: 'context', elements: [{ type: 'mrkdwn', text: 'a', verbatim: true }, plain('b'), image] },
  context_actions: {
    type: 'context_actions',
    elements: [
      {
        type: 'feedback_buttons',
        action_id: 'fb',
        positive_button: { text: plain('Good'), value: 'good' },
        negative_button: { text: plain('Bad'), value: 'bad' },
      },
      { type: 'icon_button', action_id: 'bin', icon: 'trash', text: plain('Delete') },
    ],
  },
  data_table: {
    type: 'data_table',
    caption: 'Runs',
    page_size: 10,
    rows: [[{ type: 'raw_text', text: 'run' }], [{ type: 'raw_number', value: 7, text: '7' }]],
  },
  divider: { type: 'divider', block_id: 'd' },
  file: { type: 'file', source: 'remote', external_id: 'f-1' },
  header: { type: 'header', text: { type: 'plain_text', text: 'Incident', emoji: false } },
  image: { ...image, title: plain('Graph') },
  input: {
    type: 'input',
    label: plain('What did you check?'),
    hint: plain('In your own words.'),
    optional: true,
    element: { type: 'plain_text_input', action_id: 'words', multiline: true, min_length: 0, max_length: 1000 },
  },
  markdown: { type: 'markdown', text: '**bold**' },
  plan: {
    type: 'plan',
    title: 'Trace',
    tasks: [
      { type: 'task_card', task_id: '1', title: 'airflow.task_log', status: 'complete', details: richText('exit 1') },
      { type: 'task_card', task_id: '2', title: 'delta.history', status: 'in_progress' },
    ],
  },
  rich_text: {
    type: 'rich_text',
    elements: [
      {
        type: 'rich_text_section',
        elements: [
          { type: 'text', text: 'bold', style: { bold: true } },
          { type: 'link', url: 'https://example.com/run', text: 'the run' },
          { type: 'emoji', name: 'white_check_mark' },
          { type: 'user', user_id: 'U0123ABCD' },
          { type: 'usergroup', usergroup_id: 'S0123ABCD' },
          { type: 'channel', channel_id: 'C0123ABCD' },
          { type: 'team', team_id: 'T0123ABCD' },
          { type: 'broadcast', range: 'here' },
          { type: 'color', value: '#36a64f' },
          { type: 'date', timestamp: 1_773_000_000, format: '{date_short}', fallback: 'March' },
        ],
      },
      {
        type: 'rich_text_list',
        style: 'ordered',
        indent: 1,
        border: 1,
        elements: [{ type: 'rich_text_section', elements: [{ type: 'text', text: 'first' }] }],
      },
      { type: 'rich_text_quote', elements: [{ type: 'text', text: 'quoted' }] },
      { type: 'rich_text_preformatted', border: 0, elements: [{ type: 'text', text: '- a\n+ b' }] },
    ],
  },
  section: {
    type: 'section',
    text: { type: 'mrkdwn', text: '*What happened*' },
    fields: [plain('a')],
    accessory: button,
    expand: true,
  },
  table: {
    type: 'table',
    rows: [[{ type: 'raw_text', text: 'column' }, richText('int to bigint')]],
    column_settings: [{ align: 'right', is_wrapped: true }],
  },
  task_card: {
    type: 'task_card',
    task_id: '1',
    title: 'trino.query',
    status: 'error',
    output: richText('out of memory'),
    sources: [{ type: 'url', url: 'https://example.com', text: 'query' }],
  },
  video: {
    type: 'video',
    video_url: 'https://example.com/v',
    thumbnail_url: 'https://example.com/t.png',
    alt_text: 'a video',
    title: plain('Video'),
  },
};

type Element =
  | ActionsBlock['elements'][number]
  | InputBlock['element']
  | NonNullable<SectionBlock['accessory']>
  | ContextActionsBlock['elements'][number];

export const ELEMENTS: Record<Element['type'], Element> = {
  button,
  workflow_button: {
    type: 'workflow_button',
    text: plain('Run'),
    workflow: { trigger: { url: 'https://slack.com/shortcuts/Ft0/1' } },
  },
  checkboxes: { type: 'checkboxes', action_id: 'c', options: [option], initial_options: [option] },
  radio_buttons: { type: 'radio_buttons', action_id: 'r', options: [option], initial_option: option },
  datepicker: { type: 'datepicker', action_id: 'd', initial_date: '2026-03-11', placeholder: plain('day') },
  datetimepicker: { type: 'datetimepicker', action_id: 'dt', initial_date_time: 1_773_000_000 },
  timepicker: { type: 'timepicker', action_id: 't', initial_time: '23:59' },
  overflow: { type: 'overflow', action_id: 'o', options: [option, { ...option, url: 'https://example.com' }] },
  image,
  static_select: { type: 'static_select', action_id: 's', options: [option], initial_option: option },
  multi_static_select: {
    type: 'multi_static_select',
    action_id: 'ms',
    option_groups: [{ label: plain('group'), options: [option] }],
    initial_options: [option],
    max_selected_items: 1,
  },
  external_select: { type: 'external_select', action_id: 'e', min_query_length: 2 },
  multi_external_select: { type: 'multi_external_select', action_id: 'me' },
  users_select: { type: 'users_select', action_id: 'u', initial_user: 'U0123ABCD' },
  multi_users_select: { type: 'multi_users_select', action_id: 'mu', initial_users: ['U0123ABCD'] },
  conversations_select: { type: 'conversations_select', action_id: 'cs', filter: { include: ['public'] } },
  multi_conversations_select: { type: 'multi_conversations_select', action_id: 'mcs', filter: { include: ['im'] } },
  channels_select: { type: 'channels_select', action_id: 'ch', initial_channel: 'C0123ABCD' },
  multi_channels_select: { type: 'multi_channels_select', action_id: 'mch', initial_channels: ['C0123ABCD'] },
  plain_text_input: { type: 'plain_text_input', action_id: 'p', focus_on_load: true, initial_value: '' },
  email_text_input: { type: 'email_text_input', action_id: 'em' },
  url_text_input: { type: 'url_text_input', action_id: 'url' },
  number_input: {
    type: 'number_input',
    action_id: 'n',
    is_decimal_allowed: true,
    min_value: '0',
    max_value: '99.5',
    initial_value: '1',
  },
  file_input: { type: 'file_input', action_id: 'f', filetypes: ['csv'], max_files: 1 },
  rich_text_input: {
    type: 'rich_text_input',
    action_id: 'rt',
    min_lines: 1,
    max_lines: 10,
    initial_value: richText('x'),
    dispatch_action_config: { trigger_actions_on: ['on_enter_pressed'] },
  },
  feedback_buttons: {
    type: 'feedback_buttons',
    positive_button: { text: plain('Good'), value: 'good' },
    negative_button: { text: plain('Bad'), value: 'bad' },
  },
  icon_button: { type: 'icon_button', icon: 'trash', text: plain('Delete'), visible_to_user_ids: ['U0123ABCD'] },
};
