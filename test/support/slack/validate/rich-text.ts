import type {
  RichTextBlock,
  RichTextBroadcastMention,
  RichTextChannelMention,
  RichTextColor,
  RichTextDate,
  RichTextElement,
  RichTextEmoji,
  RichTextLink,
  RichTextList,
  RichTextPreformatted,
  RichTextQuote,
  RichTextSection,
  RichTextTeamMention,
  RichTextText,
  RichTextUsergroupMention,
  RichTextUserMention,
} from '@slack/types';
import { blockId } from './composition.js';
import type { Rule } from './fault.js';
import { byType, flag, integer, list, matching, may, need, object, oneOf, text, typed, url } from './rules.js';

/** `rich_text`: no lengths are published for its parts, but an empty text is refused. */

const style = may(
  object({ bold: may(flag), code: may(flag), italic: may(flag), strike: may(flag), underline: may(flag) }),
);
const anyLength = Number.MAX_SAFE_INTEGER;
const words = text(1, anyLength);
const id = (letters: string): Rule => matching(new RegExp(`^[${letters}][A-Z0-9]+$`), 30);
const address = url(3000, ['https:', 'http:', 'mailto:', 'slack:', 'tel:']);

const plainText = typed<RichTextText>('text', { text: need(words), style });
const link = typed<RichTextLink>('link', { url: need(address), text: may(words), unsafe: may(flag), style });

const ELEMENTS: Record<RichTextElement['type'], Rule> = {
  text: plainText,
  link,
  emoji: typed<RichTextEmoji>('emoji', {
    name: need(matching(/^[a-z0-9_+'-]+$/, 100)),
    unicode: may(matching(/^[0-9a-f-]+$/, 100)),
    url: may(url()),
    style,
  }),
  user: typed<RichTextUserMention>('user', { user_id: need(id('UW')), style }),
  usergroup: typed<RichTextUsergroupMention>('usergroup', { usergroup_id: need(id('S')), style }),
  channel: typed<RichTextChannelMention>('channel', { channel_id: need(id('CGD')), style }),
  team: typed<RichTextTeamMention>('team', { team_id: need(id('TE')), style }),
  broadcast: typed<RichTextBroadcastMention>('broadcast', { range: need(oneOf('here', 'channel', 'everyone')), style }),
  color: typed<RichTextColor>('color', { value: need(matching(/^#[0-9A-Fa-f]{6}$/, 7)), style }),
  date: typed<RichTextDate>('date', {
    timestamp: need(integer(0, 99_999_999_999)),
    format: need(words),
    url: may(url()),
    fallback: may(words),
    style,
  }),
};

const inline = list(byType(ELEMENTS), 1, anyLength);
const border = may(oneOf(0, 1));
const section = typed<RichTextSection>('rich_text_section', { elements: need(inline) });

const PARTS: Record<RichTextBlock['elements'][number]['type'], Rule> = {
  rich_text_section: section,
  rich_text_list: typed<RichTextList>(
    'rich_text_list',
    {
      elements: need(list(byType({ rich_text_section: section }), 1, anyLength)),
      style: need(oneOf('bullet', 'ordered')),
      indent: may(integer(0, 8)),
      border,
    },
    undefined,
    { offset: may(integer(0, 100_000)) },
  ),
  rich_text_quote: typed<RichTextQuote>('rich_text_quote', { elements: need(inline), border }),
  rich_text_preformatted: typed<RichTextPreformatted>('rich_text_preformatted', {
    elements: need(list(byType({ text: plainText, link }), 1, anyLength)),
    border,
  }),
};

const richTextOf = (parts: number): Rule =>
  typed<RichTextBlock>('rich_text', {
    elements: need(list(byType(PARTS), 1, parts)),
    block_id: may(blockId),
  });

export const richText = richTextOf(anyLength);
/** The details and the output of a task hold one part only. */
export const singleRichText = richTextOf(1);
