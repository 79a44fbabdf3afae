import type { Section } from '../../src/domain/card.js';

/** Without the rows that only the clock changes: where they stand, each minute would cost an edit, or what is shown would be wrong soon. */
export function steadySections(sections: readonly Section[]): Section[] {
  return sections.map((section) =>
    section.kind === 'facts' ? { ...section, rows: section.rows.filter(({ passing }) => passing !== true) } : section,
  );
}
