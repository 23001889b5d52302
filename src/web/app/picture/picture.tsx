/**
 * The panel at the centre of the page: what the selected address leads to in two processes, with all that stands around it.
 * It chooses what to show when the user has not (choice.ts), and follows the run's events until an address is pinned.
 */
import { type Signal, useComputed, useSignal } from '@preact/signals';
import type { RefObject } from 'preact';
import { useRef } from 'preact/hooks';
import type { MachineView } from '../../protocol.ts';
import { hidesFuture } from '../future.ts';
import { useMachine } from '../machine-context.ts';
import { Panel } from '../panels/panel.tsx';
import { AddressChoice } from './address-choice.tsx';
import { findChanges } from './changes.ts';
import { chooseOne, choosePair } from './choice.ts';
import { describePicture } from './describe.ts';
import { FrameDetails } from './details.tsx';
import { Drawing } from './drawing.tsx';
import { saveFile, standaloneSvg } from './export.ts';
import { useFollowing, useInSight, useMovedPointer, useStages, useSwipe, useWidth } from './hooks.ts';
import { PairChoice } from './pair-choice.tsx';
import { layScene } from './scene.ts';
import { HEADER, WIDE } from './scene-model.ts';
import { changesOf, comingFrame, describeStage, remarkOf, viewBefore, viewOf } from './stages.ts';
import { Stepper } from './stepper.tsx';
import { isArrow, moveFocus, rove, type Tip, tipAt } from './tips.ts';
import './picture.css';
import './drawing.css';

export function PicturePanel() {
  const machine = useMachine();
  const view = machine.view.value;
  const asText = useSignal(false);
  const svg = useRef<SVGSVGElement>(null);
  const follows = useFollowing();
  if (view === undefined) return <Panel title="Address spaces and frames">{null}</Panel>;
  const save = (): void => {
    if (svg.current === null) return;
    const { position, processes } = view;
    const title = `${machine.spec.value?.path ?? 'program'} at event ${position.event}, instruction ${position.instruction}`;
    const name = `${processes[0].comm}-event-${position.event}.svg`;
    saveFile(
      name,
      'image/svg+xml',
      standaloneSvg(svg.current, title, describePicture(view, processes, !hidesFuture.value).join('\n')),
    );
  };
  return (
    <Panel
      title="Address spaces and frames"
      class="picture-panel"
      aside={
        <>
          <AddressChoice view={view} follows={follows} />
          <button
            type="button"
            class="quiet"
            aria-pressed={asText.value}
            title="The picture in words"
            onClick={() => {
              asText.value = !asText.value;
            }}
          >
            as text
          </button>
          <button type="button" class="quiet" title="Save the picture as a file" disabled={asText.value} onClick={save}>
            save SVG
          </button>
        </>
      }
    >
      {asText.value ? <PictureText view={view} /> : <Picture view={view} svg={svg} />}
    </Panel>
  );
}

interface PictureProps {
  readonly view: MachineView;
  readonly svg: RefObject<SVGSVGElement | null>;
}

