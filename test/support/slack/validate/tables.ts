import type { DataTableBlock, RawNumberElement, RawTextElement, TableBlock } from '@slack/types';
import { blockId } from './composition.js';
import { below, type Checking, codePoints, fault, isObject, type Rule } from './fault.js';
import { richText } from './rich-text.js';
import { byType, flag, integer, list, may, need, number, object, oneOf, text, typed } from './rules.js';

/** `table` and `data_table`: the two blocks whose cells are counted together. */

const MAX_COLUMNS = 20;
const anyLength = Number.MAX_SAFE_INTEGER;

const cell = byType({
  rich_text: richText,
  raw_text: typed<RawTextElement>('raw_text', { text: need(text(1, anyLength)) }),
  raw_number: typed<RawNumberElement>('raw_number', { value: need(number), text: need(text(1, anyLength)) }),
});
const row = list(cell, 1, MAX_COLUMNS);

const columnSetting: Rule = (value, at, checking) => {
  // A column that keeps its defaults is written as null.
  if (value === null) return;
  object({ align: may(oneOf('left', 'center', 'right')), is_wrapped: may(flag) })(value, at, checking);
};

/** Characters of all cells, the deeply nested ones too. */
function cellCharacters(value: unknown): number {
  if (Array.isArray(value)) return value.reduce<number>((sum, one) => sum + cellCharacters(one), 0);
  if (!isObject(value)) return 0;
  const own = typeof value['text'] === 'string' ? codePoints(value['text']) : 0;
  return own + cellCharacters(value['elements'] ?? []);
}

const cellsWithin =
  (max: number) =>
  (value: Record<string, unknown>, at: string, checking: Checking): void => {
    if (cellCharacters(value['rows']) > max)
      fault(checking, below(at, 'rows'), `must be less than ${max + 1} characters in all cells`);
  };

export const table: Rule = typed<TableBlock>(
  'table',
  {
    rows: need(list(row, 1, 100)),
    column_settings: may(list(columnSetting, 0, MAX_COLUMNS)),
    block_id: may(blockId),
  },
  cellsWithin(10_000),
);

export const dataTable: Rule = typed<DataTableBlock>(
  'data_table',
  {
    rows: need(list(row, 2, 101)),
    caption: need(text(1, 2000)),
    page_size: may(integer(1, 100)),
    row_header_column_index: may(integer(0, MAX_COLUMNS - 1)),
    block_id: may(blockId),
  },
  cellsWithin(20_000),
);
