/** The tools that are dialogs of their own: loaded when they are opened first. */
import type { FunctionComponent } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { openTool } from './tools.ts';

type DialogProps = { readonly onClose: () => void };

const LOADERS: Readonly<Record<NonNullable<typeof openTool.value>, () => Promise<FunctionComponent<DialogProps>>>> = {
  compare: async () => (await import('../compare/compare-dialog.tsx')).CompareDialog,
  explore: async () => (await import('../explore/explore-dialog.tsx')).ExploreDialog,
  story: async () => (await import('../story/story-dialog.tsx')).StoryDialog,
};

export function ToolDialogs() {
  const [loaded, setLoaded] = useState<{ readonly Content: FunctionComponent<DialogProps> } | undefined>();
  const id = openTool.value;
  // biome-ignore lint/correctness/useExhaustiveDependencies: a signal's value, which another render brings
  useEffect(() => {
    setLoaded(undefined);
    if (id === undefined) return;
    let isWanted = true;
    const load = LOADERS[id];
    void load().then((Content) => isWanted && setLoaded({ Content }));
    return () => {
      isWanted = false;
    };
  }, [id]);
  if (id === undefined || loaded === undefined) return null;
  return (
    <loaded.Content
      onClose={() => {
        openTool.value = undefined;
      }}
    />
  );
}
