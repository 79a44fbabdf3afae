import type { DataTableBlock, RawNumberElement, RawTextElement, RichTextBlock, TableBlock } from '@slack/types';
import type { ComponentChildren, VNode } from 'preact';
import type { Names } from './names.js';
import { RichText } from './rich-text.js';

type Cell = RichTextBlock | RawTextElement | RawNumberElement;

/** A `table` block: its first row is the head, as Slack shows it. */
export function Table({ block, names }: { block: TableBlock; names: Names }): VNode {
  const align = (column: number): string => `align-${block.column_settings?.[column]?.align ?? 'left'}`;
  const [head, ...rows] = block.rows;
  return (
    <div class="scroll">
      <table>
        <thead>
          <tr>
            {head?.map((cell, at) => (
              <th class={align(at)}>{cellOf(cell, names)}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr>
              {row.map((cell, at) => (
                <td class={align(at)}>{cellOf(cell, names)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** A `data_table` block. Slack pages through it; here all of its rows stand below each other. */
export function DataTable({ block, names }: { block: DataTableBlock; names: Names }): VNode {
  return (
    <div class="data-table">
      <p class="soft">{block.caption}</p>
      {Table({ block: { type: 'table', rows: block.rows }, names })}
    </div>
  );
}

function cellOf(cell: Cell, names: Names): ComponentChildren {
  if (cell.type === 'rich_text') return RichText({ block: cell, names });
  if (cell.type === 'raw_text') return cell.text;
  return String(
    (cell as RawNumberElement & { value?: number; text?: string }).text ?? (cell as { value?: number }).value ?? '',
  );
}
