/** What this browser keeps of the page for the next time. It may refuse: then nothing is kept, and nothing breaks. */
const PREFIX = 'pml4.';

export function remembered(name: string): string | undefined {
  try {
    return localStorage.getItem(PREFIX + name) ?? undefined;
  } catch {
    return undefined;
  }
}

/** Undefined: it is forgotten. */
export function remember(name: string, value: string | undefined): void {
  try {
    if (value === undefined) localStorage.removeItem(PREFIX + name);
    else localStorage.setItem(PREFIX + name, value);
  } catch {
    // A page without storage works, too.
  }
}
