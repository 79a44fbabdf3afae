import type { VNode } from 'preact';
import type { Tone } from '../../src/domain/card.js';

/** A shape beside the colour, for those who do not see it. */
export const TONE_MARKS: Record<Tone, string> = { neutral: '○', working: '◐', waiting: '◆', good: '✓', bad: '!' };

export function ToneMark({ tone }: { tone: Tone }): VNode {
  return (
    <span class={`mark tone-${tone}`} aria-hidden="true">
      {TONE_MARKS[tone]}
    </span>
  );
}
