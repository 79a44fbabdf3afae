import type { SandboxCell } from '../../domain/sandbox.js';
import type { RowReason } from './mock-row.js';
import { canCount, type Sheet } from './sheet.js';

/** A reference that no other table has. */
const NOWHERE = 9000;

/** Rows with one odd value each, and their partners in the tables that refer to them. */
export function addOdd(sheets: readonly Sheet[], worlds: number, firstNew: number): void {
  let next = firstNew;
  const kinds: readonly RowReason[][] = [
    ['boundary'],
    ['null'],
    ['declared'],
    ['unmatched'],
    ['unknown'],
    ['extreme'],
    ['calendar'],
  ];
  for (const wanted of kinds) {
    for (const [index, sheet] of sheets.entries()) {
      for (const { name, cell, why, domain } of oddCells(sheet, index).filter((each) => wanted.includes(each.why))) {
        const world = next % worlds;
        const domains = sheet.isFree ? new Set<string>() : reach(sheets, sheet);
        // The odd value is the key itself: the rest of the row stays where it is.
        if (domain !== undefined) domains.delete(domain);
        const moved = { domains, world: next };
        sheet.add({ world, why, moved, odd: [{ name, cell }] });
        // Where columns take turns, half of the worlds fail a filter of their own.
        if (sheet.isTorn) sheet.add({ world: (world + 2) % worlds, why, moved, odd: [{ name, cell }] });
        if (why === 'unmatched') {
          next += 1;
          continue;
        }
        for (const other of sheets) {
          if (other !== sheet && other.columns.some(({ domain: of }) => of !== undefined && domains.has(of)))
            other.add({ world, why: 'ordinary', moved });
        }
        next += 1;
      }
    }
  }
}

const MOST_PAIRS = 10;

/** `a = 'X' OR b IS NOT NULL`: what fails needs two odd values in one row. */
export function addPairs(sheet: Sheet, worlds: number): void {
  if (!sheet.isFree) return;
  const filtered = sheet.wanted.filter(({ isFiltered }) => isFiltered);
  const pairs = filtered.flatMap((first) =>
    filtered.filter((second) => second !== first && second.column.nullable).map((second) => ({ first, second })),
  );
  const telling = pairs.filter(({ first }) => first.refused !== undefined).slice(0, MOST_PAIRS);
  for (const [index, { first, second }] of telling.entries()) {
    const cells = [
      { name: first.column.name, cell: first.refused ?? null },
      { name: second.column.name, cell: null },
    ];
    sheet.add({ world: index % worlds, why: 'mixed', odd: cells });
  }
}

function oddCells(
  sheet: Sheet,
  index: number,
): { name: string; cell: SandboxCell; why: RowReason; domain: string | undefined }[] {
  return sheet.wanted.flatMap(({ column, odd, domain, at }) => {
    const name = column.name;
    const cells = odd.map((each) => ({ name, ...each, domain: sheet.isKey(name) ? domain : undefined }));
    if (domain === undefined || domain === 'day' || !canCount(column)) return cells;
    return [...cells, { name, cell: at(NOWHERE + index, 0, 0), why: 'unmatched' as const, domain }];
  });
}

/** The domains that move when a table gets a row with a new key: its own, and the keys of those who refer to it. */
function reach(sheets: readonly Sheet[], sheet: Sheet): Set<string> {
  const domains = new Set(sheet.keyDomains);
  for (let before = -1; before < domains.size; ) {
    before = domains.size;
    for (const other of sheets) {
      if (other.isFree || !other.columns.some(({ domain }) => domain !== undefined && domains.has(domain))) continue;
      for (const domain of other.keyDomains) domains.add(domain);
    }
  }
  return domains;
}
