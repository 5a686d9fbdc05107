import { InputError } from '@skillrl/core';

/** Banks of a store's items are named so, with the tenant's name behind: no recall and no learning reads them. */
export const storeBankPrefix = 'langgraph-store:';
/** Banks of a vector store's documents, likewise. */
export const documentBankPrefix = 'langchain-documents:';

/** A tenant of such a name would read what belongs to another. @throws {InputError} `NAMESPACE_RESERVED` */
export function refuseReserved(namespace: string): void {
  const prefix = [storeBankPrefix, documentBankPrefix].find((reserved) => namespace.startsWith(reserved));
  if (prefix === undefined) return;
  throw new InputError({
    code: 'NAMESPACE_RESERVED',
    message: `A tenant cannot be named '${namespace}': names that begin with '${prefix}' are kept for what apps store.`,
  });
}
