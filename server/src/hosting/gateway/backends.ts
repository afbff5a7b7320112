/** What the gateway needs of whatever answers for an address. Implemented by previews and releases (hosting/routes.ts). */
import type { Agent } from 'node:http';
import type { Socket } from 'node:net';
import type { Access } from '../../accounts/access-set.ts';
import type { Address } from './addresses.ts';

export interface Backend {
  /** who the identity header is for */
  audience: string;
  /** the person's role in the app */
  role: string;
  /** keep-alive connections to the instance that serves now */
  agent: Agent;
  connect(): Promise<Socket>;
  /** counts a request that is under way, so that a drain waits for it and an idle instance sleeps; call the result when it is over */
  enter(): () => void;
}

export interface Backends {
  /**
   * The backend of an address for a person; wakes it and waits until it answers.
   * @returns undefined when there is none or the person may not see it: both answer 404
   * @throws AppError `unavailable` when it does not come up, with the reason in plain words
   */
  open(address: Address, access: Access, options: { wake: boolean }): Promise<Backend | undefined>;
  /** whether the person may still see it: asked for open sockets when permissions change */
  mayStill(address: Address, access: Access): Promise<boolean>;
}
