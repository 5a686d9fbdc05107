import { afterEach } from 'vitest';

import { temporaryFolder } from './temporary-folder.ts';

/** Opens stores for the cases of a suite, in a new folder unless one is named, and closes them after each case. */
export function openedStores<Store extends { close(): Promise<void> }>(
  create: (folder: string) => Store | Promise<Store>,
): (folder?: string) => Promise<Store> {
  const open: Store[] = [];
  afterEach(async () => {
    for (const store of open.splice(0)) await store.close();
  });
  return async (folder = temporaryFolder()) => {
    const store = await create(folder);
    open.push(store);
    return store;
  };
}

/** What a store gives back: absent fields are absent, not `undefined`. */
export function asStored<Value>(value: Value): Value {
  return JSON.parse(JSON.stringify(value)) as Value;
}
