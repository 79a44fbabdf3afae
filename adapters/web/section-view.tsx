import type { VNode } from 'preact';
import type { Section, Voice } from '../../src/domain/card.js';

type Of<K extends Section['kind']> = Extract<Section, { kind: K }>;

/** One section of a card. Every text is escaped, and nothing from outside becomes a link. */
export function SectionView({ section }: { section: Section }): VNode {
  const view = sectionOf(section);
  if (section.folded !== true) return view;
  return (
    <details class="folded">
      <summary>{summaryOf(section)}</summary>
      {view}
    </details>
  );
}

/** The sections of a card; what is folded side by side is behind one fold. */
export function SectionsView({ sections }: { sections: readonly Section[] }): VNode {
  const runs = runsOf(sections);
  return (
    <>
      {runs.map((run) => (
        <RunView key={JSON.stringify(run[0])} run={run} />
      ))}
    </>
  );
}

function RunView({ run }: { run: Section[] }): VNode {
  const [first] = run;
  if (run.length === 1 && first !== undefined) return <SectionView section={first} />;
  return (
    <details class="folded many">
      <summary>All of it, as it was shown ({run.length} parts)</summary>
      {run.map(({ folded: _, ...section }) => (
        <SectionView key={JSON.stringify(section)} section={section} />
      ))}
    </details>
  );
}

function runsOf(sections: readonly Section[]): Section[][] {
  const runs: Section[][] = [];
  for (const section of sections) {
    const last = runs.at(-1);
    if (section.folded && last?.[0]?.folded) last.push(section);
    else runs.push([section]);
  }
  return runs;
}

function sectionOf(section: Section): VNode {
  switch (section.kind) {
    case 'text':
      return <TextView section={section} />;
    case 'facts':
      return <FactsView section={section} />;
    case 'quote':
      return <QuoteView section={section} />;
    case 'diff':
      return <DiffView section={section} />;
    case 'list':
      return <ListView section={section} />;
    case 'tagged':
      return <TaggedView section={section} />;
    case 'patch':
      return <PatchView section={section} />;
  }
}

function summaryOf(section: Section): string {
  switch (section.kind) {
    case 'text':
      return section.label ?? 'More';
    case 'facts':
      return section.title ?? 'Details';
    case 'quote':
      return 'Quote';
    case 'diff':
    case 'list':
    case 'tagged':
      return section.title;
    case 'patch':
      return `Patch for a person: ${section.file}`;
  }
}

const BOXED: ReadonlySet<Voice> = new Set(['model', 'person', 'outside']);

function TextView({ section }: { section: Of<'text'> }): VNode {
  const label = section.folded === true ? undefined : section.label;
  if (!BOXED.has(section.voice)) {
    return (
      <p class="text">
        {label === undefined ? null : <strong class="lead">{label}. </strong>}
        {section.text}
      </p>
    );
  }
  return (
    <div class={`boxed voice-${section.voice}`}>
      {label === undefined ? null : <p class="label">{label}</p>}
      <p class="words">{section.text}</p>
    </div>
  );
}

function FactsView({ section }: { section: Of<'facts'> }): VNode {
  return (
    <dl class="facts">
      {section.rows.map(({ name, value }) => (
        <div key={`${name} ${value}`}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function QuoteView({ section }: { section: Of<'quote'> }): VNode {
  if (section.struck !== undefined) {
    return (
      <figure class="quote struck">
        <pre>
          <s>{section.text}</s>
        </pre>
        <figcaption>Struck: {section.struck}</figcaption>
      </figure>
    );
  }
  return (
    <figure class="quote">
      <pre>{section.text}</pre>
      <figcaption>
        <span class="supports">{section.supports}</span>
        <span class="source">{section.source}</span>
      </figcaption>
      {section.observation === undefined ? null : (
        <ObservationDetails
          digest={section.observation}
          mark={section.text}
          label="Show it in the tool’s whole answer"
        />
      )}
    </figure>
  );
}

/** The stored answer, fetched when it is opened; without scripts the link leads to it. */
export function ObservationDetails(props: { digest: string; mark?: string; label: string }): VNode {
  const query = props.mark === undefined ? '' : `?${new URLSearchParams({ mark: props.mark })}`;
  const address = `/observations/${props.digest}${query}`;
  return (
    <details class="observation" hx-get={address} hx-trigger="toggle once" hx-target="find .answer" hx-swap="innerHTML">
      <summary>{props.label}</summary>
      <div class="answer">
        <a href={address}>Open the stored answer</a>
      </div>
    </details>
  );
}

function DiffView({ section }: { section: Of<'diff'> }): VNode {
  return (
    <div class="diff">
      {section.folded === true ? null : <h3>{section.title}</h3>}
      <div class="sides">
        <div class="before">
          <p class="label">Before</p>
          <pre>{marked(section.before, section.after, 'del')}</pre>
        </div>
        <div class="after">
          <p class="label">After</p>
          <pre>{marked(section.after, section.before, 'ins')}</pre>
        </div>
      </div>
    </div>
  );
}

/** Lines that the other side does not have are marked, in words of HTML and not by colour alone. */
function marked(text: string, other: string, Tag: 'ins' | 'del'): VNode[] {
  const others = new Set(other.split('\n'));
  return text.split('\n').map((line, at) => (
    <span key={at} class="line">
      {others.has(line) ? line : <Tag>{line}</Tag>}
      {'\n'}
    </span>
  ));
}

function ListView({ section }: { section: Of<'list'> }): VNode {
  const title = section.folded === true ? null : <h3>{section.title}</h3>;
  const numbered = section.items.every((item) => /^\d+\. /.test(item));
  const voice = section.voice === undefined ? '' : ` voice-${section.voice}`;
  return (
    <div class={`items${numbered ? ' numbered' : ''}${voice}`}>
      {title}
      <ul>
        {section.items.map((item) => (
          <li key={item}>{item}</li>
        ))}
      </ul>
    </div>
  );
}

function TaggedView({ section }: { section: Of<'tagged'> }): VNode {
  const { title, tags, rows, more } = section;
  return (
    <div class="items tagged">
      {section.folded === true ? null : <h3>{title}</h3>}
      {tags.length === 0 ? null : (
        <p class="tags">
          <span class="label">Data classes</span> <Tags tags={tags} />
        </p>
      )}
      <ul>
        {rows.map(({ name, tags: own, text }) => (
          <li key={name}>
            <span class="name">{name}</span> <Tags tags={own} />
            <span class="small">{text}</span>
          </li>
        ))}
        {more === 0 ? null : <li class="more">and {more} more</li>}
      </ul>
    </div>
  );
}

function Tags({ tags }: { tags: readonly string[] }): VNode {
  return (
    <>
      {tags.map((tag) => (
        <span key={tag}>
          <span class="tag">{tag}</span>{' '}
        </span>
      ))}
    </>
  );
}

function PatchView({ section }: { section: Of<'patch'> }): VNode {
  return (
    <div class="patch">
      <p class="text">{section.note}</p>
      <pre>
        {section.diff.split('\n').map((line, at) => (
          <span key={at} class={`line ${patchClass(line)}`}>
            {`${line}\n`}
          </span>
        ))}
      </pre>
    </div>
  );
}

function patchClass(line: string): string {
  if (line.startsWith('+++') || line.startsWith('---') || line.startsWith('@@')) return 'head';
  if (line.startsWith('+')) return 'added';
  return line.startsWith('-') ? 'removed' : '';
}
