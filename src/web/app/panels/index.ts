/** What each panel shows. */
import type { FunctionComponent } from 'preact';
import { EditorPanel } from '../editor/editor-panel.tsx';
import { LessonPanel } from '../lesson/lesson-panel.tsx';
import { PicturePanel } from '../picture/picture.tsx';
import { CallsPanel } from './calls.tsx';
import { CodePanel } from './code.tsx';
import { FaultsPanel } from './faults.tsx';
import { MemoryPanel } from './memory.tsx';
import type { PanelId } from './records.ts';
import { RegistersPanel } from './registers.tsx';
import { StackPanel } from './stack.tsx';
import { StopsPanel } from './stops.tsx';
import { TerminalPanel } from './terminal.tsx';

export const PANEL_CONTENTS: Readonly<Record<PanelId, FunctionComponent>> = {
  picture: PicturePanel,
  editor: EditorPanel,
  lesson: LessonPanel,
  code: CodePanel,
  registers: RegistersPanel,
  stack: StackPanel,
  memory: MemoryPanel,
  stops: StopsPanel,
  calls: CallsPanel,
  faults: FaultsPanel,
  terminal: TerminalPanel,
};
