/** What the code panel lists: source lines, instructions, or both, in the order in which they are shown. */
import type { CodeLineModel, MachineView } from '../../protocol.ts';

export type CodeMode = 'source' | 'both' | 'instructions';

export type CodeRow =
  | { readonly kind: 'source'; readonly file: string; readonly line: number; readonly text: string | undefined }
  | { readonly kind: 'instruction'; readonly line: CodeLineModel }
  | { readonly kind: 'label'; readonly name: string; readonly address: bigint }
  | { readonly kind: 'file'; readonly file: string };

/** Lines between two that have code, which are shown with the second: comments, labels. */
const MOST_BETWEEN = 12;

const rowsOfTexts = new WeakMap<readonly string[], readonly CodeRow[]>();

export function sourceRows(file: string, lines: readonly string[]): readonly CodeRow[] {
  let rows = rowsOfTexts.get(lines);
  if (rows === undefined) {
    rows = lines.map((text, i) => ({ kind: 'source', file, line: i + 1, text }));
    rowsOfTexts.set(lines, rows);
  }
  return rows;
}

export function instructionRows(code: readonly CodeLineModel[]): CodeRow[] {
  return code.flatMap((line): CodeRow[] => {
    const row: CodeRow = { kind: 'instruction', line };
    return line.label === undefined ? [row] : [{ kind: 'label', name: line.label, address: line.address }, row];
  });
}

/** Each source line above its instructions, by address. */
export function mixedRows(
  code: readonly CodeLineModel[],
  linesOf: (file: string) => readonly string[] | undefined,
): CodeRow[] {
  const rows: CodeRow[] = [];
  let file: string | undefined;
  let last = 0;
  for (const line of code) {
    if (line.file !== undefined && line.line !== undefined && (line.file !== file || line.line !== last)) {
      if (line.file !== file) rows.push({ kind: 'file', file: line.file });
      const isNear = line.file === file && line.line > last && line.line - last <= MOST_BETWEEN;
      const texts = linesOf(line.file);
      const first = isNear ? last + 1 : line.line;
      // A label that stands in none of these lines, as where a macro begins.
      if (line.label !== undefined && !texts?.slice(first - 1, line.line).some((text) => isLabel(text, line.label!)))
        rows.push({ kind: 'label', name: line.label, address: line.address });
      for (let number = first; number <= line.line; number++)
        rows.push({ kind: 'source', file: line.file, line: number, text: texts?.[number - 1] });
      [file, last] = [line.file, line.line];
    } else if (line.file === undefined && line.label !== undefined)
      rows.push({ kind: 'label', name: line.label, address: line.address });
    rows.push({ kind: 'instruction', line });
  }
  return rows;
}

/** `.again:` of `_start.again`. */
const isLabel = (text: string, label: string): boolean => {
  const [, name] = /^\s*([\w.$@?]+):/.exec(text) ?? [];
  return name !== undefined && label.endsWith(name);
};

export interface Here {
  readonly index: number;
  readonly pid: number;
  readonly tid: number;
  readonly isSelected: boolean;
}

/** Where each living thread stands: by address, and by `file:line`. */
export function positionsOf(view: MachineView): ReadonlyMap<bigint | string, readonly Here[]> {
  const found = new Map<bigint | string, Here[]>();
  const put = (key: bigint | string, here: Here): void => {
    const list = found.get(key);
    if (list === undefined) found.set(key, [here]);
    else list.push(here);
  };
  for (const [index, { pid, threads }] of view.processes.entries())
    for (const { tid, rip, place } of threads) {
      if (rip === undefined) continue;
      const here = { index, pid, tid, isSelected: tid === view.tid };
      put(rip, here);
      if (place?.file !== undefined) put(`${place.file}:${place.line}`, here);
    }
  return found;
}
