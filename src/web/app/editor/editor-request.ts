/** The way to the editor from parts of the page that do not load it: the panel comes to the front with this source. */
import { type Signal, signal } from '@preact/signals';
import { layout } from '../layout.ts';
import { findMainSource } from '../share/origin.ts';

export interface EditorRequest {
  /** File name; one of the page's own sources when there is no text. */
  readonly name: string;
  readonly text?: string | undefined;
  readonly line?: number | undefined;
}

export const editorRequest: Signal<EditorRequest | undefined> = signal(undefined);

export function openInEditor(request: EditorRequest): void {
  editorRequest.value = request;
  layout.bring('editor');
}

/** How a program's source file is edited, as a line table names it; undefined: it is included by others, or not at hand. */
export function editRequest(program: Uint8Array, file: string): EditorRequest | undefined {
  if (!layout.shown.value.includes('editor')) return undefined;
  const own = findMainSource(program);
  if (own !== undefined) return file.endsWith(`/${own.name}`) ? own : undefined;
  const name = /^asm\/([^/]+\.asm)$/.exec(file)?.[1];
  return name === undefined ? undefined : { name };
}
