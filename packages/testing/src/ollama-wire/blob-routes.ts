import { WireError, type Route } from './http.ts';
import type { ModelStore } from './model-store.ts';

/** `HEAD` and `POST /api/blobs/:digest`. A wrong digest is refused, and yet the content is kept under its true one. */
export function blobRoutes(store: ModelStore): readonly Route[] {
  return [
    {
      method: 'HEAD',
      path: '/api/blobs/:digest',
      answer({ params: { digest = '' } }) {
        if (store.blob(digest) === undefined) throw new WireError(404, `blob '${digest}' not found`);
        return { status: 200 };
      },
    },
    {
      method: 'POST',
      path: '/api/blobs/:digest',
      answer({ params: { digest = '' }, bytes }) {
        if (store.blob(digest) !== undefined) return { status: 200 };
        const actual = store.addBlob(bytes);
        if (actual !== digest) throw new WireError(400, `digest mismatch, expected "${digest}", got "${actual}"`);
        return { status: 201 };
      },
    },
  ];
}
