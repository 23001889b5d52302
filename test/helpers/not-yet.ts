/** Guest programs whose run is not yet what Linux does, and what each waits for. */
export const NOT_YET: Readonly<Record<string, string>> = {};
