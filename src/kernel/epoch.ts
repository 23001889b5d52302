/** What CLOCK_REALTIME shows when a machine starts: 2024-01-01 00:00:00 UTC, in seconds since 1970. */
export const EPOCH = 1_704_067_200;
