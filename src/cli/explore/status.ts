/** How `pml4 explore` ends. */
export const STATUS = {
  /** Runs differ, or do not end as expected. */
  different: 1,
  /** Nothing has failed, but not everything was tried that should have been. */
  incomplete: 2,
  /** 128 + SIGINT. */
  interrupted: 130,
} as const;
