import type { CardBlock, CarouselBlock, ContainerBlock, VideoBlock } from '@slack/types';
import type { ComponentChildren, VNode } from 'preact';
import { Element } from './elements.js';
import { Link, Mrkdwn } from './mrkdwn.js';
import { type Names, withEmoji } from './names.js';
import type { SlackElement, Spot } from './spot.js';

/** A `card` block. Its pictures are left out. */
export function Card({ block, spot }: { block: CardBlock; spot: Spot }): VNode {
  return (
    <div class="card">
      {block.title === undefined ? null : (
        <div class="heading">
          <Mrkdwn text={block.title.text} names={spot.names} />
        </div>
      )}
      {block.subtitle === undefined ? null : (
        <div class="soft">
          <Mrkdwn text={block.subtitle.text} names={spot.names} />
        </div>
      )}
      {block.body === undefined ? null : <Mrkdwn text={block.body.text} names={spot.names} />}
      <div class="card-actions">
        {block.actions?.map((element) => Element({ element: element as unknown as SlackElement, spot }))}
      </div>
    </div>
  );
}

export function Carousel({ block, spot }: { block: CarouselBlock; spot: Spot }): VNode {
  return <div class="scroll carousel">{block.elements.map((card) => Card({ block: card, spot }))}</div>;
}

/** A `container` block; folded only where Slack lets one fold it. */
export function Container(props: { block: ContainerBlock; names: Names; children: ComponentChildren }): VNode {
  const { block, names, children } = props;
  const title = block.title === undefined ? null : <strong>{withEmoji(block.title.text)}</strong>;
  const subtitle = block.subtitle === undefined ? null : <Mrkdwn text={block.subtitle.text} names={names} />;
  if (block.is_collapsible !== true)
    return (
      <div class="container">
        {title}
        {subtitle}
        {children}
      </div>
    );
  return (
    <details class="container" open={block.default_collapsed !== true} data-keep="container">
      <summary>
        {title}
        {subtitle}
      </summary>
      {children}
    </details>
  );
}

/** A `video` block as a link: nothing is loaded. */
export function Video({ block }: { block: VideoBlock }): VNode {
  return (
    <p class="placeholder">
      ▶ <Link url={block.title_url ?? block.video_url}>{withEmoji(block.title.text)}</Link>
    </p>
  );
}
