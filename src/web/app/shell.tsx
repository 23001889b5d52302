/**
 * The whole page: what is open and what moves it at the top, panels below. On a wide screen all groups of panels stand side
 * by side, on a narrow one a single panel, the picture first.
 */
import { useEffect, useState } from 'preact/hooks';
import { Controls } from './controls.tsx';
import { listenToKeys } from './keys.ts';
import { KeysDialog } from './keys-dialog.tsx';
import { type Bar, layout } from './layout.ts';
import { Invitation } from './lesson/invitation.tsx';
import { useMachine } from './machine-context.ts';
import { OpenMenu } from './open-menu.tsx';
import { OwnProgram } from './own-program/own-program.tsx';
import { PANEL_CONTENTS } from './panels/index.ts';
import { type GroupId, PANELS } from './panels/records.ts';
import { PageLink } from './share/page-link.tsx';
import { ShareButton } from './share/share-button.tsx';
import { Splitter } from './splitter.tsx';
import { StatusLine } from './status-line.tsx';
import { Tabs } from './tabs.tsx';
import { ThemeButton } from './theme.tsx';
import { Timeline } from './timeline.tsx';
import { ToolDialogs } from './tools/tool-dialogs.tsx';
import { ToolsMenu } from './tools/tools-menu.tsx';
import './shell.css';

const LABELS: Readonly<Record<GroupId, string>> = {
  left: 'Program',
  centre: 'Picture',
  right: 'State of the process',
  events: 'Events',
  terminal: 'Terminal',
};

const NARROW = '(max-width: 719px)';

export function Shell() {
  const machine = useMachine();
  const [showsKeys, setShowsKeys] = useState(false);
  const isNarrow = useMedia(NARROW);
  useEffect(() => listenToKeys(machine, () => setShowsKeys(true)), [machine]);
  const { value: isEmbedded } = layout.isEmbedded;
  const has = (bar: Bar): boolean => layout.bars.value.includes(bar);
  return (
    <div class={`shell${isNarrow ? ' narrow' : ''}${isEmbedded ? ' embedded' : ''}`}>
      <header class="top">
        {isEmbedded ? (
          <PageLink />
        ) : (
          <>
            <h1 class="brand">pml4</h1>
            <OpenMenu />
            <OwnProgram />
            <ToolsMenu />
          </>
        )}
        {(has('status') || machine.notice.value !== undefined) && <StatusLine />}
        {!isEmbedded && (
          <div class="tools">
            <ShareButton />
            <ThemeButton />
            <button
              type="button"
              class="quiet"
              title="Keyboard shortcuts (?)"
              aria-label="Keyboard shortcuts"
              onClick={() => setShowsKeys(true)}
            >
              <kbd>?</kbd>
            </button>
          </div>
        )}
      </header>
      {(has('controls') || has('timeline')) && (
        <div class="run-bar">
          {has('controls') && <Controls />}
          {has('timeline') && <Timeline />}
        </div>
      )}
      {!isEmbedded && <Invitation />}
      <main class="groups">{isNarrow ? <NarrowPanels /> : <WidePanels />}</main>
      <ToolDialogs />
      {showsKeys && <KeysDialog onClose={() => setShowsKeys(false)} />}
    </div>
  );
}

/** Groups without a panel on this page have no place, and no gap to be moved. */
function WidePanels() {
  const has = (id: GroupId): boolean => layout.frontOf(id) !== undefined;
  const isUpper = has('left') || has('centre') || has('right');
  const isLower = has('events') || has('terminal');
  // A lesson has the whole height: its text, its question and the answer stay in sight together.
  const isTall = has('centre') && layout.panelsOf('left').includes('lesson');
  const left = (
    <>
      <Group id="left" />
      {has('left') && has('centre') && <Splitter gap="left" />}
    </>
  );
  const rows = (
    <>
      {isUpper && (
        <div class={`upper${has('centre') ? '' : ' even'}`}>
          {!isTall && left}
          <Group id="centre" />
          {has('right') && has('centre') && <Splitter gap="right" />}
          <Group id="right" />
        </div>
      )}
      {isUpper && isLower && <Splitter gap="bottom" />}
      {isLower && (
        <div class={`lower${isUpper ? '' : ' alone'}`}>
          <Group id="events" />
          <Group id="terminal" />
        </div>
      )}
    </>
  );
  if (!isTall) return rows;
  return (
    <div class="tall">
      {left}
      <div class="tall-rest">{rows}</div>
    </div>
  );
}

function Group({ id }: { readonly id: GroupId }) {
  const front = layout.frontOf(id);
  if (front === undefined) return null;
  const Content = PANEL_CONTENTS[front];
  return (
    <Tabs
      class={`group ${id}`}
      label={LABELS[id]}
      tabs={layout.panelsOf(id).map((panel) => ({ id: panel, title: PANELS[panel].title }))}
      front={front}
      onSelect={(panel) => layout.bring(panel)}
    >
      <Content />
    </Tabs>
  );
}

function NarrowPanels() {
  const shown = layout.there;
  const front = shown.includes(layout.narrow.value) ? layout.narrow.value : shown[0];
  if (front === undefined) return null;
  const Content = PANEL_CONTENTS[front];
  return (
    <Tabs
      class="group only"
      label="Panels"
      tabs={shown.map((panel) => ({ id: panel, title: PANELS[panel].title }))}
      front={front}
      onSelect={(panel) => layout.bring(panel)}
    >
      <Content />
    </Tabs>
  );
}

function useMedia(query: string): boolean {
  const [list] = useState(() => matchMedia(query));
  const [matches, setMatches] = useState(list.matches);
  useEffect(() => {
    const onChange = (): void => setMatches(list.matches);
    list.addEventListener('change', onChange);
    return () => list.removeEventListener('change', onChange);
  }, [list]);
  return matches;
}
