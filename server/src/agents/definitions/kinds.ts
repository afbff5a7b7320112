/** The kinds of agents that ask models, each with an order of its own in Settings. Embeddings are asked like an agent of their own. */

export const EMBEDDINGS = 'embeddings';

export const AGENT_KINDS: readonly { kind: string; title: string }[] = [
  { kind: 'builder', title: 'Builder' },
  { kind: EMBEDDINGS, title: 'Search (embeddings)' },
];
