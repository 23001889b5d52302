/** What the picture's panel keeps: how wide it is, what it follows, which step of a fault it shows, and what is in sight. */
import { type Signal, useSignal } from '@preact/signals';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import type { MachineView } from '../../protocol.ts';
import { hidesFuture } from '../future.ts';
import { useMachine } from '../machine-context.ts';
import { chooseAddress } from './choice.ts';
import { type Around, type FaultEvent, findFault, movesTo, type StageId } from './stages.ts';

export interface Following {
  readonly isOn: boolean;
  readonly set: (isOn: boolean) => void;
}

/** The selection follows the events as long as nobody has selected another address, or pinned this one. */
export function useFollowing(): Following {
  const machine = useMachine();
  const chosen = useSignal<bigint | undefined>(undefined);
  const isPinned = useSignal(false);
  const view = machine.view.value;
  const events = machine.events.value;
  const address = machine.address.value;
  // Another program begins with nothing selected.
  const isOn = address === undefined || (!isPinned.value && address === chosen.value);
  const isBusy = machine.isBusy.value;
  useEffect(() => {
    if (view === undefined || !isOn || isBusy) return;
    const next = chooseAddress(view, events);
    if (next === undefined || next === address) return;
    chosen.value = next;
    isPinned.value = false;
    machine.select(next);
  }, [view, events, isOn, isBusy, address, machine, chosen, isPinned]);
  return {
    isOn,
    set: (wanted) => {
      isPinned.value = !wanted;
      if (wanted) chosen.value = machine.address.value;
    },
  };
}

export interface Stages {
  readonly event: FaultEvent;
  readonly actual: StageId;
  readonly stage: StageId;
  /** Undefined: it has not been asked for. */
  readonly around: Around | undefined;
  readonly isWaiting: boolean;
  readonly show: (stage: StageId) => void;
}

/** The states around the fault that the machine stands at are fetched when somebody asks for another step. */
export function useStages(view: MachineView | undefined): Stages | undefined {
  const machine = useMachine();
  const shown = useSignal<{ readonly view: MachineView; readonly stage: StageId } | undefined>(undefined);
  const known = useSignal<{ readonly number: number; readonly course: number; readonly around: Around } | undefined>(
    undefined,
  );
  const waitsFor = useSignal<number | undefined>(undefined);
  const events = machine.events.value;
  const found = view === undefined ? undefined : findFault(view, events);
  if (view === undefined || found === undefined) return undefined;
  const { event } = found;
  // It is what somebody is asked about.
  if (hidesFuture.value && event.number > view.position.event) return undefined;
  const isKnown = known.value?.number === event.number && known.value.course === view.course;
  const around = isKnown ? known.value?.around : undefined;
  const isHere = shown.value !== undefined && isSamePlace(shown.value.view, view);
  const show = async (stage: StageId): Promise<void> => {
    shown.value = { view, stage };
    if (around !== undefined || waitsFor.value === event.number) return;
    waitsFor.value = event.number;
    const { before, after, done } = movesTo(event);
    const query = { tid: event.tid, address: event.detail.address };
    try {
      known.value = await machine.ask(async (session) => ({
        number: event.number,
        course: view.course,
        around: {
          before: (await session.lookAhead(before, query)).view,
          after: (await session.lookAhead(after, query)).view,
          done: (await session.lookAhead(done, query)).view,
        },
      }));
    } catch (error) {
      shown.value = undefined;
      machine.message.value = error instanceof Error ? error.message : String(error);
    }
    waitsFor.value = undefined;
  };
  return {
    event,
    actual: found.stage,
    stage: isHere && around !== undefined ? shown.value!.stage : found.stage,
    around,
    isWaiting: waitsFor.value === event.number,
    show: (stage) => void show(stage),
  };
}

const isSamePlace = (a: MachineView, b: MachineView): boolean =>
  a.course === b.course && a.position.event === b.position.event && a.position.instruction === b.position.instruction;

interface Ref<T> {
  readonly current: T | null;
}

export function useWidth(ref: Ref<HTMLElement>): Signal<number> {
  const width = useSignal(0);
  useLayoutEffect(() => {
    const element = ref.current!;
    const measure = (): void => {
      width.value = Math.floor(element.clientWidth);
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, [ref, width]);
  return width;
}

const AREA_HEAD = 38;
/** When another address is selected, its row comes into sight, below what stays at the top. */
export function useInSight(
  ref: Ref<HTMLElement>,
  address: bigint | undefined,
  top: number,
  height: number,
  margin: number,
): void {
  useLayoutEffect(() => {
    const scroller = ref.current;
    if (scroller === null || address === undefined || height === 0) return;
    const { scrollTop, clientHeight } = scroller;
    const last = top + height + 12;
    // With the head of its area, if there is room for it.
    const first = last - (top - margin - AREA_HEAD) <= clientHeight ? top - margin - AREA_HEAD : top - margin;
    if (first >= scrollTop && last <= scrollTop + clientHeight) return;
    scroller.scrollTop = Math.max(0, last - clientHeight > first ? first : last - clientHeight);
  }, [ref, address, top, height, margin]);
}

const SWIPE_PIXELS = 56;

/** A finger that goes sideways: 1 for the next one, which comes from the right, -1 for the one before. */
export function useSwipe(onSwipe: (by: 1 | -1) => void) {
  const start = useRef<{ readonly x: number; readonly y: number } | undefined>(undefined);
  return {
    onTouchStart: ({ touches }: TouchEvent): void => {
      start.current = touches.length === 1 ? { x: touches[0].clientX, y: touches[0].clientY } : undefined;
    },
    onTouchEnd: ({ changedTouches: [end] }: TouchEvent): void => {
      if (start.current === undefined || end === undefined) return;
      const [dx, dy] = [end.clientX - start.current.x, end.clientY - start.current.y];
      if (Math.abs(dx) > SWIPE_PIXELS && Math.abs(dx) > 2 * Math.abs(dy)) onSwipe(dx < 0 ? 1 : -1);
    },
  };
}

/**
 * Whether the pointer has moved since the last view came: what slides under a pointer that rests was not pointed at, though
 * the browser tells of it as if it were.
 */
export function useMovedPointer(view: MachineView, onView: () => void): (event: MouseEvent) => boolean {
  const last = useRef({ x: -1, y: -1 });
  const resting = useRef({ x: -1, y: -1 });
  useEffect(() => {
    const onMove = ({ clientX: x, clientY: y }: MouseEvent): void => {
      last.current = { x, y };
    };
    document.addEventListener('mousemove', onMove, { capture: true, passive: true });
    return () => document.removeEventListener('mousemove', onMove, { capture: true });
  }, []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the view is what it follows from
  useLayoutEffect(() => {
    resting.current = last.current;
    onView();
  }, [view]);
  return ({ clientX, clientY }) => clientX !== resting.current.x || clientY !== resting.current.y;
}
