/**
 * The panel at the centre of the page: what the selected address leads to in two processes, with all that stands around it.
 * It chooses what to show when the user has not (choice.ts), and follows the run's events until an address is pinned.
 */
import { useSignal } from '@preact/signals';
import type { RefObject } from 'preact';
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { MachineView } from '../../protocol.ts';
import { useMachine } from '../machine-context.ts';
import { Panel } from '../panels/panel.tsx';
import { AddressChoice } from './address-choice.tsx';
import { findChanges } from './changes.ts';
import { chooseAddress, choosePair } from './choice.ts';
import { describePicture } from './describe.ts';
import { Drawing } from './drawing.tsx';
import { layScene, WIDE } from './scene.ts';
import { isArrow, moveFocus, rove, tipOf } from './tips.ts';
import './picture.css';

export function PicturePanel() {
  const machine = useMachine();
  const view = machine.view.value;
  const asText = useSignal(false);
  const svg = useRef<SVGSVGElement>(null);
  const follows = useFollowing();
  return (
    <Panel
      title="Address spaces and frames"
      class="picture-panel"
      aside={
        view !== undefined && (
          <>
            <AddressChoice view={view} follows={follows} />
            <button
              type="button"
              class="quiet"
              aria-pressed={asText.value}
              onClick={() => {
                asText.value = !asText.value;
              }}
            >
              as text
            </button>
          </>
        )
      }
    >
      {view === undefined ? null : asText.value ? <PictureText view={view} /> : <Picture view={view} svg={svg} />}
    </Panel>
  );
}

/** The address that was chosen for the user last: while it is selected, the next one may be chosen. */
function useFollowing() {
  const machine = useMachine();
  const chosen = useSignal<bigint | undefined>(undefined);
  const isPinned = useSignal(false);
  const view = machine.view.value;
  const events = machine.events.value;
  const address = machine.address.value;
  const follows = !isPinned.value && (address === undefined || address === chosen.value);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what the choice follows from is the view, not the address
  useEffect(() => {
    if (view === undefined || !follows || machine.isBusy.value) return;
    const next = chooseAddress(view, events);
    if (next === undefined || next === address) return;
    chosen.value = next;
    machine.select(next);
  }, [view, events, follows]);
  return {
    isOn: follows,
    set: (isOn: boolean): void => {
      isPinned.value = !isOn;
      if (isOn) chosen.value = machine.address.value;
    },
  };
}
export type Following = ReturnType<typeof useFollowing>;

interface PictureProps {
  readonly view: MachineView;
  readonly svg: RefObject<SVGSVGElement | null>;
}

function Picture({ view, svg }: PictureProps) {
  const machine = useMachine();
  const root = useRef<HTMLDivElement>(null);
  const width = useWidth(root);
  const wanted = useSignal<readonly number[]>([]);
  const lit = useSignal<number | undefined>(undefined);
  const opened = useSignal<number | undefined>(undefined);
  const [tip, setTip] = useState<Tip | undefined>(undefined);
  const previous = machine.previous.value;

  const isNarrow = width < WIDE;
  const pair = choosePair(view, wanted.value);
  const processes = isNarrow ? chooseOne(view, pair, wanted.value) : pair;
  const changes = useMemo(() => findChanges(previous, view), [previous, view]);
  const scene = useMemo(
    () => layScene(view, { width: Math.max(width, 320), processes, changes }),
    [view, width, changes, processes.map(({ pid }) => pid).join()],
  );
  const description = useMemo(
    () => describePicture(view, processes).join('\n'),
    [view, processes.map(({ pid }) => pid).join()],
  );
  useScrollToOpened(root, scene.opened, view.address);

  const showTip = (target: EventTarget | null): void => setTip(placeTip(root.current, target));
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it hears of events of its parts, which have roles
    <div
      class="picture"
      ref={root}
      onMouseOver={({ target }) => showTip(target)}
      onMouseLeave={() => setTip(undefined)}
      onFocusIn={({ target }) => {
        showTip(target);
        if (svg.current !== null && target instanceof Element) rove(svg.current, target);
      }}
      onFocusOut={() => setTip(undefined)}
      onKeyDown={(event) => {
        if (event.key === 'Escape') setTip(undefined);
        if (!isArrow(event.key) || svg.current === null || !(event.target instanceof SVGElement)) return;
        if (moveFocus(svg.current, event.target, event.key)) event.preventDefault();
      }}
    >
      {(view.processes.length > 2 || (isNarrow && view.processes.length > 1)) && (
        <PairChoice view={view} shown={processes.map(({ pid }) => pid)} isNarrow={isNarrow} wanted={wanted} />
      )}
      {width > 0 && (
        <Drawing
          view={view}
          scene={scene}
          changes={changes}
          description={description}
          lit={lit.value}
          shownFrame={opened.value}
          comingFrame={undefined}
          svg={svg}
          onSelect={(address, pid) => {
            const owner = view.processes.find((one) => one.pid === pid);
            if (view.tid === 0 && owner !== undefined) return;
            machine.select(address);
          }}
          onOpenFrame={(pfn) => {
            opened.value = opened.value === pfn ? undefined : pfn;
          }}
          onLight={(pfn) => {
            lit.value = pfn;
          }}
        />
      )}
      {tip !== undefined && (
        <div class="picture-tip" role="tooltip" style={{ left: `${tip.x}px`, top: `${tip.y}px` }}>
          {tip.text}
        </div>
      )}
    </div>
  );
}

