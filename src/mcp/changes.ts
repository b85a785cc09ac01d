/** What clients are told without asking: lists that changed, resources that were updated. @module */

/** One change; the kinds are those of the SDK's `ServerEvent`. */
export type Change =
  | { readonly kind: "tools_list_changed" }
  | { readonly kind: "prompts_list_changed" }
  | { readonly kind: "resources_list_changed" }
  | { readonly kind: "resource_updated"; readonly uri: string };

/** Passes changes on; fits the SDK's `ServerEventBus`. */
export interface Changes {
  publish(change: Change): void;
  subscribe(listener: (change: Change) => void): () => void;
}

/** Changes with nobody listening yet. */
export function createChanges(): Changes {
  const listeners = new Set<(change: Change) => void>();
  return {
    publish(change) {
      for (const listener of [...listeners]) listener(change);
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

/** The same changes without those of the tool list: the meta view's never changes. */
export function withoutToolChanges(changes: Changes): Changes {
  return {
    publish: (change) => changes.publish(change),
    subscribe: (listener) =>
      changes.subscribe((change) => {
        if (change.kind !== "tools_list_changed") listener(change);
      }),
  };
}
