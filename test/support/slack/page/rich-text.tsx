import type { RichTextBlock, RichTextBlockElement, RichTextElement, RichTextList } from '@slack/types';
import type { ComponentChildren, VNode } from 'preact';
import { Emoji, Link, Mention } from './mrkdwn.js';
import { dateText, type Names } from './names.js';

/** A `rich_text` block, also where it stands in a table's cell or in a task. */
export function RichText({ block, names }: { block: RichTextBlock; names: Names }): VNode {
  return <div class="rich-text">{block.elements.map((element) => part(element, names))}</div>;
}

function part(element: RichTextBlockElement, names: Names): VNode {
  switch (element.type) {
    case 'rich_text_section':
      return <p>{run(element.elements, names)}</p>;
    case 'rich_text_quote':
      return <blockquote>{run(element.elements, names)}</blockquote>;
    case 'rich_text_preformatted':
      return <pre>{run(element.elements, names)}</pre>;
    case 'rich_text_list':
      return list(element, names);
    default:
      return <p class="unknown">{`Unknown part of rich text: ${String((element as { type: unknown }).type)}`}</p>;
  }
}

function list(element: RichTextList, names: Names): VNode {
  const items = element.elements.map((item) => <li>{run(item.elements, names)}</li>);
  const indent = Math.min(element.indent ?? 0, 8);
  return element.style === 'ordered' ? (
    <ol class={`indent-${indent}`}>{items}</ol>
  ) : (
    <ul class={`indent-${indent}`}>{items}</ul>
  );
}

function run(elements: readonly RichTextElement[], names: Names): ComponentChildren[] {
  return elements.map((element) => styled(leaf(element, names), element.style));
}

function leaf(element: RichTextElement, names: Names): ComponentChildren {
  switch (element.type) {
    case 'text':
      return lines(element.text);
    case 'link':
      return <Link url={element.url}>{element.text ?? element.url}</Link>;
    case 'emoji':
      return <Emoji name={element.name} />;
    case 'user':
      return <Mention>{`@${names.user(element.user_id) ?? element.user_id}`}</Mention>;
    case 'channel':
      return <Mention>{`#${names.channel(element.channel_id) ?? element.channel_id}`}</Mention>;
    case 'usergroup':
      return <Mention>{`@${(names.group(element.usergroup_id) ?? element.usergroup_id).replace(/^@/, '')}`}</Mention>;
    case 'broadcast':
      return <Mention>{`@${element.range}`}</Mention>;
    case 'date':
      return <time>{dateText(element.timestamp, element.format, element.fallback ?? '')}</time>;
    case 'color':
      return <code>{element.value}</code>;
    default:
      return `[${String((element as { type: unknown }).type)}]`;
  }
}

function lines(text: string): ComponentChildren[] {
  return text.split('\n').flatMap((line, at) => (at === 0 ? [line] : [<br />, line]));
}

function styled(
  content: ComponentChildren,
  style: { [name: string]: boolean | undefined } | undefined,
): ComponentChildren {
  let out = content;
  if (style?.['code']) out = <code>{out}</code>;
  if (style?.['bold']) out = <strong>{out}</strong>;
  if (style?.['italic']) out = <em>{out}</em>;
  if (style?.['strike']) out = <s>{out}</s>;
  return out;
}
