import { describe, expect, it } from 'vitest';
import { phaseOf } from './early-stop.js';

const propose = new Set(['propose_dag_retry']);
const read = (confidence: number) => ({ confidence, tools: ['git_blame'] });
const draft = (confidence: number) => ({ confidence, tools: ['propose_dag_retry'] });

describe('phaseOf', () => {
  it.each([
    ['nothing yet', [], 'reading'],
    ['one sure turn', [read(0.9)], 'reading'],
    ['a doubt in between', [read(0.9), read(0.5), read(0.9)], 'reading'],
    ['two sure turns in a row', [read(0.2), read(0.85), read(0.9)], 'drafting'],
    ['a step drafted, more may follow', [read(0.9), read(0.9), draft(0.9)], 'drafting'],
    ['three turns of drafting', [read(0.9), read(0.9), draft(0.9), draft(0.9), draft(0.9)], 'concluding'],
    ['doubt after it was sure changes nothing', [read(0.9), read(0.9), draft(0.1)], 'drafting'],
  ] as const)('%s', (_name, turns, phase) => {
    expect(phaseOf([...turns], 0.85, propose)).toBe(phase);
  });
});
