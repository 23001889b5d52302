/** Copies the link to what the page shows, and shows the link in the address bar, too. */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { UsageError } from '../../../base/invariant.ts';
import { useMachine } from '../machine-context.ts';
import { formatLink } from './link.ts';
import { linkOf } from './link-of.ts';
import { pageUrl } from './page-link.tsx';
import './share.css';

const SHOWN_MS = 4000;

export function ShareButton() {
  const machine = useMachine();
  const outcome = useSignal('');
  useEffect(() => {
    if (outcome.value === '') return undefined;
    const timer = setTimeout(() => {
      outcome.value = '';
    }, SHOWN_MS);
    return () => clearTimeout(timer);
  }, [outcome, outcome.value]);
  const copy = async (): Promise<void> => {
    try {
      const url = pageUrl(formatLink(await linkOf(machine)));
      // No hashchange follows, so that nothing is opened again.
      history.replaceState(null, '', url);
      outcome.value = (await isCopied(url)) ? 'Link copied' : 'The link is in the address bar';
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      outcome.value = error.message;
    }
  };
  return (
    <div class="share">
      <button type="button" class="quiet" title="Copy a link to exactly this state" onClick={() => void copy()}>
        <svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false">
          <path d="M6.5 9.5a3 3 0 0 0 4.3.2l2.2-2.2a3 3 0 0 0-4.200-4.200l-.9.9M9.5 6.5a3 3 0 0 0-4.3-.2L3 8.5a3 3 0 0 0 4.200 4.200l.9-.9" />
        </svg>
        <span class="share-title">Copy link</span>
      </button>
      <span class={`share-outcome${outcome.value === '' ? '' : ' shown'}`} role="status">
        {outcome.value}
      </span>
    </div>
  );
}

/** False: the browser does not let the page. */
async function isCopied(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
