/** In a frame: the way to the whole page, at what the frame shows. The link is made when it is used. */
import { useMachine } from '../machine-context.ts';
import { formatLink } from './link.ts';
import { linkOf } from './link-of.ts';

export function PageLink() {
  const machine = useMachine();
  return (
    <a
      class="brand"
      href={pageUrl('')}
      target="_blank"
      rel="noopener"
      title="Open the whole page here (a new tab)"
      onClick={async (event) => {
        event.preventDefault();
        // At once, since browsers open a tab only while they handle the click.
        const tab = open('about:blank', '_blank');
        const fragment = await linkOf(machine).then(formatLink, () => '');
        if (tab !== null) {
          tab.opener = null;
          tab.location.replace(pageUrl(fragment));
        }
      }}
    >
      pml4
    </a>
  );
}

export const pageUrl = (fragment: string): string => {
  const url = new URL(document.baseURI);
  url.hash = fragment;
  return url.href;
};
