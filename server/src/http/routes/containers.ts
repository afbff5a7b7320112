/** Containers over HTTP: one more, and another name. What a person has is in /api/me. */
import { z } from 'zod';
import { containerSchema, createContainerSchema, patchContainerSchema } from '../../../../contract/accounts.ts';
import { addContainer, renameContainer } from '../../accounts/organisations.ts';
import { AppError } from '../../errors.ts';
import type { Api, Platform } from '../app.ts';
import { accessOf } from '../plugins/access.ts';

const tags = ['containers'];

export function containerRoutes(api: Api, platform: Platform): void {
  const { db, accessSet, registration } = platform;

  /** The container as the person has it now, whatever was cached. */
  async function shown(sessionId: string, id: string) {
    accessSet.heard(`session ${sessionId}`);
    const found = (await accessSet.of(sessionId))?.containers.find((container) => container.id === id);
    if (!found) throw new AppError('container_not_found', 'missing', 'There is no such container.');
    const { organisationId: _, ...container } = found;
    return container;
  }

  api.post(
    '/api/containers',
    {
      config: { permission: 'owner' },
      schema: {
        tags,
        description:
          'A whole environment of its own: repository, databases, addresses, keys, limits and people. It serves when its state is `ready`.',
        body: createContainerSchema,
        response: { 201: containerSchema },
      },
    },
    async (request, reply) => {
      const { user, sessionId } = accessOf(request);
      const id = await addContainer(db, registration.keyring, user, request.body.name);
      return reply.code(201).send(await shown(sessionId, id));
    },
  );

  api.patch(
    '/api/containers/:id',
    {
      config: { permission: 'signed-in' },
      schema: {
        tags,
        params: z.object({ id: z.uuid() }),
        body: patchContainerSchema,
        response: { 200: containerSchema },
      },
    },
    async (request) => {
      const { containers, sessionId } = accessOf(request);
      const container = containers.find(({ id }) => id === request.params.id);
      if (!container) throw new AppError('container_not_found', 'missing', 'There is no such container.');
      await renameContainer(db, container, request.body.name);
      return shown(sessionId, container.id);
    },
  );
}
