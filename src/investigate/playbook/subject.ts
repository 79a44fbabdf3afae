import type { CaseFile, TaskFact } from './case-file.js';

/** What an alert is about, as far as the inventory knows it: the DAG is empty where nothing of the alert is in it. */
export interface Subject {
  dag: string;
  task: string | undefined;
  /** The DAG that the alert names and the inventory does not know. */
  stranger: string | undefined;
}

/** Finds DAG and task: named by the alert, or by the table, application, query user or text it carries. */
export function subjectOf(file: CaseFile): Subject {
  const { dag, task } = file.alert;
  if (dag !== undefined && dag !== '') {
    const known = file.pipelines.some((pipeline) => pipeline.dag === dag);
    return { dag, task, stranger: known ? undefined : dag };
  }
  const found = byLabel(file) ?? byText(file);
  if (found !== undefined) return { dag: found.dag, task: task ?? found.id, stranger: undefined };
  const pipeline = file.pipelines.find(({ dag: name }) => says(file.alertLines.join(' '), name));
  return { dag: pipeline?.dag ?? '', task, stranger: undefined };
}

/** Other pipelines that the alert names beside its own, e.g. of several runs that failed together. */
export function namedBeside(file: CaseFile): string[] {
  const { dag } = subjectOf(file);
  const text = [...file.alertLines, ...Object.values(file.alert)].join('\n');
  return file.pipelines
    .map((pipeline) => pipeline.dag)
    .filter((name) => name !== dag && says(text, name))
    .slice(0, 2);
}

/** Labels carry names whole; who writes a table is asked before who reads it. */
function byLabel(file: CaseFile): TaskFact | undefined {
  const values = Object.values(file.alert).filter((value) => value !== '');
  const named = (name: string | undefined): boolean =>
    name !== undefined && values.some((value) => value === name || bare(value) === bare(name));
  return (
    file.tasks.find(({ writes }) => writes.some(named)) ??
    file.tasks.find(({ dag, id }) => named(`${dag}.${id}`)) ??
    file.tasks.find(({ sparkApp, queryUser }) => named(sparkApp) || named(queryUser)) ??
    file.tasks.find(({ dag }) => named(dag)) ??
    file.tasks.find(({ reads }) => reads.some(named))
  );
}

/** The same out of the sentence, where names stand as words. */
function byText(file: CaseFile): TaskFact | undefined {
  const text = file.alertLines.join(' ');
  const told = (name: string | undefined): boolean => name !== undefined && says(text, name);
  return (
    file.tasks.find(({ dag, id }) => told(`${dag}.${id}`)) ??
    file.tasks.find(({ writes }) => writes.some(told)) ??
    file.tasks.find(({ sparkApp, queryUser }) => told(sparkApp) || told(queryUser)) ??
    file.tasks.find(({ dag }) => told(dag)) ??
    file.tasks.find(({ reads }) => reads.some(told))
  );
}

/** A table is the same with and without its catalog or the component before it. */
function bare(name: string): string {
  return name
    .replace(/^[a-z]+:/, '')
    .split('.')
    .slice(-2)
    .join('.');
}

function says(text: string, name: string): boolean {
  if (name.length < 3) return false;
  const at = text.indexOf(name);
  return at !== -1 && !/[\w-]/.test(text[at - 1] ?? ' ') && !/[\w-]/.test(text[at + name.length] ?? ' ');
}