/** On a narrow screen: the one that was asked for, else the selected one. */
function chooseOne(view: MachineView, pair: ReturnType<typeof choosePair>, wanted: readonly number[]) {
  const one = pair.find(({ pid }) => pid === wanted[0]) ?? pair.find(({ pid }) => pid === view.pid) ?? pair[0];
  return one === undefined ? [] : [one];
}

interface PairChoiceProps {
  readonly view: MachineView;
  readonly shown: readonly number[];
  readonly isNarrow: boolean;
  readonly wanted: { value: readonly number[] };
}

/** Which processes are drawn: two, or on a narrow screen one. A new choice takes the place of the older one. */
function PairChoice({ view, shown, isNarrow, wanted }: PairChoiceProps) {
  return (
    <fieldset class="pair-choice">
      <legend>{isNarrow ? 'Address space of' : 'Side by side'}</legend>
      {view.processes.map(({ pid, stateText, space }) => (
        <button
          key={pid}
          type="button"
          class={`chip${space === undefined ? ' ended' : ''}`}
          aria-pressed={shown.includes(pid)}
          title={stateText}
          onClick={() => {
            if (isNarrow) wanted.value = [pid];
            else if (!shown.includes(pid)) {
              const kept = wanted.value.length > 0 ? wanted.value.at(-1)! : shown[0];
              wanted.value = kept === pid ? [shown[0], pid] : [kept, pid];
            }
          }}
        >
          {pid}
        </button>
      ))}
      {wanted.value.length > 0 && (
        <button
          type="button"
          class="quiet chip"
          onClick={() => {
            wanted.value = [];
          }}
        >
          automatic
        </button>
      )}
    </fieldset>
  );
}

function PictureText({ view }: { readonly view: MachineView }) {
  const lines = describePicture(view, view.processes);
  return (
    <ul class="picture-text">
      {lines.map((line) => (
        <li key={line}>{line}</li>
      ))}
    </ul>
  );
}

interface Tip {
  readonly x: number;
  readonly y: number;
  readonly text: string;
}

const TIP_WIDTH = 288;
function placeTip(root: HTMLElement | null, target: EventTarget | null): Tip | undefined {
  const found = tipOf(target);
  if (found === undefined || root === null) return undefined;
  const [part, whole] = [found.element.getBoundingClientRect(), root.getBoundingClientRect()];
  const x = Math.max(8, Math.min(part.left - whole.left, whole.width - TIP_WIDTH - 8));
  return { x, y: part.bottom - whole.top + 6, text: found.text };
}

function useWidth(ref: { current: HTMLElement | null }): number {
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const element = ref.current!;
    const measure = (): void => setWidth(Math.floor(element.clientWidth));
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return width;
}

/** Another address is selected: its row comes into sight. */
function useScrollToOpened(
  ref: { current: HTMLElement | null },
  opened: { readonly y: number; readonly height: number } | undefined,
  address: bigint | undefined,
): void {
  useEffect(() => {
    const scroller = ref.current?.closest('.panel-body');
    if (!scroller || opened === undefined) return;
    const { scrollTop, clientHeight } = scroller;
    const [top, bottom] = [opened.y - 48, opened.y + opened.height + 16];
    if (top < scrollTop || bottom > scrollTop + clientHeight)
      scroller.scrollTop = Math.max(0, bottom - clientHeight > top ? top : bottom - clientHeight);
  }, [address, opened?.y]);
}
