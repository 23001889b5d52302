/**
 * The text that is edited, in CodeMirror: NASM's colours, line numbers, messages at their lines. It lives as long as the
 * page, so that its history and its place are there again when the panel comes back.
 */
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands';
import { bracketMatching, indentUnit } from '@codemirror/language';
import { lintGutter, type Diagnostic as Mark, setDiagnostics } from '@codemirror/lint';
import { EditorState, type Extension } from '@codemirror/state';
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  keymap,
  lineNumbers,
} from '@codemirror/view';
import type { Diagnostic } from '../../model/tool-messages.ts';
import { nasm } from './nasm-language.ts';

export interface CodeEditorOptions {
  readonly onChange: (text: string) => void;
  readonly onRun: () => void;
  readonly onFocus: () => void;
  /** Of the element that says how to get out of the editor. */
  readonly describedBy: string;
}

const theme = EditorView.theme({
  '&': { height: '100%', fontSize: 'var(--code)', backgroundColor: 'var(--panel)', color: 'var(--fg)' },
  '&.cm-focused': { outline: '2px solid var(--accent)', outlineOffset: '-2px' },
  '.cm-scroller': { fontFamily: 'var(--mono)', lineHeight: '1.55', overflow: 'auto' },
  '.cm-content': { caretColor: 'var(--fg)', paddingBlock: '0.4rem' },
  '.cm-cursor': { borderLeftColor: 'var(--fg)', borderLeftWidth: '2px' },
  '.cm-gutters': { backgroundColor: 'var(--raised)', color: 'var(--soft)', borderRight: '1px solid var(--line)' },
  '.cm-activeLine': { backgroundColor: 'color-mix(in srgb, var(--accent) 6%, transparent)' },
  '.cm-activeLineGutter': { backgroundColor: 'var(--sunken)', color: 'var(--fg)' },
  '.cm-selectionBackground, &.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground': {
    backgroundColor: 'color-mix(in srgb, var(--accent) 24%, transparent)',
  },
  '.cm-matchingBracket, &.cm-focused .cm-matchingBracket': { backgroundColor: 'var(--accent-bg)', outline: 'none' },
  '.cm-tooltip': { backgroundColor: 'var(--panel)', color: 'var(--fg)', border: '1px solid var(--line-strong)' },
  '.cm-diagnostic': { fontFamily: 'var(--sans)', fontSize: 'var(--small)' },
  '.cm-diagnostic-error': { borderLeftColor: 'var(--error)' },
  '.cm-diagnostic-warning': { borderLeftColor: 'var(--cow)' },
  '.cm-lintRange-error': { textDecoration: 'underline wavy var(--error)', backgroundImage: 'none' },
  '.cm-lintRange-warning': { textDecoration: 'underline wavy var(--cow)', backgroundImage: 'none' },
});

export class CodeEditor {
  private readonly _options: CodeEditorOptions;
  private readonly _view: EditorView;

  constructor(options: CodeEditorOptions) {
    this._options = options;
    this._view = new EditorView({ state: this._stateOf('') });
  }

  get element(): HTMLElement {
    return this._view.dom;
  }
  get text(): string {
    return this._view.state.doc.toString();
  }

  /** Another text, with a history of its own. */
  open(text: string): void {
    this._view.setState(this._stateOf(text));
  }

  /** Another text in the place of this one, which can be undone. */
  replace(text: string): void {
    const { doc } = this._view.state;
    this._view.dispatch({ changes: { from: 0, to: doc.length, insert: text } });
  }

  /** Marks lines; notes stand with what they belong to, in the list alone. */
  mark(diagnostics: readonly Diagnostic[]): void {
    const { state } = this._view;
    const marks = diagnostics.flatMap(({ line, severity, text, tool }): Mark[] => {
      if (line === undefined || severity === 'note') return [];
      const { from, to, text: content } = state.doc.line(Math.min(Math.max(1, line), state.doc.lines));
      const indent = content.length - content.trimStart().length;
      return [{ from: from + indent, to, severity, message: text, source: tool }];
    });
    this._view.dispatch(setDiagnostics(state, marks));
  }

  /** A line comes into sight; the cursor stays where it is. */
  reveal(line: number): void {
    const { doc } = this._view.state;
    const { from } = doc.line(Math.min(Math.max(1, line), doc.lines));
    this._view.dispatch({ effects: EditorView.scrollIntoView(from, { y: 'center' }) });
  }

  /** The cursor goes to a line, and the keyboard with it. */
  goTo(line: number): void {
    const { doc } = this._view.state;
    const { from } = doc.line(Math.min(Math.max(1, line), doc.lines));
    this._view.dispatch({ selection: { anchor: from }, effects: EditorView.scrollIntoView(from, { y: 'center' }) });
    this._view.focus();
  }

  private _stateOf(text: string): EditorState {
    const { onChange, onRun, onFocus, describedBy } = this._options;
    const runs = (): boolean => {
      onRun();
      return true;
    };
    const extensions: Extension = [
      lineNumbers(),
      lintGutter(),
      highlightActiveLineGutter(),
      highlightActiveLine(),
      history(),
      drawSelection(),
      bracketMatching(),
      indentUnit.of('    '),
      EditorState.tabSize.of(8),
      nasm(),
      theme,
      // Escape, then Tab leaves the editor: CodeMirror lets the next Tab through.
      keymap.of([
        { key: 'Mod-Enter', run: runs, preventDefault: true },
        ...historyKeymap,
        indentWithTab,
        ...defaultKeymap.filter(({ key }) => key !== 'Mod-Enter'),
      ]),
      EditorView.contentAttributes.of({
        'aria-label': 'Assembly source',
        'aria-describedby': describedBy,
        tabindex: '0',
      }),
      EditorView.updateListener.of((update) => {
        if (update.docChanged) onChange(update.state.doc.toString());
        if (update.focusChanged && update.view.hasFocus) onFocus();
      }),
    ];
    return EditorState.create({ doc: text, extensions });
  }
}
