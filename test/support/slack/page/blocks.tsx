import type { ContextBlock, ImageBlock, InputBlock, KnownBlock, SectionBlock, TextObject } from '@slack/types';
import type { ComponentChildren, VNode } from 'preact';
import { Element } from './elements.js';
import { Markdown } from './markdown.js';
import { Mrkdwn } from './mrkdwn.js';
import { type Names, withEmoji } from './names.js';
import { Card, Carousel, Container, Video } from './rare-blocks.js';
import { RichText } from './rich-text.js';
import type { Choice, SlackElement, Spot } from './spot.js';
import { DataTable, Table } from './tables.js';
import { Plan, TaskCard } from './tasks.js';

/** What blocks need to know of the world around them. */
export interface BlockWorld {
  names: Names;
  people: Choice[];
  channels: Choice[];
}

/** Block Kit as HTML. A block that can not be shown says so in its place and spoils no other. */
export function Blocks({ blocks, world }: { blocks: readonly unknown[]; world: BlockWorld }): VNode {
  return (
    <div class="blocks">
      {blocks.map((block, at) => (
        <div class={`block is-${classOf(block)}`} key={at}>
          {safely(block as KnownBlock, world, at)}
        </div>
      ))}
    </div>
  );
}

function classOf(block: unknown): string {
  return String((block as { type?: unknown } | null)?.type ?? 'none').replace(/[^a-z_]/g, '');
}

function safely(block: KnownBlock, world: BlockWorld, at: number): ComponentChildren {
  try {
    return blockOf(block, world, at);
  } catch {
    return <p class="unknown">{`Slack would not show this block: ${classOf(block)}`}</p>;
  }
}

/** Not components but calls, so that a malformed block fails inside `safely`. */
function blockOf(block: KnownBlock, world: BlockWorld, at: number): ComponentChildren {
  const { names } = world;
  const spot = spotOf(block, world, at);
  switch (block.type) {
    case 'section':
      return section(block, spot);
    case 'header':
      return <h3 class="header-text">{withEmoji(block.text.text)}</h3>;
    case 'divider':
      return <hr />;
    case 'context':
      return context(block, names);
    case 'actions':
    case 'context_actions':
      return block.elements.map((element) => Element({ element: element as unknown as SlackElement, spot }));
    case 'input':
      return input(block, spot);
    case 'image':
      return image(block);
    case 'rich_text':
      return RichText({ block, names });
    case 'markdown':
      return Markdown({ text: block.text });
    case 'table':
      return Table({ block, names });
    case 'data_table':
      return DataTable({ block, names });
    case 'plan':
      return Plan({ block, names });
    case 'task_card':
      return TaskCard({ task: block, names });
    default:
      return rareBlock(block, world, spot);
  }
}

function rareBlock(block: KnownBlock, world: BlockWorld, spot: Spot): ComponentChildren {
  switch (block.type) {
    case 'alert':
      return (
        <p class={`alert-box ${block.level ?? 'default'}`} role="status">
          {textOf(block.text, world.names)}
        </p>
      );
    case 'card':
      return Card({ block, spot });
    case 'carousel':
      return Carousel({ block, spot });
    case 'container':
      return Container({ block, names: world.names, children: Blocks({ blocks: block.child_blocks, world }) });
    case 'video':
      return Video({ block });
    case 'file':
      return <p class="placeholder">{`File ${block.external_id}`}</p>;
    default:
      return <p class="unknown">{`Slack would not show this block: ${classOf(block)}`}</p>;
  }
}

function spotOf(block: KnownBlock, world: BlockWorld, at: number): Spot {
  const { names, people, channels } = world;
  return { blockId: block.block_id ?? `#${at}`, names, people, channels, inForm: false };
}

/** A text object in either of its kinds. */
export function textOf(text: TextObject, names: Names): ComponentChildren {
  if (text.type === 'mrkdwn') return Mrkdwn({ text: text.text, names, verbatim: text.verbatim === true });
  return <span class="plain-text">{withEmoji(text.text)}</span>;
}

function section(block: SectionBlock, spot: Spot): VNode {
  const accessory = block.accessory as unknown as SlackElement | undefined;
  return (
    <>
      <div class="section-text">
        {block.text === undefined ? null : textOf(block.text, spot.names)}
        {block.fields === undefined ? null : (
          <div class="fields">
            {block.fields.map((field) => (
              <div class="field">{textOf(field, spot.names)}</div>
            ))}
          </div>
        )}
      </div>
      {accessory === undefined ? null : (
        <div class="accessory">
          {accessory.type === 'image' ? (
            <ImageBox alt={String(accessory['alt_text'] ?? '')} />
          ) : (
            Element({ element: accessory, spot })
          )}
        </div>
      )}
    </>
  );
}

function context(block: ContextBlock, names: Names): ComponentChildren {
  return block.elements.map((element) =>
    element.type === 'image' ? (
      <ImageBox alt={element.alt_text} small />
    ) : (
      <span class="context-text">{textOf(element, names)}</span>
    ),
  );
}

function image(block: ImageBlock): VNode {
  return (
    <figure>
      {block.title === undefined ? null : <figcaption>{withEmoji(block.title.text)}</figcaption>}
      <ImageBox alt={block.alt_text} />
    </figure>
  );
}

/** Stands where Slack would show a picture: this page loads nothing from anywhere. */
export function ImageBox({ alt, small = false }: { alt: string; small?: boolean }): VNode {
  return (
    <span class={`image-box${small ? ' small' : ''}`} role="img" aria-label={alt} title={alt}>
      {small ? '▨' : `▨ ${alt}`}
    </span>
  );
}

/** Below the field is room for what is wrong with it; the client script writes there. */
function input(block: InputBlock, spot: Spot): VNode {
  const label = withEmoji(block.label.text);
  const id = `wrong-${spot.blockId}`;
  const fieldSpot: Spot = {
    ...spot,
    inForm: true,
    label,
    required: block.optional !== true,
    describedBy: id,
  };
  return (
    <div class="form-field" data-dispatch={block.dispatch_action === true ? 'yes' : undefined}>
      <span class="field-label">
        {label}
        {block.optional === true ? <small class="soft"> (optional)</small> : null}
      </span>
      {Element({ element: block.element as unknown as SlackElement, spot: fieldSpot })}
      <p class="field-error" id={id} data-error-of={spot.blockId} role="alert" />
      {block.hint === undefined ? null : <p class="hint">{withEmoji(block.hint.text)}</p>}
    </div>
  );
}
