/** The way to the editor from parts of the page that do not load it: the panel comes to the front with this source. */
import { type Signal, signal } from '@preact/signals';
import { layout } from '../layout.ts';

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
