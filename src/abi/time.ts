/** Clocks of clock_gettime(2) and clock_nanosleep(2): linux/time.h. */
export const CLOCK_REALTIME = 0;
export const CLOCK_MONOTONIC = 1;
export const CLOCK_PROCESS_CPUTIME_ID = 2;
export const CLOCK_THREAD_CPUTIME_ID = 3;
export const CLOCK_MONOTONIC_RAW = 4;
export const CLOCK_REALTIME_COARSE = 5;
export const CLOCK_MONOTONIC_COARSE = 6;
export const CLOCK_BOOTTIME = 7;
export const CLOCK_REALTIME_ALARM = 8;
export const CLOCK_BOOTTIME_ALARM = 9;
export const CLOCK_TAI = 11;
export const CLOCK_NAMES: readonly string[] = [
  'CLOCK_REALTIME', 'CLOCK_MONOTONIC', 'CLOCK_PROCESS_CPUTIME_ID', 'CLOCK_THREAD_CPUTIME_ID', 'CLOCK_MONOTONIC_RAW',
  'CLOCK_REALTIME_COARSE', 'CLOCK_MONOTONIC_COARSE', 'CLOCK_BOOTTIME', 'CLOCK_REALTIME_ALARM', 'CLOCK_BOOTTIME_ALARM',
  'CLOCK_SGI_CYCLE', 'CLOCK_TAI',
]; // biome-ignore format: a list
export const TIMER_ABSTIME = 1;
/** struct sigevent, and what a timer does: timer_create(2). */
export const SIGEVENT_BYTES = 64;
export const SIGEV_SIGNAL = 0;
export const SIGEV_NONE = 1;
export const SIGEV_THREAD = 2;
export const SIGEV_THREAD_ID = 4;
export const SIGEV_NAMES: Readonly<Record<number, string>> = {
  [SIGEV_SIGNAL]: 'SIGEV_SIGNAL',
  [SIGEV_NONE]: 'SIGEV_NONE',
  [SIGEV_THREAD]: 'SIGEV_THREAD',
  [SIGEV_THREAD_ID]: 'SIGEV_THREAD_ID',
};
export const ITIMER_NAMES = ['ITIMER_REAL', 'ITIMER_VIRTUAL', 'ITIMER_PROF'] as const;

/** In place of nanoseconds: the time it is, or leave it as it is. utimensat(2). */
export const UTIME_NOW = 0x3fff_ffff;
export const UTIME_OMIT = 0x3fff_fffe;

/** A moment: seconds since 1970, and nanoseconds of the second. */
export interface Timestamp {
  readonly seconds: number;
  readonly nanoseconds: number;
}
