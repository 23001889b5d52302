/** What the user has written, kept in the browser by the source's name. A browser may refuse to keep anything. */
const PREFIX = 'pml4.source.';
const LAST = 'pml4.last-source';

export interface Draft {
  readonly name: string;
  readonly text: string;
}

export function keepDraft({ name, text }: Draft): void {
  attempt(() => {
    localStorage.setItem(PREFIX + name, text);
    localStorage.setItem(LAST, name);
  });
}

export function forgetDraft(name: string): void {
  attempt(() => localStorage.removeItem(PREFIX + name));
}

export function findDraft(name: string): string | undefined {
  return attempt(() => localStorage.getItem(PREFIX + name)) ?? undefined;
}

/** Says what was open when the page was left. */
export function noteOpen(name: string): void {
  attempt(() => localStorage.setItem(LAST, name));
}

export function lastOpen(): string | undefined {
  return attempt(() => localStorage.getItem(LAST)) ?? undefined;
}

/** Names of all that were changed, or are of the user's own. */
export function draftNames(): string[] {
  const keys = attempt(() => Object.keys(localStorage)) ?? [];
  return keys.flatMap((key) => (key.startsWith(PREFIX) ? [key.slice(PREFIX.length)] : [])).sort();
}

function attempt<T>(act: () => T): T | undefined {
  try {
    return act();
  } catch {
    return undefined;
  }
}
