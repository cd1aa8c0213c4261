import type { StateConfig } from '../index.js'

/**
 * Lets every state that alchemy's `S3StateStore` writes go through `uploadState`, and gives its reads
 * the headers that SSE-C needs. The store itself is changed, and returned:
 *
 * ```js
 * import { S3StateStore } from 'alchemy/aws'
 * import { withEncryption } from 'stateseal/alchemy'
 *
 * const app = await alchemy('orders', {
 *   stateStore: (scope) => withEncryption(new S3StateStore(scope, { bucketName: 'acme-state' })),
 * })
 * ```
 *
 * @param config Settings of `uploadState`; they beat those of the store's own S3 client. `stage`
 * defaults to the scope's. The rest of the store (lists, deletes) keeps its client's.
 * @throws StatesealError for something else than such a store, or a setting that is wrong.
 */
export declare function withEncryption<Store extends object>(store: Store, config?: StateConfig): Store
