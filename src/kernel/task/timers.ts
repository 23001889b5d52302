/**
 * What happens at a time: sleeps, timeouts, timers. A binary heap by time, and by the order of setting among equals, so
 * that many sleepers cost little. kernel/time/hrtimer.c.
 */
export class Timer {
  /** Virtual nanoseconds; undefined when it is not set. */
  at: number | undefined;
  /** Told when it was to expire. */
  readonly expire: (at: number) => void;
  /** In the heap; negative outside it. */
  index = -1;
  /** Which of two equal times was set first. */
  order = 0;

  constructor(expire: (at: number) => void) {
    this.expire = expire;
  }
}

export class Timers {
  private readonly _heap: Timer[] = [];
  private _lastOrder = 0;

  get isEmpty(): boolean {
    return this._heap.length === 0;
  }

  /** The time at which the next one expires. */
  get next(): number | undefined {
    return this._heap[0]?.at;
  }

  /** Sets a timer, also one that is set to another time. It expires once. */
  set(timer: Timer, at: number): void {
    this.cancel(timer);
    timer.at = at;
    timer.order = ++this._lastOrder;
    timer.index = this._heap.length;
    this._heap.push(timer);
    this._rise(timer);
  }

  cancel(timer: Timer): void {
    const { index } = timer;
    timer.at = undefined;
    if (index < 0) return;
    timer.index = -1;
    const last = this._heap.pop()!;
    if (last === timer) return;
    this._place(last, index);
    this._rise(last);
    this._sink(last);
  }

  /** Lets everything expire whose time has come, the earliest first. */
  run(now: number): void {
    for (;;) {
      const first = this._heap[0];
      if (first === undefined || first.at! > now) return;
      const at = first.at!;
      this.cancel(first);
      first.expire(at);
    }
  }

  private _place(timer: Timer, index: number): void {
    this._heap[index] = timer;
    timer.index = index;
  }

  private _rise(timer: Timer): void {
    while (timer.index > 0) {
      const { index } = timer;
      const parent = this._heap[(index - 1) >> 1];
      if (!isBefore(timer, parent)) return;
      this._place(timer, parent.index);
      this._place(parent, index);
    }
  }

  private _sink(timer: Timer): void {
    for (;;) {
      const { index } = timer;
      let child = this._heap[2 * index + 1];
      if (child === undefined) return;
      const right = this._heap[2 * index + 2];
      if (right !== undefined && isBefore(right, child)) child = right;
      if (!isBefore(child, timer)) return;
      this._place(timer, child.index);
      this._place(child, index);
    }
  }
}

const isBefore = (x: Timer, y: Timer): boolean => x.at! < y.at! || (x.at === y.at && x.order < y.order);
