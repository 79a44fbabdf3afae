import { createStory } from '../../src/domain/verify-story.js';

/** What an auditor would say about the order and the story of these entries; signatures and checkpoints are not looked at. */
export function storyFaults(lines: readonly string[]): string[] {
  const faults: string[] = [];
  const story = createStory({ decisions: undefined, sizes: new Set() }, (_kind, _index, text) => faults.push(text));
  for (const [index, line] of lines.entries()) story.see(index, line);
  return faults;
}