function Picture({ view: now, svg }: PictureProps) {
  const machine = useMachine();
  const root = useRef<HTMLDivElement>(null);
  const scroller = useRef<HTMLDivElement>(null);
  const width = useWidth(scroller);
  const wanted = useSignal<readonly number[]>([]);
  const lit = useSignal<number | undefined>(undefined);
  const opened = useSignal<number | undefined>(undefined);
  const tip = useSignal<Tip | undefined>(undefined);
  const stages = useStages(now);
  const hasMoved = useMovedPointer(now, () => {
    tip.value = undefined;
  });

  const isElsewhere = stages?.around !== undefined && stages.stage !== stages.actual;
  const view = isElsewhere ? viewOf(stages.stage, stages.around!) : now;
  const previous = isElsewhere ? viewBefore(stages.stage, stages.around!) : machine.previous.value;
  const coming = isElsewhere && stages.stage === 'frame' ? comingFrame(stages.event, stages.around!) : undefined;

  const isNarrow = width.value < WIDE;
  const pair = choosePair(view, wanted.value);
  const processes = isNarrow ? chooseOne(view, pair, wanted.value) : pair;
  const changes =
    stages !== undefined && !isElsewhere && stages.actual === 'entry'
      ? changesOf(stages.event, view)
      : findChanges(previous, view);
  const scene = layScene(view, { width: Math.max(width.value, 320), processes, changes, coming });
  useInSight(scroller, view.address, scene.opened?.y ?? 0, scene.opened?.height ?? 0, HEADER);

  const swipe = useSwipe((by) => {
    const pids = now.processes.map(({ pid }) => pid);
    const next = pids[pids.indexOf(processes[0]?.pid) + by] as number | undefined;
    if (isNarrow && next !== undefined) wanted.value = [next];
  });
  const frame = view.frames.find(({ pfn }) => pfn === opened.value);
  const point = (target: EventTarget | null): void => {
    tip.value = tipAt(root.current, target);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions lint/a11y/useKeyWithMouseEvents: it hears of events of its parts
    <div
      class="picture"
      ref={root}
      onMouseOver={(event) => hasMoved(event) && point(event.target)}
      onMouseLeave={() => point(null)}
      onFocusIn={({ target }) => {
        point(target);
        if (svg.current !== null && target instanceof Element) rove(svg.current, target);
      }}
      onFocusOut={() => point(null)}
      onKeyDown={(event) => {
        if (event.key === 'Escape') point(null);
        if (!isArrow(event.key) || svg.current === null || !(event.target instanceof SVGElement)) return;
        if (moveFocus(svg.current, event.target, event.key)) event.preventDefault();
      }}
    >
      {(now.processes.length > 2 || (isNarrow && now.processes.length > 1)) && (
        <PairChoice view={now} shown={processes.map(({ pid }) => pid)} isNarrow={isNarrow} wanted={wanted} />
      )}
      {stages !== undefined && (
        <Stepper
          event={stages.event}
          stage={stages.stage}
          actual={stages.actual}
          hidesLater={hidesFuture.value}
          text={describeStage(stages.event, stages.stage, stages.around?.after ?? now)}
          isWaiting={stages.isWaiting}
          onStage={stages.show}
        />
      )}
      <div class="picture-scroll" ref={scroller} {...swipe}>
        {width.value > 0 && (
          <Drawing
            view={view}
            scene={scene}
            changes={changes}
            description={describePicture(view, processes, !hidesFuture.value).join('\n')}
            lit={lit.value}
            shownFrame={opened.value}
            comingFrame={coming?.frame.pfn}
            remark={stages && { pid: stages.event.pid, ...remarkOf(stages.event, stages.stage) }}
            svg={svg}
            onSelect={(address) => {
              tip.value = undefined;
              machine.select(address);
            }}
            onOpenFrame={(pfn) => {
              tip.value = undefined;
              opened.value = opened.value === pfn ? undefined : pfn;
            }}
            onLight={(pfn) => {
              lit.value = pfn;
            }}
          />
        )}
      </div>
      {frame !== undefined && (
        <FrameDetails
          view={view}
          frame={frame}
          changed={changes.bytes.get(frame.pfn)}
          onClose={() => {
            opened.value = undefined;
            svg.current?.querySelector<SVGElement>(`[data-opens="${frame.pfn}"]`)?.focus();
          }}
        />
      )}
      <TipBox tip={tip} />
    </div>
  );
}

/** By itself, so that pointing somewhere draws nothing else anew. */
function TipBox({ tip }: { readonly tip: Signal<Tip | undefined> }) {
  const style = useComputed(() =>
    tip.value === undefined ? {} : { left: `${tip.value.x}px`, top: `${tip.value.y}px` },
  );
  if (tip.value === undefined) return null;
  return (
    <div class="picture-tip" role="tooltip" style={style.value}>
      {tip.value.text}
    </div>
  );
}

function PictureText({ view }: { readonly view: MachineView }) {
  return (
    <ul class="picture-text">
      {describePicture(view, view.processes, !hidesFuture.value).map((line) => (
        <li key={line}>{line}</li>
      ))}
    </ul>
  );
}
